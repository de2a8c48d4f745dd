"""Panoptic quality: how many segments are found, and how well they are covered."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

_MATCH = 0.5  # above it, at most one segment can match another


@dataclass(frozen=True, slots=True)
class Quality:
    """Of each class, in [0, 1]; NaN for a class without any segment, true or predicted.

    Attributes:
        panoptic: Segmentation times recognition quality.
        segmentation: Mean IoU of the matched segments; 0 where none is matched.
        recognition: F1 of finding segments.
    """

    panoptic: Float[Tensor, " k"]
    segmentation: Float[Tensor, " k"]
    recognition: Float[Tensor, " k"]


def panoptic_counts(
    predicted: Int[Tensor, "h w"],
    predicted_instances: Int[Tensor, "h w"],
    labels: Int[Tensor, "h w"],
    instances: Int[Tensor, "h w"],
    num_classes: int,
    *,
    crowd: Bool[Tensor, "h w"] | None = None,
) -> Float[Tensor, "k 4"]:
    """Sum of IoU, matches, inventions and misses of each class in one image; adds up over a data set.

    A segment is all pixels of one class and one instance number; stuff has one number throughout. Segments
    of one class match where their IoU, without pixels that are truly void, is above one half. A predicted
    segment of which more than half lies in void or crowds of its class is not held against anybody.

    Args:
        predicted: Class of each pixel; anything but 0 to `num_classes - 1` is void.
        predicted_instances: Number of the segment within its class, zero or more.
        labels: As `predicted`.
        instances: As `predicted_instances`.
        num_classes: Of things and stuff together.
        crowd: Pixels of several things that were labelled as one; they match nothing and are not missed.

    Reference:
        Kirillov et al., "Panoptic Segmentation", 2019, arXiv:1801.00868, equation 1 and section 4.1; void
        and crowds as in COCO's panopticapi, of which we keep the rule but not that a crowd hides all
        earlier ones of its class.
    """
    crowds = torch.zeros_like(labels, dtype=torch.bool) if crowd is None else crowd
    found = _Segments(predicted, predicted_instances, num_classes)
    true = _Segments(labels, instances.where(~crowds, -1), num_classes)  # a class's crowds are one segment
    rows, columns = len(true.classes), len(found.classes)
    pairs = true.of_pixel * columns + found.of_pixel
    overlap = pairs.bincount(minlength=rows * columns).view(rows, columns)
    void, is_crowd = true.classes == num_classes, true.numbers < 0
    area, found_area, in_void = overlap.sum(1, keepdim=True), overlap.sum(0), overlap[void].sum(0)
    iou = overlap.double() / (area + found_area - overlap - in_void)
    same = true.classes[:, None] == found.classes
    matched = same & (iou > _MATCH) & ~(is_crowd | void)[:, None]
    in_crowds = (overlap * (same & is_crowd[:, None])).sum(0)
    excused = in_void + in_crowds > _MATCH * found_area
    sums = (
        (true, iou.where(matched, 0.0).sum(1)),
        (true, matched.sum(1)),
        (found, ~matched.any(0) & ~excused),
        (true, ~matched.any(1) & ~is_crowd),
    )
    of_class = [of.classes.bincount(one.double(), minlength=num_classes + 1) for of, one in sums]
    return torch.stack(of_class, dim=1)[:-1]  # void is last


def quality(counts: Float[Tensor, "k 4"]) -> Quality:
    """Panoptic quality and its two factors, of sums over a data set.

    The mean over classes is that of the numbers that are not NaN: `quality(counts).panoptic.nanmean()`;
    that over things alone is the same of the things' rows.
    """
    iou, matches, invented, missed = counts.unbind(1)
    weight = matches + (invented + missed) / 2
    segmentation = (iou / matches).nan_to_num(0.0).where(weight > 0, torch.nan)
    return Quality(iou / weight, segmentation, matches / weight)


class _Segments:
    """The segments of an image, numbered.

    Attributes:
        of_pixel: Number of its segment, for each pixel.
        classes: Class of each segment; `num_classes` for void, which is one segment.
        numbers: Instance number of each segment.
    """

    def __init__(self, classes: Tensor, instances: Tensor, num_classes: int) -> None:
        known = (classes >= 0) & (classes < num_classes)
        pairs = torch.stack([classes.where(known, num_classes), instances.where(known, 0)]).flatten(1)
        segments, of_pixel = torch.unique(pairs, dim=1, return_inverse=True)
        self.of_pixel = of_pixel
        self.classes, self.numbers = segments[0].long(), segments[1]
