"""How well single views and fused ones are labelled, and how far views agree."""

from collections.abc import Sequence
from statistics import fmean

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pixelwise.engine.predict import predict_logits
from pixelwise.metrics.confusion import Tally, confusion_counts, mean_iou, winners
from pixelwise.systems.rgbd.fusion import WAYS, Way, fused
from pixelwise.systems.rgbd.learning import bands, nearest
from pixelwise.systems.rgbd.scenes import CLASSES, View
from pixelwise.systems.rgbd.warping import agreement, from_keyframe, warped_scores
from pixelwise.workflows.teach import CPU

FUSED_VIEWS = 5


def judge(net: nn.Module, rooms: Sequence[tuple[View, ...]], *, depth: bool = True) -> dict[str, float]:
    """Mean IoU of views alone and of views fused with their neighbours, and how far views agree.

    Args:
        net: In evaluation mode.
        rooms: Held out.
        depth: Whether it is given the depth.
    """
    counts: dict[str, Tensor] = {}
    agreed: dict[str, list[float]] = {"agreement": [], "agreement_fused": []}
    for room in rooms:
        logits = predict_logits(net, torch.stack([bands(view, depth=depth) for view in room]), CPU, None)
        together = fused_labels(logits, room)
        agreed["agreement"].append(agreement(winners(logits), room))
        agreed["agreement_fused"].append(agreement(together["bayesian"], room))
        labels = torch.stack([view.labels for view in room])
        _add(counts, "mean_iou", winners(logits), labels)
        for name, found in together.items():
            _add(counts, name, found, labels)
    scores = {name: float(mean_iou(Tally(count))) for name, count in counts.items()}
    return scores | {name: fmean(each) for name, each in agreed.items()}


def label_keyframe(
    net: nn.Module, key: View, others: Sequence[View], *, way: Way = "bayesian"
) -> Int[Tensor, "h w"]:
    """Labels of a keyframe, from what a network says of it and of other views of the same place.

    Args:
        net: Says logits of colours and depth; in evaluation mode.
        key: The keyframe.
        others: Photographs of what it shows, with depth and pose; none is fine.
        way: How they are fused.
    """
    logits = predict_logits(net, torch.stack([bands(view) for view in (key, *others)]), CPU, None)
    seen = from_keyframe(key, others)
    return winners(fused(warped_scores(logits, seen), seen.valid[:, None], way))[0]


def fused_labels(logits: Float[Tensor, "v k h w"], room: Sequence[View]) -> dict[str, Int[Tensor, "v h w"]]:
    """Labels of every view of a room, each fused with its nearest neighbours, by the way of fusing."""
    found: dict[str, list[Tensor]] = {way: [] for way in WAYS}
    for key in range(len(room)):
        chosen = nearest(len(room), key, FUSED_VIEWS)
        seen = from_keyframe(room[key], [room[number] for number in chosen[1:]])
        looked = warped_scores(logits[chosen], seen)
        for way in WAYS:
            found[way].append(winners(fused(looked, seen.valid[:, None], way))[0])
    return {way: torch.stack(labels) for way, labels in found.items()}


def _add(counts: dict[str, Tensor], name: str, found: Tensor, labels: Tensor) -> None:
    number = confusion_counts(found, labels, len(CLASSES)).sum(0)
    counts[name] = counts[name] + number if name in counts else number
