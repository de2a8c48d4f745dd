"""How well single views and fused ones are labelled, and how far views agree."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pixelwise.engine.predict import predict_logits
from pixelwise.metrics.confusion import Tally, confusion_counts, mean_iou, winners
from pixelwise.systems.rgbd.fusion import WAYS, fused
from pixelwise.systems.rgbd.learning import bands, nearest
from pixelwise.systems.rgbd.scenes import CLASSES, View
from pixelwise.systems.rgbd.warping import agreement, from_keyframe, warped_scores
from pixelwise.workflows.teach import CPU

FUSED_VIEWS = 5


def judge(net: nn.Module, rooms: Sequence[tuple[View, ...]], *, depth: bool = True) -> dict[str, float]:
    """Mean IoU of each view alone, and as a keyframe fused with its neighbours in each way; and the agreement.

    Args:
        net: In evaluation mode.
        rooms: Held out.
        depth: Whether it is given the depth.
    """
    counts: dict[str, Tensor] = {}
    agreed: list[float] = []
    for room in rooms:
        logits = predict_logits(net, torch.stack([bands(view, depth=depth) for view in room]), CPU, None)
        agreed.append(agreement(winners(logits), room))
        labels = torch.stack([view.labels for view in room])
        _add(counts, "mean_iou", winners(logits), labels)
        for name, found in fused_labels(logits, room).items():
            _add(counts, name, found, labels)
    scores = {name: float(mean_iou(Tally(count))) for name, count in counts.items()}
    return scores | {"agreement": sum(agreed) / len(agreed)}


def fused_labels(
    logits: Float[Tensor, "v k h w"], room: Sequence[View]
) -> dict[str, Int[Tensor, "v h w"]]:
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
