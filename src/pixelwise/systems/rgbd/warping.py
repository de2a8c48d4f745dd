"""Views of a room looked at from one keyframe."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pixelwise.ops.cameras import sights, warped
from pixelwise.systems.rgbd.scenes import View

TAU_M = 0.1  # by which depths may differ where two views see one point


@dataclass(frozen=True, slots=True)
class Seen:
    """Where the pixels of a keyframe lie in several views, the keyframe itself first.

    Attributes:
        places: `(y, x)` in each view.
        valid: Whether the view sees what the keyframe does there.
    """

    places: Float[Tensor, "v h w 2"]
    valid: Bool[Tensor, "v h w"]


def from_keyframe(key: View, others: Sequence[View], *, occlusion: bool = True) -> Seen:
    """Where the keyframe's pixels lie in itself and in other views.

    Args:
        key: The keyframe. It sees all of itself, also where its depth is not known.
        others: The other views.
        occlusion: Whether a view must measure the depth that a point has from there.
    """
    looked = [
        sights(key.camera, key.depth, view.camera, view.depth if occlusion else None, slack=TAU_M)
        for view in others
    ]
    rows, columns = key.depth.shape
    own = torch.stack(
        torch.meshgrid(torch.arange(rows) + 0.5, torch.arange(columns) + 0.5, indexing="ij"), dim=2
    )
    everywhere = torch.ones(rows, columns, dtype=torch.bool)
    return Seen(
        torch.stack([own, *(places for places, _ in looked)]),
        torch.stack([everywhere, *(valid for _, valid in looked)]),
    )


def warped_scores(scores: Float[Tensor, "v k h w"], seen: Seen) -> Float[Tensor, "v 1 k h w"]:
    """The scores of each view, looked up where the keyframe's pixels lie in it."""
    return warped(scores, seen.places)[:, None]


def agreement(predicted: Int[Tensor, "v h w"], views: Sequence[View]) -> float:
    """How often two neighbouring views say the same of a point that both see."""
    alike = both = 0
    for number in range(len(views) - 1):
        places, valid = sights(
            views[number].camera,
            views[number].depth,
            views[number + 1].camera,
            views[number + 1].depth,
            slack=TAU_M,
        )
        rows, columns = places[valid].floor().long().unbind(1)
        alike += int((predicted[number][valid] == predicted[number + 1][rows, columns]).sum())
        both += int(valid.sum())
    return alike / max(1, both)
