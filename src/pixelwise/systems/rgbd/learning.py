"""A FuseNet taught view by view, or by several views of one keyframe at a time."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.core.sample import Batch
from pixelwise.engine.budget import Steps
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.ops.heads import Auxiliary, Heads, Said, logits_of, loss_of_heads
from pixelwise.systems.rgbd.fusion import Way, fused
from pixelwise.systems.rgbd.network import small
from pixelwise.systems.rgbd.scenes import CLASSES, View
from pixelwise.systems.rgbd.warping import Seen, from_keyframe, warped_scores
from pixelwise.workflows.teach import fresh, teach

Lesson = Literal["single", "augment", "bayesian", "average", "max"]

BANDS = 4  # red, green, blue, depth
_RIDING = 3  # row, column, and whether it is seen: behind the bands of each view
_FAR = 4.0  # metres that depth is divided by
_IMAGES, _TOGETHER = 9, 3  # of a step, and of a keyframe in it
_LR = 5e-3


@final
class Together(nn.Module):
    """A network that says of a keyframe what several views say of it together.

    Where the pixels of the keyframe lie in each view rides behind the bands of that view.

    Args:
        net: Says logits of one view, or heads.
        way: `augment`: each view answers for itself by the keyframe's truth; where it does not see what the
            keyframe does, the keyframe answers. Else they are fused and answer together.

    Reference:
        Ma, Stückler, Kerl & Cremers, 2017, arXiv:1703.08866, sections III-C and III-D.
    """

    def __init__(self, net: nn.Module, way: Way | Literal["augment"]) -> None:
        super().__init__()
        self.net = net
        self.way: Way | Literal["augment"] = way

    def forward(self, images: Float[Tensor, "b views_and_bands h w"]) -> Said:
        """Logits of the keyframes."""
        views = images.unflatten(1, (-1, BANDS + _RIDING)).transpose(0, 1)
        number, batch = views.shape[:2]
        said = self.net(views[:, :, :BANDS].flatten(0, 1))
        scores = logits_of(said)
        places = views[:, :, BANDS : BANDS + 2].flatten(0, 1).permute(0, 2, 3, 1)
        seen = views[:, :, -1] > 0
        looked = warped_scores(scores, Seen(places, seen.flatten(0, 1))).view(
            number, batch, *scores.shape[1:]
        )
        own = (
            tuple(Auxiliary(head.of, head.scores[:batch], head.weight) for head in said.auxiliary)
            if isinstance(said, Heads)
            else ()
        )
        if self.way != "augment":
            together = fused(looked, seen, self.way)
            return Heads(together, own) if own else together
        key = looked[0]
        others = (
            Auxiliary("classes", scores.where(there[:, None], key), 1.0)
            for scores, there in zip(looked[1:], seen[1:], strict=True)
        )
        return Heads(key, (*own, *others))


def taught(
    rooms: Sequence[tuple[View, ...]],
    lesson: Lesson,
    *,
    steps: int,
    seed: int,
    depth: bool = True,
    scales: bool = False,
) -> nn.Module:
    """A small FuseNet after its training, in evaluation mode.

    Args:
        rooms: What it learns from.
        lesson: View by view, or several views of a keyframe at a time; steps show the same number of images.
        steps: How long.
        seed: Of weights and order.
        depth: Whether it is given the depth; else that band is empty.
        scales: Whether coarser logits are learnt too.
    """
    net = fresh(partial(small, BANDS, len(CLASSES), scales=scales), seed)
    chance = torch.Generator().manual_seed(seed)
    if lesson == "single":
        model, flow = net, single_batches(rooms, chance, depth=depth)
    else:
        model, flow = Together(net, lesson), keyframe_batches(rooms, chance, depth=depth)
    teach(model, partial(loss_of_heads, cross_entropy), flow, Steps(steps), lr=_LR, schedule="cosine")
    return net.eval()


def single_batches(
    rooms: Sequence[tuple[View, ...]], chance: torch.Generator, *, depth: bool
) -> Iterator[Batch]:
    """Endless batches of single views."""
    views = [view for room in rooms for view in room]
    while True:
        chosen = [views[number] for number in torch.randint(len(views), (_IMAGES,), generator=chance)]
        images = torch.stack([bands(view, depth=depth) for view in chosen])
        yield Batch(images, torch.stack([view.labels for view in chosen]), ("view",) * _IMAGES)


def keyframe_batches(
    rooms: Sequence[tuple[View, ...]], chance: torch.Generator, *, depth: bool
) -> Iterator[Batch]:
    """Endless batches of keyframes, each with its neighbours and where its pixels lie in them."""
    looked: dict[tuple[int, int], Tensor] = {}
    number = _IMAGES // _TOGETHER
    while True:
        images: list[Tensor] = []
        labels: list[Tensor] = []
        for room in torch.randint(len(rooms), (number,), generator=chance).tolist():
            key = int(torch.randint(len(rooms[room]), (), generator=chance))
            if (room, key) not in looked:
                looked[room, key] = _keyframe(rooms[room], key, depth=depth)
            images.append(looked[room, key])
            labels.append(rooms[room][key].labels)
        yield Batch(torch.stack(images), torch.stack(labels), ("keyframe",) * number)


def nearest(number: int, key: int, most: int) -> list[int]:
    """The keyframe and its nearest neighbours among so many views, nearest first."""
    return sorted(range(number), key=lambda other: abs(other - key))[:most]


def bands(view: View, *, depth: bool = True) -> Float[Tensor, "4 h w"]:
    """Colours and depth in one image, the depth of the wall at about one."""
    felt = view.felt / _FAR if depth else torch.zeros_like(view.felt)
    return torch.cat([view.image, felt[None]])


def _keyframe(room: tuple[View, ...], key: int, *, depth: bool) -> Float[Tensor, "c h w"]:
    """The bands of a keyframe and its neighbours, each with where the keyframe's pixels lie in it."""
    views = [room[number] for number in nearest(len(room), key, _TOGETHER)]
    seen = from_keyframe(views[0], views[1:])
    riding = torch.cat([seen.places.permute(0, 3, 1, 2), seen.valid[:, None]], dim=1).float()
    shown = torch.stack([bands(view, depth=depth) for view in views])
    return torch.cat([shown, riding], dim=1).flatten(0, 1)
