"""Connected parts of masks, for any number of masks at once and on any device."""

import torch
from jaxtyping import Bool, Int
from torch import Tensor


def components(mask: Bool[Tensor, "*n h w"]) -> Int[Tensor, "*n h w"]:
    """Number of the connected part each True pixel belongs to, from 1; zero where False.

    Pixels are connected by their sides. Parts are numbered in reading order through all masks, so no
    two masks share a number.

    Reference:
        Shiloach & Vishkin, "An O(log n) parallel connectivity algorithm", 1982: every tree of pixels
        hooks itself to the smallest neighbouring root, and paths are halved, until nothing changes.
    """
    rows, columns = mask.shape[-2:]
    inside = mask.reshape(-1, rows, columns)
    place = torch.arange(inside.numel(), device=mask.device).reshape(inside.shape)
    right = inside[:, :, :-1] & inside[:, :, 1:]
    below = inside[:, :-1] & inside[:, 1:]
    first = torch.cat([place[:, :, :-1][right], place[:, :-1][below]])
    second = torch.cat([place[:, :, 1:][right], place[:, 1:][below]])
    roots = _roots(place.flatten(), first, second)
    _, number = roots[inside.flatten()].unique(return_inverse=True)
    parts = torch.zeros_like(place)
    parts[inside] = number + 1
    return parts.reshape(mask.shape)


def _roots(
    parents: Int[Tensor, " n"], first: Int[Tensor, " m"], second: Int[Tensor, " m"]
) -> Int[Tensor, " n"]:
    """The smallest number each one is connected to by pairs of numbers."""
    while True:
        one, other = parents[first], parents[second]
        apart = one != other
        if not bool(apart.any()):
            return parents
        first, second, one, other = first[apart], second[apart], one[apart], other[apart]
        higher, lower = torch.maximum(one, other), torch.minimum(one, other)
        parents = parents.scatter_reduce(0, higher, lower, "amin")
        while not torch.equal(shorter := parents[parents], parents):
            parents = shorter
