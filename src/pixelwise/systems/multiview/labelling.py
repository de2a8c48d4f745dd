"""Label a few points in space once, and get every photograph that sees them labelled."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pixelwise.core.errors import DataError, raise_faults
from pixelwise.systems.multiview.cameras import Camera
from pixelwise.systems.multiview.cells import means, superpixels, touching
from pixelwise.systems.multiview.expansion import alpha_expansion
from pixelwise.systems.multiview.links import Strength, linked, tracks_of

_VOTE = 5.0  # what it costs a cell not to have the class of a point in it


@dataclass(frozen=True, slots=True)
class View:
    """A photograph, and how it was taken.

    Attributes:
        image: In 0..1.
        camera: Of the image's rows and columns.
        depth: How far each pixel looks, in the unit of the points, where it is known: points behind it are
            hidden.
    """

    image: Float[Tensor, "c h w"]
    camera: Camera
    depth: Float[Tensor, "h w"] | None = None


def label_views(
    views: Sequence[View],
    points: Float[Tensor, "n 3"],
    labels: Int[Tensor, " n"],
    num_classes: int,
    *,
    seen: Bool[Tensor, "v n"] | None = None,
    side: int = 8,
    strength: Strength | None = None,
) -> list[Int[Tensor, "h w"]]:
    """Class of each pixel of every view, told by labelled points.

    Each view is cut into superpixels; a point votes for its class in the superpixel it falls into, in
    every view that sees it, and ties those superpixels together. Alpha expansion fills the rest. What
    lies at no distance, such as the sky, is labelled by points far away.

    Args:
        views: Photographs of one scene.
        points: In space.
        labels: Class of each point.
        num_classes: Classes there are.
        seen: Which view sees which point, as structure from motion tells; left out, the depths tell, and
            where there are none, every point before a camera is seen.
        side: Pixels between superpixels.
        strength: Of the links.

    Raises:
        DataError: If views, points and labels do not fit, or no view sees a point; all is told.
        MissingExtraError: If scipy is not installed.

    Reference:
        Xiao & Quan, "Multiple View Semantic Segmentation for Street View Images", 2009.
    """
    _check(views, points, labels, num_classes, seen)
    cells, colours, neighbours = _cut(views, side)
    falls, sees = _falls(views, points, seen)
    into = [cell.flatten()[pixels] for cell, pixels in zip(cells, falls, strict=True)]
    votes = torch.zeros(len(colours), num_classes)
    for cell, there in zip(into, sees, strict=True):
        ones = torch.ones(int(there.sum()))
        votes.index_put_((cell[there], labels[there]), ones, accumulate=True)
    costs = _VOTE * (votes.sum(1, keepdim=True) - votes)
    field = linked(costs, colours, neighbours, tracks_of(into, sees), strength or Strength())
    found = alpha_expansion(field).labels
    return [found[cell] for cell in cells]


def _cut(views: Sequence[View], side: int) -> tuple[list[Tensor], Tensor, Tensor]:
    """Cells of each view, numbered through; the mean colour of each; which touch."""
    cells, colours, neighbours, first = list[Tensor](), list[Tensor](), list[Tensor](), 0
    for view in views:
        own = superpixels(view.image, side)
        number = int(own.max()) + 1
        colours.append(means(view.image.flatten(1).T, own.flatten(), number))
        neighbours.append(touching(own) + first)
        cells.append(own + first)
        first += number
    return cells, torch.cat(colours), torch.cat(neighbours)


def _falls(views: Sequence[View], points: Tensor, seen: Tensor | None) -> tuple[list[Tensor], list[Tensor]]:
    """The pixel that each point falls into in each view, and whether the view sees it."""
    falls, sees = list[Tensor](), list[Tensor]()
    for number, view in enumerate(views):
        pixels, there = view.camera.pixels(points, view.depth)
        falls.append(pixels)
        sees.append(there if seen is None else there & seen[number])
    if not torch.stack(sees).any():
        raise DataError(
            f"no view sees any of the {len(points)} points. All fall beside the photographs, lie behind the "
            "cameras, or are hidden. Look whether rotation and translation take the world into the camera."
        )
    return falls, sees


def _check(
    views: Sequence[View], points: Tensor, labels: Tensor, num_classes: int, seen: Tensor | None
) -> None:
    faults: list[str] = []
    for number, view in enumerate(views):
        size = (view.camera.rows, view.camera.columns)
        if tuple(view.image.shape[1:]) != size:
            faults.append(
                f"view {number}: the image is {tuple(view.image.shape[1:])}, its camera says {size}"
            )
        if view.depth is not None and tuple(view.depth.shape) != size:
            faults.append(f"view {number}: the depth is {tuple(view.depth.shape)}, its camera says {size}")
    if len(points) != len(labels):
        faults.append(f"{len(points)} points, {len(labels)} labels")
    if not len(points) or not views:
        faults.append(f"{len(views)} views and {len(points)} points; one of each is the least")
    strange = sorted({label for label in labels.tolist() if not 0 <= label < num_classes})
    if strange:
        faults.append(f"labels {strange} are no classes; known are 0..{num_classes - 1}")
    if seen is not None and tuple(seen.shape) != (len(views), len(points)):
        faults.append(f"`seen` is {tuple(seen.shape)}, wanted {(len(views), len(points))} (view, point)")
    raise_faults(DataError, "these views and points cannot be labelled:", faults)
