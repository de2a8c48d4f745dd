"""Cells of an image that have one class together, and which of them touch."""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F


def grid_cells(rows: int, columns: int, side: int) -> Int[Tensor, "h w"]:
    """Number of the square cell that each pixel lies in, in reading order."""
    down, across = torch.arange(rows) // side, torch.arange(columns) // side
    return down[:, None] * (int(across[-1]) + 1) + across


def superpixels(
    image: Float[Tensor, "c h w"], side: int, *, steps: int = 10, colour_sd: float = 0.08
) -> Int[Tensor, "h w"]:
    """Number of the superpixel of each pixel: cells of a grid, bent towards the edges of the image.

    Each pixel joins the nearest in place and colour of the nine cells around it, then each cell moves to
    the mean of its pixels, and so on. Numbers are consecutive; a superpixel may have an outlier or two that
    do not touch it.

    Args:
        image: In 0..1.
        side: Pixels between the cells at the start.
        steps: Rounds.
        colour_sd: Difference in colour that counts as much as `side` pixels in place; small values follow
            the edges, large ones stay square.

    Reference:
        Achanta et al., "SLIC Superpixels Compared to State-of-the-Art Superpixel Methods", 2012, section 3;
        the nine fixed candidates of Ren, Prisacariu & Reid, "gSLICr", 2015, arXiv:1509.04232.
    """
    rows, columns = image.shape[1:]
    home = grid_cells(rows, columns, side)
    down, across = -(-rows // side), -(-columns // side)
    place = torch.stack(torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")) / side
    pixels = torch.cat([place, image / colour_sd]).flatten(1).T
    steps_around = torch.tensor([(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)])
    middle = torch.stack([home.flatten() // across, home.flatten() % across], dim=1)
    around = middle[:, None] + steps_around
    inside = (around >= 0).all(2) & (around[..., 0] < down) & (around[..., 1] < across)
    candidates = (around[..., 0] * across + around[..., 1]).where(inside, home.flatten()[:, None])
    cells = home.flatten()
    for _ in range(steps):
        centres = means(pixels, cells, down * across)
        nearest = (centres[candidates] - pixels[:, None]).square().sum(2).argmin(1)
        cells = candidates.gather(1, nearest[:, None])[:, 0]
    return cells.unique(return_inverse=True)[1].view(rows, columns)


def means(values: Float[Tensor, "p c"], cells: Int[Tensor, " p"], number: int) -> Float[Tensor, "n c"]:
    """Mean of the values of each cell's pixels; a cell without pixels is nowhere near anything."""
    sums = torch.zeros(number, values.shape[1]).index_add(0, cells, values)
    pixels = cells.bincount(minlength=number)[:, None]
    return (sums / pixels).nan_to_num(1e6)


def majority(labels: Int[Tensor, "h w"], cells: Int[Tensor, "h w"], num_classes: int) -> Int[Tensor, " n"]:
    """Class that most pixels of each cell have."""
    votes = torch.zeros(int(cells.max()) + 1, num_classes)
    return votes.index_add(0, cells.flatten(), F.one_hot(labels.flatten(), num_classes).float()).argmax(1)


def touching(cells: Int[Tensor, "h w"]) -> Int[Tensor, "m 2"]:
    """Pairs of cells with pixels side by side, the lower number first, each once."""
    beside = torch.stack([cells[:, :-1].flatten(), cells[:, 1:].flatten()], dim=1)
    below = torch.stack([cells[:-1].flatten(), cells[1:].flatten()], dim=1)
    return once(torch.cat([beside, below]))[0]


def once(pairs: Int[Tensor, "t 2"]) -> tuple[Int[Tensor, "m 2"], Int[Tensor, " m"]]:
    """Each pair of different numbers once, the lower first, and how often it came."""
    low, high = pairs.min(1).values, pairs.max(1).values
    apart = low != high
    found, times = torch.stack([low, high], dim=1)[apart].unique(dim=0, return_counts=True)
    return found, times
