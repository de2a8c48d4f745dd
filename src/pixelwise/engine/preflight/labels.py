"""What becomes of the labels on their way from the files to the model."""

from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import listing
from pixelwise.engine.preflight.findings import Finding

_FAR = 4.0  # times: a share that changed more was changed by the augmentations
_MUCH = 0.5  # share of pixels that do not count, above which most of the work is for nothing
_CHECK = "labels"


def label_counts(labels: Iterable[Tensor], num_classes: int) -> Int[Tensor, " k2"]:
    """Pixels of each class, then those that are no class of these, then those that do not count.

    Args:
        labels: Class indices or planes, of one image or several. A plane's pixel counts once for each
            plane, as its class where it is above one half.
        num_classes: How many there are.
    """
    counts = torch.zeros(num_classes + 2, dtype=torch.int64)
    for each in labels:
        if each.is_floating_point():
            planes = each.flatten(0, -4) if each.dim() > 4 else each.reshape(-1, *each.shape[-3:])
            counts[:num_classes] += (planes > 0.5).sum((0, 2, 3)).cpu()
            counts[-1] += int((planes < 0).sum())
            continue
        ignored = each == IGNORE_INDEX
        counts[-1] += int(ignored.sum())
        told = each[~ignored]
        known = told[(told >= 0) & (told < num_classes)]
        counts[-2] += told.numel() - known.numel()
        counts[:num_classes] += torch.bincount(known, minlength=num_classes).cpu()
    return counts


def labels_kept(
    before: Int[Tensor, " k2"], after: Int[Tensor, " k2"], names: Sequence[str], pixels: int
) -> list[Finding]:
    """Compare the labels of the same images as they were read and as they are learnt from.

    Args:
        before: `label_counts` of the images as read.
        after: Those of the windows that training shows of them.
        names: Of the classes.
        pixels: How many labels `after` was counted from.
    """
    was, now = before[: len(names)].tolist(), after[: len(names)].tolist()
    told = [*_strangers(int(before[-2] + after[-2]), len(names)), *_unseen(was, now, names)]
    shares = [part[: len(names)].double() / part[: len(names)].sum().clamp(min=1) for part in (before, after)]
    moved = [
        f"{name} from {one:.2%} to {other:.2%}"
        for name, one, other in zip(names, shares[0].tolist(), shares[1].tolist(), strict=True)
        if one and other and max(one / other, other / one) > _FAR
    ]
    if moved:
        saying = f"the random changes alter how often classes occur: {listing(moved)}."
        advice = "look at data.crop, data.zoom and data.augmentations: evaluation sees the first share."
        told.append(Finding(_CHECK, "warning", saying, advice))
    if after[-1] > _MUCH * pixels:
        saying = f"{int(after[-1]) / max(1, pixels):.0%} of the pixels learnt from do not count."
        advice = "make data.crop no larger than the images, and look whether the masks are nearly empty."
        told.append(Finding(_CHECK, "warning", saying, advice))
    if told:
        return told
    seen = ", ".join(f"{name} {share:.1%}" for name, share in zip(names, shares[1].tolist(), strict=True))
    return [Finding(_CHECK, "fine", f"every class is seen about as often as in the files: {seen}.")]


def _strangers(number: int, num_classes: int) -> list[Finding]:
    if not number:
        return []
    saying = f"{number} pixels hold labels that are none of the {num_classes} classes."
    advice = "name every value in the label contract, or write those that do not count as ignored."
    return [Finding(_CHECK, "fault", saying, advice)]


def _unseen(was: Sequence[int], now: Sequence[int], names: Sequence[str]) -> list[Finding]:
    told: list[Finding] = []
    absent = [name for name, number in zip(names, was, strict=True) if not number]
    lost = [name for name, one, other in zip(names, was, now, strict=True) if one and not other]
    if absent:
        saying = f"no pixel of {listing(absent)} was found in the images looked at."
        advice = "a class that is never seen is never learnt: label it, or take it out of the classes."
        told.append(Finding(_CHECK, "warning", saying, advice))
    if lost:
        saying = f"{listing(lost)} was in the images and not in the windows shown of them."
        told.append(Finding(_CHECK, "warning", saying, "enlarge data.crop, or lower data.zoom."))
    return told
