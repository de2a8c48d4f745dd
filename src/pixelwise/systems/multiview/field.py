"""A random field: nodes that have one class each, and pairs of nodes that had better have the same."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Field:
    """What a labelling costs: each node's class, and each pair of nodes whose classes differ (Potts).

    Attributes:
        costs: Of each class at each node.
        pairs: Numbers of the two nodes of each pair.
        weights: What it costs a pair to have two classes; never below zero.
    """

    costs: Float[Tensor, "n k"]
    pairs: Int[Tensor, "m 2"]
    weights: Float[Tensor, " m"]

    def energy(self, labels: Int[Tensor, " n"]) -> float:
        """Cost of a labelling."""
        own = self.costs.double().gather(1, labels[:, None]).sum()
        first, second = labels[self.pairs].unbind(1)
        return float(own + (self.weights.double() * (first != second)).sum())


@dataclass(frozen=True, slots=True)
class Solution:
    """A labelling of low energy.

    Attributes:
        labels: Class of each node.
        energies: At the start and after each change that was kept.
    """

    labels: Int[Tensor, " n"]
    energies: tuple[float, ...]


def joined(pairs: list[Int[Tensor, "_ 2"]], weights: list[Float[Tensor, " _"]]) -> tuple[Tensor, Tensor]:
    """Several kinds of pairs with their weights as one."""
    return torch.cat([torch.zeros(0, 2, dtype=torch.long), *pairs]), torch.cat([torch.zeros(0), *weights])
