"""A street drawn by code: boxes in space, photographed by a pin-hole camera that drives past."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from pixelwise.systems.multiview.cameras import Camera
from pixelwise.systems.multiview.labelling import View
from pixelwise.systems.multiview.strip import CLASSES as CLASSES

FAR = 1e4  # metres to the sky
_ROWS, _COLUMNS, _FOCAL = 64, 96, 70.0
_VIEWS, _STEP_M = 5, 0.8
_CAMERA_HEIGHT_M, _GRAIN_SD = 1.6, 0.03
SKY, GROUND, BUILDING, POLE = range(len(CLASSES.names))


@dataclass(frozen=True, slots=True)
class Box:
    """A solid with its sides along the axes: x to the right, y down, z away; in metres.

    Attributes:
        low: Its corner of least coordinates.
        high: Its corner of greatest coordinates.
        label: Class.
        colour: In 0..1.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    label: int
    colour: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Photograph:
    """A view and the class of each of its pixels."""

    view: View
    labels: Int[Tensor, "h w"]


def street(seed: int) -> list[Photograph]:
    """Five photographs of a drawn street, with depth and classes; the sky lies at `FAR`."""
    chance = Generator().manual_seed(seed)
    boxes = _boxes(chance)
    return [_photograph(boxes, _camera(_STEP_M * (n - _VIEWS // 2)), chance) for n in range(_VIEWS)]


def _camera(right_m: float) -> Camera:
    middle = [[_FOCAL, 0.0, _COLUMNS / 2], [0.0, _FOCAL, _ROWS / 2], [0.0, 0.0, 1.0]]
    moved = torch.tensor([-right_m, 0.0, 0.0])
    return Camera(torch.tensor(middle), torch.eye(3), moved, _ROWS, _COLUMNS)


def _boxes(chance: Generator) -> list[Box]:
    def draw(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=chance))

    below = _CAMERA_HEIGHT_M
    boxes = [Box((-80.0, below, -1.0), (80.0, below + 1, 60.0), GROUND, (0.42, 0.43, 0.45))]
    left = -12.0 + draw(0, 2)
    while left < 12:
        right, front = left + draw(2.5, 5.0), draw(8.5, 11)
        colour = (draw(0.55, 0.8), draw(0.38, 0.55), draw(0.28, 0.45))
        boxes.append(Box((left, below - draw(2.5, 6), front), (right, below, front + 6), BUILDING, colour))
        left = right + draw(0.3, 2.0)
    for number in range(7):
        at, away, half = -9 + 3 * number + draw(-0.8, 0.8), draw(5, 7), draw(0.15, 0.25)
        low, high = (at - half, below - draw(2.2, 3.2), away), (at + half, below, away + 2 * half)
        boxes.append(Box(low, high, POLE, (0.2, 0.2, 0.22)))
    return boxes


def _photograph(boxes: Sequence[Box], camera: Camera, chance: Generator) -> Photograph:
    """Each pixel's ray to the first box it meets.

    Reference:
        Kay & Kajiya, "Ray Tracing Complex Scenes", 1986: a ray is in a box while it is between all three
        pairs of its sides.
    """
    ones = torch.ones(camera.rows, camera.columns)
    rays = camera.lift(ones) - camera.lift(0 * ones)
    start = camera.lift(0 * ones)[0]
    low, high = (torch.tensor([getattr(box, name) for box in boxes]) for name in ("low", "high"))
    at_low, at_high = ((side[:, None] - start) / rays for side in (low, high))
    enter, side = torch.minimum(at_low, at_high).max(2)
    leave = torch.maximum(at_low, at_high).min(2).values
    met = (enter < leave) & (enter > 0)
    depth, first = enter.where(met, FAR).min(0)
    sky = ~met.any(0)
    labels = torch.tensor([box.label for box in boxes])[first].where(~sky, SKY)
    hit = start + rays * depth[:, None]
    face = side.gather(0, first[None])[0]
    colours = _colours(hit, face, torch.tensor([box.colour for box in boxes])[first], labels)
    colours = colours + _GRAIN_SD * torch.randn(colours.shape, generator=chance)
    image = colours.clamp(0, 1).T.reshape(3, camera.rows, camera.columns)
    shape = (camera.rows, camera.columns)
    return Photograph(View(image, camera, depth.view(shape)), labels.view(shape))


def _colours(
    hit: Float[Tensor, "p 3"], face: Int[Tensor, " p"], own: Float[Tensor, "p 3"], labels: Int[Tensor, " p"]
) -> Float[Tensor, "p 3"]:
    """Walls with windows, a road with slabs, poles, and a sky that is paler near the ground."""
    x, y, z = hit.unbind(1)
    shade = torch.tensor([0.75, 1.0, 1.0])[face]
    window = ((x + z) % 1.3 < 0.55) & (y % 1.6 < 0.8) & (labels == BUILDING)
    slab = ((x % 2 < 0.12) | (z % 2 < 0.12)) & (labels == GROUND)
    shade = shade.where(~window, 0.6).where(~slab, 1.15)
    near_ground = (y / FAR + 0.5)[:, None].clamp(0, 1)
    blue = torch.tensor([0.55, 0.72, 0.95]) + near_ground * torch.tensor([0.3, 0.2, 0.03])
    return (own * shade[:, None]).where((labels != SKY)[:, None], blue)
