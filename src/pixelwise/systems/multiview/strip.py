"""A flat street of cells, seen through five windows: the smallest world with views that overlap."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from pixelwise.core.classes import Classes
from pixelwise.systems.multiview.cells import grid_cells, touching

CLASSES = Classes(
    ("sky", "ground", "building", "pole"),
    ((150, 190, 230), (120, 120, 125), (205, 110, 75), (70, 60, 110)),
)
_COLOURS = ((0.6, 0.75, 0.95), (0.45, 0.45, 0.45), (0.7, 0.45, 0.35), (0.2, 0.2, 0.2))
_SIZE, _VIEWS, _STEP = 16, 5, 4  # cells a side, windows, cells between windows
_COLOUR_SD = 0.06


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the cells of all views, numbered through.

    Attributes:
        labels: True class of each cell.
        costs: Of each class, as a net might say: minus the logarithm of its probability.
        colours: Mean of each cell.
        neighbours: Cells that touch in a view.
        tracks: Two cells of different views in which one thing is seen, a row for each thing.
    """

    labels: Int[Tensor, " n"]
    costs: Float[Tensor, "n k"]
    colours: Float[Tensor, "n 3"]
    neighbours: Int[Tensor, "m 2"]
    tracks: Int[Tensor, "t 2"]


def noisy_costs(
    labels: Int[Tensor, " n"], sureness: float, noise: Float[Tensor, "n k"]
) -> Float[Tensor, "n k"]:
    """Minus the logarithm of probabilities whose scores are `sureness` for the true class, plus noise."""
    return -noise.scatter_add(1, labels[:, None], torch.full((len(labels), 1), sureness)).log_softmax(1)


def strip(seed: int) -> Seen:
    """Sky over houses and poles over ground, 16×32 cells; each window shows 16×16, four further on.

    Scores and colours are noisy, in each view anew; each cell of the world is one track.
    """
    chance = Generator().manual_seed(seed)
    world = _world(chance)
    starts = [_STEP * number for number in range(_VIEWS)]
    labels = torch.stack([world[:, start : start + _SIZE] for start in starts]).flatten()
    colours = torch.tensor(_COLOURS)[labels] + _COLOUR_SD * torch.randn(len(labels), 3, generator=chance)
    cells = grid_cells(_SIZE, _SIZE, 1)
    around = touching(cells)
    neighbours = torch.cat([around + number * cells.numel() for number in range(_VIEWS)])
    tracks = [torch.zeros(0, 2, dtype=torch.long)]
    for one in range(_VIEWS):
        for other in range(one + 1, _VIEWS):
            shift = starts[other] - starts[one]
            pairs = torch.stack([cells[:, shift:].flatten(), cells[:, : _SIZE - shift].flatten()], dim=1)
            tracks.append(pairs + torch.tensor([one, other]) * cells.numel())
    costs = noisy_costs(labels, 1.0, torch.randn(len(labels), len(CLASSES), generator=chance))
    return Seen(labels, costs, colours, neighbours, torch.cat(tracks))


def _world(chance: Generator) -> Int[Tensor, "h w"]:
    def draw(low: int, high: int) -> int:
        return int(torch.randint(low, high, (), generator=chance))

    wide = _SIZE + _STEP * (_VIEWS - 1)
    world = torch.zeros(_SIZE, wide, dtype=torch.long)
    ground = draw(11, 14)
    left = draw(0, 3)
    while left < wide:
        right = left + draw(4, 8)
        world[draw(3, 9) : ground, left:right] = 2
        left = right + draw(1, 4)
    for _ in range(4):
        world[draw(4, 8) : ground + 1, draw(0, wide)] = 3
    world[ground:][world[ground:] != 3] = 1
    return world
