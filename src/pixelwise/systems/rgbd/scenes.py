"""Rooms drawn by code and seen by several cameras: colours, depth, pose, and the class of each surface."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor
from torch.nn import functional as F

from pixelwise.core.classes import Classes
from pixelwise.ops.cameras import Camera

CLASSES = Classes(("wall", "floor", "front", "side", "top"))
WALL, FLOOR, FRONT, SIDE, TOP = range(len(CLASSES))
VIEWS = 6

_SIZE, _FOCAL = 64, 56.0
_FAR, _EYE = 4.0, 1.4  # metres to the wall, and of the cameras above the floor
_NOISE_SD, _DEPTH_SD = 0.15, 0.03
_INWARD = 0.3  # radians a metre that the outer cameras are turned to the middle
_HORIZON = 18.0  # row; above the middle, so that the floor has room


@dataclass(frozen=True, slots=True)
class View:
    """What one camera sees.

    Attributes:
        image: RGB in 0..1.
        depth: Metres along the view, exact, as a map of the room has it; what is warped by.
        felt: Metres along the view as the sensor says, 0 where it was not measured; what a network is given.
        labels: Class of the surface that each pixel shows.
        camera: Where it stands.
    """

    image: Float[Tensor, "3 h w"]
    depth: Float[Tensor, "h w"]
    felt: Float[Tensor, "h w"]
    labels: Int[Tensor, "h w"]
    camera: Camera


@dataclass(frozen=True, slots=True)
class Solid:
    """A box with its sides along the axes: x to the right, y down, z away; in metres; it may be flat.

    Attributes:
        low: Its corner of least coordinates.
        high: Its corner of greatest coordinates.
        labels: Class of the sides across x, y and z.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    labels: tuple[int, int, int]


def rooms(number: int, seed: int) -> list[tuple[View, ...]]:
    """Rooms with crates in them, six views each, every view disturbed in its own way."""
    chance = Generator().manual_seed(seed)
    return [_room(chance) for _ in range(number)]


def cards(seed: int, *, views: int = 5) -> tuple[View, ...]:
    """Flat cards of four classes hanging before a wall, seen by cameras beside one another; not disturbed."""
    chance = Generator().manual_seed(seed)
    solids = [Solid((-9, -9, _FAR), (9, 9, _FAR), (WALL, WALL, WALL))]
    for number in range(5):
        x, y, z = _between(chance, -1, 1), _between(chance, -1, 1), _between(chance, 1.8, 3)
        half = _between(chance, 0.25, 0.5)
        label = 1 + number % (len(CLASSES) - 1)
        solids.append(Solid((x - half, y - half, z), (x + half, y + half, z), (label, label, label)))
    at = torch.linspace(-0.3, 0.3, views).tolist()
    return tuple(_seen(solids, _camera(x), chance) for x in at)


def disturbed(view: View, chance: Generator) -> View:
    """A view with noise, perhaps blur, patches of glare, and squares whose depth was not measured."""
    image, felt = view.image.clone(), view.felt + _DEPTH_SD * torch.randn(view.felt.shape, generator=chance)
    if _between(chance, 0, 1) < 0.5:
        image = F.avg_pool2d(F.pad(image[None], (2, 2, 2, 2), mode="replicate"), 5, 1)[0]
    for _ in range(4):
        image[:, *_square(chance, 6, 18)] = 1.0
    image = (image + _NOISE_SD * torch.randn(image.shape, generator=chance)).clamp(0, 1)
    for _ in range(5):
        felt[_square(chance, 8, 20)] = 0.0
    return replace(view, image=image, felt=felt)


