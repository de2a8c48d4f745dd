"""Symmetrically normalised Gaussian kernels between the pixels of an image."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from pixelwise.ops._lattice import Lattice, lattice
from pixelwise.ops._sparse import Sparse

KEPT = 2**24  # pairs of pixels up to which a matrix is kept: 64 MiB of float32
PAIRS = 2**20  # pairs made at a time, where it is not
REACH = 4  # standard deviations at which the kernel of place ends


@dataclass(frozen=True, slots=True)
class Dense:
    """The matrix `exp(-|p_i - p_j|² / 2)` in full, made anew for each product, some rows at a time.

    Attributes:
        points: Places in units of the Gaussian's standard deviation.
        before: Factor of each column.
        after: Factor of each row.
    """

    points: Float[Tensor, "n d"]
    before: Float[Tensor, " n"]
    after: Float[Tensor, " n"]

    def __matmul__(self, values: Float[Tensor, "n k"]) -> Float[Tensor, "n k"]:
        values = values * self.before[:, None]
        parts = self.points.split(max(1, PAIRS // len(self.points)))
        return torch.cat([_gaussian(part, self.points) @ values for part in parts]) * self.after[:, None]

    def scaled(self, factors: Float[Tensor, " n"], weight: float) -> "Dense":
        """The matrix with its rows and columns multiplied by the factors, and all of it by the weight."""
        return Dense(self.points, self.before * factors, self.after * factors * weight)


@dataclass(frozen=True, slots=True)
class Window:
    """The kernel of place, one axis after the other.

    Attributes:
        down: Sums over the rows of the image, `[h h]`.
        across: Sums along them, `[h·w h·w]`.
    """

    down: Sparse
    across: Sparse

    def __matmul__(self, values: Float[Tensor, "n k"]) -> Float[Tensor, "n k"]:
        summed = self.down @ values.reshape(len(self.down.columns), -1)
        return self.across @ summed.view(values.shape)


def bilateral(points: Float[Tensor, "n d"], weight: float, fineness: int | None) -> Tensor | Dense | Lattice:
    """The kernel of place and colour, `weight exp(-|p_i - p_j|² / 2) / sqrt(n_i n_j)`, n the sums of rows.

    Args:
        points: Places and colours in units of the Gaussian's standard deviations.
        weight: Factor of the whole.
        fineness: Of the lattice that approximates it; None sums over all pairs.
    """
    ones = torch.ones_like(points[:, 0])
    if fineness is None and len(points) ** 2 <= KEPT:
        matrix = _gaussian(points, points)
        factors = matrix.sum(1).rsqrt()
        return matrix * (weight * factors)[:, None] * factors
    kernel = Dense(points, ones, ones) if fineness is None else lattice(points, fineness)
    return kernel.scaled((kernel @ ones[:, None])[:, 0].rsqrt(), weight)


def spatial(rows: int, columns: int, sd: float, weight: float, like: Tensor) -> Window:
    """The kernel of place alone, of that weight, on the device and in the dtype of a tensor.

    Normalised as the bilateral kernel is; it ends after four standard deviations, where it is e⁻⁸.
    """
    down, across = _window(rows, sd, like), _window(columns, sd, like)
    starts = torch.arange(0, rows * columns, columns, device=like.device)[:, None, None]
    every = (starts + across.columns).flatten(0, 1).int()  # half the memory
    return Window(Sparse(down.columns, down.weights * weight), Sparse(every, across.weights.repeat(rows, 1)))


def _window(length: int, sd: float, like: Tensor) -> Sparse:
    """The normalised kernel along one axis."""
    reach = min(math.ceil(REACH * sd), length - 1)
    steps = torch.arange(-reach, reach + 1, device=like.device)
    columns = torch.arange(length, device=like.device)[:, None] + steps
    inside = (columns >= 0) & (columns < length)
    columns = columns.clamp(0, length - 1)
    weights = (steps.to(like.dtype) / sd).square().mul(-0.5).exp() * inside
    factors = weights.sum(1).rsqrt()
    return Sparse(columns, weights * factors[:, None] * factors[columns])


def _gaussian(points: Float[Tensor, "n d"], others: Float[Tensor, "m d"]) -> Float[Tensor, "n m"]:
    """Each point's kernel with each other; never below e⁻⁶⁰, as CPUs are slow at the smallest numbers."""
    halves = points.square().sum(1) / 2
    logs = torch.addmm(-others.square().sum(1) / 2, points, others.T).sub_(halves[:, None])
    return logs.clamp_(-60, 0).exp_()
