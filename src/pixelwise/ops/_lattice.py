"""Gaussian sums over scattered points of few dimensions, on the permutohedral lattice."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.ops._sparse import Sparse

FEW = 2**16  # vertices that are never too many


@dataclass(frozen=True, slots=True)
class Lattice:
    """An approximate matrix `exp(-|p_i - p_j|² / 2)`, up to one factor for all pairs.

    Attributes:
        splat: Shares out the points' values to the vertices around them.
        blurs: Mixes each vertex with its neighbours, one axis after the other.
        slice: Reads the points' values off the vertices around them.
    """

    splat: Sparse
    blurs: tuple[Sparse, ...]
    slice: Sparse

    def __matmul__(self, values: Float[Tensor, "n k"]) -> Float[Tensor, "n k"]:
        values = self.splat @ values
        for blur in self.blurs:
            values = blur @ values
        return self.slice @ values

    def scaled(self, factors: Float[Tensor, " n"], weight: float) -> "Lattice":
        """The matrix with its rows and columns multiplied by the factors, and all of it by the weight."""
        splat, slices = self.splat, self.slice
        return Lattice(
            Sparse(splat.columns, splat.weights * factors[splat.columns], splat.starts),
            self.blurs,
            Sparse(slices.columns, slices.weights * (weight * factors)[:, None]),
        )


def lattice(points: Float[Tensor, "n d"], fineness: int) -> Lattice:
    """The lattice that spans the points; one serves any number of values.

    A vertex is known by a linear hash of 64 bits, so that its neighbour's key is a fixed number away. That
    two of a million vertices share a key has a chance of less than one in a million.

    Args:
        points: Places in units of the Gaussian's standard deviation.
        fineness: With 1, this is the published lattice, whose vertices are 1.1 standard deviations apart and
            exist where points are. With more they are nearer by the square root of
            `(3 fineness + 1) / 4`, the blur reaches that many neighbours, and vertices next to those in use
            are added, so that less of a value is lost on its way. Points so scattered that there would be
            more vertices than points keep to 1, for the sake of memory.

    Reference:
        Adams, Baek & Davis, "Fast High-Dimensional Filtering Using the Permutohedral Lattice", 2010,
        section 3. Of the Gaussian's variance, `2/3` in units of the lattice there, the blur gives `1/2` and
        splatting and slicing together `1/6`; a blur repeated f times gives `f/2`.
    """
    corners = points.shape[1] + 1
    factors = _hash_factors(corners, points.device)
    keys, shares = _simplices(points * math.sqrt((3 * fineness + 1) / 6), factors)
    in_order, sources = keys.flatten().sort()
    vertices, groups, counts = in_order.unique_consecutive(return_inverse=True, return_counts=True)
    if fineness > 1 and len(vertices) > max(FEW, len(points)):
        return lattice(points, 1)
    steps = factors.sum() - corners * factors
    if fineness > 1:
        around = [vertices, *(vertices + step for step in steps), *(vertices - step for step in steps)]
        known, vertices = vertices, torch.cat(around).unique()
        places = torch.searchsorted(vertices, known)
        groups, counts = places[groups], torch.zeros_like(vertices).index_put_((places,), counts)
    columns = torch.empty_like(groups).scatter_(0, sources, groups).view(keys.shape)
    splat = Sparse(sources // corners, shares.flatten()[sources], counts.cumsum(0) - counts)
    blurs = tuple(_blur(vertices, step, fineness, shares.dtype) for step in steps)
    return Lattice(splat, blurs, Sparse(columns, shares))


def _simplices(
    points: Float[Tensor, "n d"], factors: Int[Tensor, " corners"]
) -> tuple[Int[Tensor, "n corners"], Float[Tensor, "n corners"]]:
    """Keys of the vertices of the simplex around each point, and the point's share in each vertex.

    The lattice has the whole numbers of each remainder modulo `corners`; here are all coordinates divided
    by `corners`.
    """
    corners = len(factors)
    raised = _raise(points)
    origin = raised.round()
    rank = _ranks(raised - origin) + origin.sum(0).long()
    turn = (rank < 0).long() - (rank >= corners).long()  # back to a point whose coordinates sum to zero
    rank += turn * corners
    origin = origin + turn
    falling = torch.empty_like(raised).scatter_(0, rank, raised - origin)
    ordered = torch.empty_like(rank).scatter_(0, rank, factors[:, None].expand_as(rank))
    shares = torch.cat([1 + falling[-1:] - falling[:1], (falling[:-1] - falling[1:]).flip(0)])
    passed = torch.cat([torch.zeros_like(rank[:1]), ordered[1:].flip(0).cumsum(0)])
    start = (origin.long() * (corners * factors)[:, None]).sum(0)
    remainder = torch.arange(corners, device=points.device)[:, None]
    keys = start + remainder * factors.sum() - corners * passed
    return keys.T.contiguous(), shares.T.contiguous()


def _raise(points: Float[Tensor, "n d"]) -> Float[Tensor, "corners n"]:
    """The points in the plane of one more dimension whose coordinates sum to zero, lengths kept."""
    dims = points.shape[1]
    basis = torch.ones(dims, dims + 1, dtype=torch.float64).tril()
    basis.diagonal(1).copy_(-torch.arange(1, dims + 1))
    basis /= basis.norm(dim=1, keepdim=True)
    return basis.to(points).T @ points.T


def _ranks(values: Float[Tensor, "corners n"]) -> Int[Tensor, "corners n"]:
    """Place of each value in its column, the largest first."""
    order = values.argsort(0, descending=True)
    places = torch.arange(len(values), device=values.device)[:, None].expand_as(order)
    return torch.empty_like(order).scatter_(0, order, places)


def _blur(vertices: Int[Tensor, " m"], step: Int[Tensor, ""], fineness: int, dtype: torch.dtype) -> Sparse:
    """Each vertex and its neighbours along one axis, with the weights of as many blurs by 1/4, 1/2, 1/4."""
    here = torch.arange(len(vertices), device=vertices.device)
    columns = here[:, None].int().repeat(1, 2 * fineness + 1)  # those that do not exist: here, with weight 0
    weights = torch.zeros(columns.shape, dtype=dtype, device=here.device)
    weights[:, fineness] = math.comb(2 * fineness, fineness) / 4**fineness
    for steps in range(1, fineness + 1):
        keys = vertices + steps * step
        places = torch.searchsorted(vertices, keys).clamp_(max=len(vertices) - 1)
        pairs = (vertices[places] == keys).nonzero()[:, 0]
        for side, those, others in ((steps, pairs, places[pairs]), (-steps, places[pairs], pairs)):
            columns[those, fineness + side] = others.int()
            weights[those, fineness + side] = math.comb(2 * fineness, fineness + steps) / 4**fineness
    return Sparse(columns, weights)


def _hash_factors(number: int, device: torch.device) -> Int[Tensor, " number"]:
    """Odd numbers of 64 bits, the same on every machine."""
    chance = torch.Generator().manual_seed(number)
    return (torch.randint(-(2**62), 2**62, (number,), generator=chance) * 2 + 1).to(device)
