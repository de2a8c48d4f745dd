"""Alpha expansion: labellings of low energy by minimum cuts."""

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from pixelwise.core.extras import need
from pixelwise.systems.multiview.field import Field, Solution

_FINEST = 1e4  # steps of a whole number in one unit of energy, where they fit
_MOST = 2**30  # what all capacities may sum to: the flow is counted in 32 bits
_LESS = 1e-9  # what a change must gain to be kept


def alpha_expansion(field: Field, start: Int[Tensor, " n"] | None = None, *, cycles: int = 20) -> Solution:
    """The labelling at which no class gains by taking over any set of nodes.

    Each move offers one class to all nodes at once and finds, by a minimum cut, the nodes for which taking
    it costs least. A move is kept only if the energy falls, so it never rises. With two classes the end is
    the best of all labellings; with more it costs at most twice as much. Capacities are rounded to the
    ten-thousandth of a unit.

    Args:
        field: What a labelling costs.
        start: First classes; each node's cheapest, if left out.
        cycles: How often all classes are offered, at most.

    Raises:
        MissingExtraError: If scipy is not installed.

    Reference:
        Boykov, Veksler & Zabih, "Fast Approximate Energy Minimization via Graph Cuts", 2001, section 5; the
        graph of Kolmogorov & Zabih, "What Energy Functions Can Be Minimized via Graph Cuts?", 2004,
        section 4.
    """
    labels = field.costs.argmin(1) if start is None else start
    energies = [field.energy(labels)]
    classes = field.costs.shape[1]
    poor = 0  # moves in a row that gained nothing
    for move in range(cycles * classes):
        wanted = move % classes
        proposed = labels.masked_fill(_takers(field, labels, wanted), wanted)
        energy = field.energy(proposed)
        poor += 1
        if energy < energies[-1] - _LESS:
            labels, poor = proposed, 0
            energies.append(energy)
        if poor == classes:
            break
    return Solution(labels, tuple(energies))


def _takers(field: Field, labels: Int[Tensor, " n"], wanted: int) -> Bool[Tensor, " n"]:
    """The nodes that take the class in the cheapest move.

    A node on the source's side keeps its class. Of a pair, `keeping` is what it costs that both keep
    theirs, `first` and `second` that this one alone does.
    """
    nodes = len(labels)
    one, other = field.pairs.unbind(1)
    weights = field.weights.double()
    keeping = weights * (labels[one] != labels[other])
    first, second = weights * (labels[one] != wanted), weights * (labels[other] != wanted)
    gain = field.costs[:, wanted].double() - field.costs.double().gather(1, labels[:, None])[:, 0]
    gain = gain.index_add(0, one, second - keeping).index_add(0, other, -second)
    source, sink = torch.full((nodes,), nodes), torch.full((nodes,), nodes + 1)
    every = torch.arange(nodes)
    rows = torch.cat([source, every, one])
    columns = torch.cat([every, sink, other])
    capacities = torch.cat([gain.clamp(min=0), (-gain).clamp(min=0), first + second - keeping])
    scale = min(_FINEST, _MOST / max(1.0, float(capacities.sum())))
    whole = (capacities * scale).round().int()
    return torch.from_numpy(~_on_source_side(rows.numpy(), columns.numpy(), whole.numpy(), nodes))


def _on_source_side(
    rows: np.ndarray, columns: np.ndarray, capacities: np.ndarray, nodes: int
) -> Bool[np.ndarray, " n"]:
    """Nodes that a maximum flow leaves reachable from the source."""
    sparse = need("scipy.sparse", extra="multiview", noun="alpha expansion")
    graphs = need("scipy.sparse.csgraph", extra="multiview", noun="alpha expansion")
    size = (nodes + 2, nodes + 2)
    graph = sparse.csr_matrix((capacities, (rows, columns)), shape=size, dtype=np.int32)
    rest = graph - graphs.maximum_flow(graph, nodes, nodes + 1).flow
    rest.eliminate_zeros()
    reached = graphs.breadth_first_order(rest, nodes, return_predecessors=False)
    there = np.zeros(nodes + 2, dtype=bool)
    there[reached] = True
    return there[:nodes]
