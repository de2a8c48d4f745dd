"""Iterated conditional modes: each node takes what suits it, one after the other."""

import numpy as np
from jaxtyping import Int
from torch import Tensor, from_numpy

from pixelwise.systems.multiview.field import Field, Solution


def icm(field: Field, start: Int[Tensor, " n"] | None = None, *, sweeps: int = 100) -> Solution:
    """The labelling at which no single node gains by another class.

    Needs nothing but numpy, never raises the energy, and stops at the first hollow it falls into: the
    simple way that alpha expansion is held against.

    Args:
        field: What a labelling costs.
        start: First classes; each node's cheapest, if left out.
        sweeps: How often all nodes are asked, at most.

    Reference:
        Besag, "On the Statistical Analysis of Dirty Pictures", 1986, section 2.5.
    """
    labels = (field.costs.argmin(1) if start is None else start).numpy().copy()
    costs, classes = field.costs.double().numpy(), field.costs.shape[1]
    around, weights, ends = _neighbours(field)
    energies = [field.energy(from_numpy(labels))]
    for _ in range(sweeps):
        before = labels.copy()
        for node in range(len(labels)):
            mine = slice(ends[node], ends[node + 1])
            likes = np.bincount(labels[around[mine]], weights[mine], minlength=classes)
            total = costs[node] - likes
            if total.min() < total[labels[node]]:
                labels[node] = total.argmin()
        if (labels == before).all():
            break
        energies.append(field.energy(from_numpy(labels)))
    return Solution(from_numpy(labels), tuple(energies))


def _neighbours(field: Field) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each node's neighbours one after the other, the weights between, and where each node's begin."""
    pairs, weights = field.pairs.numpy(), field.weights.double().numpy()
    sources, targets = pairs.T.reshape(-1), pairs[:, ::-1].T.reshape(-1)
    order = sources.argsort(kind="stable")
    numbers = np.bincount(sources, minlength=len(field.costs))
    return targets[order], np.tile(weights, 2)[order], np.concatenate([[0], numbers.cumsum()])