def _room(chance: Generator) -> tuple[View, ...]:
    solids = [
        Solid((-9, -9, _FAR), (9, 9, _FAR + 1), (WALL, WALL, WALL)),
        Solid((-9, _EYE, -1), (9, _EYE + 1, _FAR), (FLOOR, FLOOR, FLOOR)),
    ]
    for number in range(3):
        x, z = -1.3 + 0.95 * number + _between(chance, -0.15, 0.15), _between(chance, 1.9, 2.8)
        wide, high, deep = (_between(chance, *sides) for sides in ((0.4, 0.7), (0.3, 0.8), (0.5, 1.0)))
        solids.append(Solid((x, _EYE - high, z), (x + wide, _EYE, z + deep), (SIDE, TOP, FRONT)))
    cameras = [_camera(x, -_INWARD * x, _HORIZON) for x in torch.linspace(-0.5, 0.5, VIEWS).tolist()]
    look = chance.get_state()
    views: list[View] = []
    for camera in cameras:
        chance.set_state(look)  # the same paint in every view
        views.append(_seen(solids, camera, chance))
    return tuple(disturbed(view, chance) for view in views)


def _camera(right_m: float, turn: float = 0.0, horizon: float = _SIZE / 2) -> Camera:
    """A camera moved to the right, turned by an angle around the vertical; its horizon lies in that row."""
    middle = torch.tensor([[_FOCAL, 0, _SIZE / 2], [0, _FOCAL, horizon], [0, 0, 1]], dtype=torch.float64)
    sin, cos = math.sin(turn), math.cos(turn)
    rotation = torch.tensor([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]], dtype=torch.float64)
    centre = torch.tensor([right_m, 0, 0], dtype=torch.float64)
    return Camera(middle, rotation, -rotation @ centre, _SIZE, _SIZE)


def _seen(solids: Sequence[Solid], camera: Camera, chance: Generator) -> View:
    """Each pixel's ray to the first solid it meets.

    Reference:
        Kay & Kajiya, "Ray Tracing Complex Scenes", 1986: a ray is in a box while it is between all three
        pairs of its sides.
    """
    flat = torch.zeros(camera.rows, camera.columns)
    start = camera.lift(flat)[0].float()
    rays = camera.lift(flat + 1).float() - start
    rays = rays.where(rays.abs() > 1e-6, 1e-6)
    low, high = (torch.tensor([getattr(solid, name) for solid in solids]) for name in ("low", "high"))
    at_low, at_high = ((side[:, None] - start) / rays for side in (low, high))
    enter, face = torch.minimum(at_low, at_high).max(2)
    leave = torch.maximum(at_low, at_high).min(2).values
    depth, first = enter.where((enter <= leave) & (enter > 0), torch.inf).min(0)
    face = face.gather(0, first[None])[0]
    labels = torch.tensor([solid.labels for solid in solids])[first, face]
    image = _painted(start + rays * depth[:, None], first, face, len(solids), chance)
    size = (camera.rows, camera.columns)
    return View(image.T.reshape(3, *size), depth.view(size), depth.view(size), labels.view(size), camera)


def _painted(
    hit: Float[Tensor, "p 3"],
    solid: Int[Tensor, " p"],
    face: Int[Tensor, " p"],
    solids: int,
    chance: Generator,
) -> Float[Tensor, "p 3"]:
    """Each solid in a colour and stripes of its own, each direction in a light of its own."""
    colours = 0.25 + 0.55 * torch.rand(solids, 3, generator=chance)
    waves = 12 * torch.randn(solids, 3, generator=chance)
    light = 0.7 + 0.3 * torch.rand(3, generator=chance)
    stripes = 0.12 * torch.sin((hit * waves[solid]).sum(1))
    return ((colours[solid] + stripes[:, None]) * light[face][:, None]).clamp(0, 1)


def _square(chance: Generator, least: int, most: int) -> tuple[slice, slice]:
    side = int(_between(chance, least, most))
    top, left = (int(_between(chance, 0, _SIZE - side)) for _ in range(2))
    return slice(top, top + side), slice(left, left + side)


def _between(chance: Generator, low: float, high: float) -> float:
    return low + (high - low) * float(torch.rand((), generator=chance))
