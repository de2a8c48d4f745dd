"""Whether an image reaches the model alike in training and in prediction."""

from collections.abc import Iterable

import torch
from torch import Tensor

from pixelwise.engine.preflight.findings import Finding


def sameness(pairs: Iterable[tuple[str, Tensor, Tensor]]) -> Finding:
    """Compare images as they are learnt from with the same images as prediction reads them, to the bit.

    Args:
        pairs: Name, image of training before its random changes, image of prediction.
    """
    looked = 0
    for name, learnt, predicted in pairs:
        looked += 1
        if learnt.shape != predicted.shape:
            saying = f"{name} is {tuple(learnt.shape)} in training and {tuple(predicted.shape)} in prediction"
        elif not torch.equal(learnt, predicted):
            apart = float((learnt - predicted).abs().max())
            share = float((learnt != predicted).float().mean())
            saying = f"{name} differs between them by up to {apart:.3g} in {share:.1%} of its values"
        else:
            continue
        advice = "convert the images to plain files with the bands wanted, and use these for both."
        return Finding("preparation", "warning", f"{saying} (bands, rows, columns).", advice)
    if not looked:
        return Finding(
            "preparation", "untried", "the samples are no files, so prediction cannot be compared."
        )
    return Finding(
        "preparation", "fine", f"{looked} images are read alike in training and prediction, to the bit."
    )
