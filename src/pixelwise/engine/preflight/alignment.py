"""Whether image and labels go the same way through every random change."""

from collections.abc import Callable, Sequence

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.sample import Sample
from pixelwise.engine.preflight.findings import Finding

Augment = Callable[[Sample, Generator], Sample]

AGREEING = 0.75  # least share of the label edges that must lie on an edge of the image
DRAWS = 8
_DARK, _BRIGHT = 0.25, 0.75
_SIDE = 128  # rows and columns of the drawn image
_BLOB = 12  # pixels from one blob to the next
_STEEP = 0.2  # of the image's range, within three pixels: an edge
_FEWEST = 30  # label pixels on edges, below which a draw tells nothing


def alignment(
    changes: Sequence[tuple[str, Augment]],
    *,
    bands: int,
    num_classes: int,
    exclusive: bool,
    draws: int = DRAWS,
) -> list[Finding]:
    """Send an image that shows its own labels through each change, and compare their edges.

    Changes of colour and light leave edges where they are. A change that mirrors the image and not the
    labels, or mixes labels, is a fault, for a model can only learn noise from it.

    Args:
        changes: Name and function of each.
        bands: Of the drawn image.
        num_classes: The highest class index is drawn, so that mixed labels show.
        exclusive: Whether labels are class indices, or planes.
        draws: How often each change is tried.

    Returns:
        One finding for each change that is at fault; one that all is well where none is.

    Reference:
        "Image Segmentation: An In-Depth Guide" mirrors images inside its first model, where labels do not
        go: half of its training pairs contradict themselves.
    """
    drawn = _drawn(bands, num_classes, exclusive)
    faults = [fault for name, change in changes if (fault := _fault(name, change, drawn, draws)) is not None]
    if faults or not changes:
        return faults or [Finding("alignment", "fine", "no random changes, so nothing can come apart.")]
    named = ", ".join(name for name, _ in changes)
    return [Finding("alignment", "fine", f"image and labels stay together through {named}.")]


def _drawn(bands: int, num_classes: int, exclusive: bool) -> Sample:
    """Bright blobs on dark ground, of no symmetry, and what they are."""
    rng = Generator().manual_seed(0)
    coarse = torch.randn(1, 1, _SIDE // _BLOB, _SIDE // _BLOB, generator=rng)
    hills = F.interpolate(coarse, (_SIDE, _SIDE), mode="bicubic")[0, 0]
    blobs = hills > hills.median()
    image = torch.where(blobs, _BRIGHT, _DARK).expand(bands, _SIDE, _SIDE).clone()
    labels = blobs.long() * max(1, num_classes - 1) if exclusive else blobs.float().repeat(num_classes, 1, 1)
    return Sample(image, labels, "a drawn image")


def _fault(name: str, change: Augment, drawn: Sample, draws: int) -> Finding | None:
    for draw in range(draws):
        changed = change(drawn, Generator().manual_seed(draw))
        saying = _contradiction(drawn, changed)
        if saying is not None:
            return Finding(
                "alignment",
                "fault",
                f"augmentation {name!r}: {saying}",
                f"mend {name!r} so that one drawing of chance serves image and labels, or take it out of "
                "data.augmentations.",
            )
    return None


def _contradiction(drawn: Sample, changed: Sample) -> str | None:
    """What is wrong with a changed sample, if anything."""
    if changed.labels is None or drawn.labels is None:
        return "it takes the labels away."
    if not changed.image.isfinite().all():
        return "it makes pixels that are no numbers."
    labels = changed.labels
    if labels.is_floating_point():
        blobs, counts = labels[-1] > 0.5, labels[-1] >= 0
    else:
        counts = labels != IGNORE_INDEX
        found = labels[counts].unique().tolist()
        if len(found) > 2:
            return f"it mixes labels: classes 0 and {int(drawn.labels.max())} went in, {found} came out."
        blobs = labels == max([*found, 1])
    met = _met(changed.image, blobs, counts)
    if met is None or met >= AGREEING:
        return None
    mended = _as_if(changed.image, blobs, counts)
    return f"only {met:.0%} of the edges of the labels lie on edges of the image{mended}."


def _met(image: Tensor, blobs: Tensor, counts: Tensor) -> float | None:
    """Share of the label edges that lie on an edge of the image; None where there are hardly any."""
    inside, outside, nowhere = (
        _around(mask.float()[None]) > 0 for mask in (blobs & counts, ~blobs & counts, ~counts)
    )
    edges = (inside & outside & ~nowhere)[0]
    if int(edges.sum()) < _FEWEST:
        return None
    values = image[:, counts]
    span = (values.amax(1) - values.amin(1)).clamp(min=1e-6)[:, None, None]
    steep = ((_around(image) + _around(-image)) / span).amax(0) > _STEEP
    return float((edges & steep).sum() / edges.sum())


def _around(values: Tensor) -> Tensor:
    return F.max_pool2d(values[None], 3, 1, 1)[0]


def _as_if(image: Tensor, blobs: Tensor, counts: Tensor) -> str:
    """What would have to be done to the labels, where that is simple."""
    simple = {
        "mirrored left to right": (2,),
        "mirrored top to bottom": (1,),
        "turned upside down": (1, 2),
    }
    for words, axes in simple.items():
        both = torch.stack([blobs, counts]).flip(axes)
        if (_met(image, both[0], both[1]) or 0.0) >= AGREEING:
            return f"; all would fit if the labels were {words}"
    return ""
