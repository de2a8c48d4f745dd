"""CamVid at a third of its size: real data on which an experiment takes minutes on a processor."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from pixelwise.core.errors import DataError
from pixelwise.core.sample import Sample
from pixelwise.data.augmentations.flip import flip
from pixelwise.data.loader import Stream
from pixelwise.data.reader import Reader
from pixelwise.data.readers.camvid import camvid
from pixelwise.data.resize import resize
from pixelwise.data.store import Store
from pixelwise.engine.budget import Budget
from pixelwise.engine.train import LossFunction
from pixelwise.models._standardise import standardised
from pixelwise.models.unet import unet
from pixelwise.workflows.teach import fresh, score, teach

_WIDTHS = (16, 32, 64, 128)
_MEAN, _STD = (0.42, 0.43, 0.44), (0.3, 0.3, 0.3)  # about those of the training images


@dataclass(frozen=True, slots=True)
class Streets:
    """CamVid's 11 classes, reduced.

    Attributes:
        reader: The frames.
        device: Where networks learn.
        size: Rows and columns that frames and masks are brought to.
    """

    reader: Reader
    device: torch.device
    size: tuple[int, int] = (120, 160)

    def store(self, split: str, label: Callable[[Sample], Tensor] | None = None) -> Store:
        """The frames of a split, their labels replaced where `label` makes others of the small masks."""

        def prepared(sample: Sample) -> Sample:
            small = resize(sample, self.size)
            return small if label is None else replace(small, labels=label(small))

        return Store(self.reader, self.reader.splits[split], prepare=prepared)

    def learned(self, store: Store, loss: LossFunction, budget: Budget, *, seed: int) -> nn.Module:
        """A light U-Net that learned a store's frames, mirrored at random."""
        build = partial(unet, 3, len(self.reader.classes), width=_WIDTHS, norm="batch")
        model = fresh(lambda: standardised(build(), _MEAN, _STD), seed, self.device)
        stream = Stream(store, batch_size=8, seed=seed, augmentations=(flip,), ahead=0)
        teach(model, loss, stream.batches(), budget, schedule="poly", device=self.device)
        return model

    def score(self, model: nn.Module, store: Store) -> float:
        """Mean IoU over the frames, at the reduced size."""
        return score(model, store, device=self.device, batch_size=16)


def open_streets(folder: Path) -> Streets:
    """CamVid in a folder, on a GPU where there is one.

    Raises:
        DataError: If the folder cannot be read, or its lists name no frames to learn from and to test on.
    """
    reader = camvid(folder, classes=11)
    missing = [name for name in ("train", "test") if not reader.splits.get(name)]
    if missing:
        found = ", ".join(reader.splits) or "no splits"
        raise DataError(
            f"{folder} names no frames for {' and '.join(missing)}. Found {found}. Add the lists train.txt "
            "and test.txt."
        )
    return Streets(reader, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
