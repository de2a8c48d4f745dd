"""Auxiliary heads: what they cost, by hand."""

import math

import torch

from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.ops.heads import Auxiliary, Heads, edges, logits_of, loss_of_heads, picked

LABELS = torch.tensor([[[0, 0, 0, 0, 1, 1, 1, 1]] * 4])
EVEN = torch.zeros(1, 2, 4, 8)


def with_head(of: str, scores: torch.Tensor, weight: float = 0.5) -> Heads:
    return Heads(EVEN, (Auxiliary(of, scores, weight),))


def test_without_heads_it_is_the_loss() -> None:
    assert loss_of_heads(cross_entropy, EVEN, LABELS) == cross_entropy(EVEN, LABELS)
    assert logits_of(EVEN) is EVEN and logits_of(Heads(EVEN, ())) is EVEN


def test_a_head_of_classes_adds_its_weighted_loss() -> None:
    coarse = torch.zeros(1, 2, 2, 4)
    torch.testing.assert_close(
        loss_of_heads(cross_entropy, with_head("classes", coarse), LABELS), torch.tensor(1.5 * math.log(2))
    )


def test_labels_are_picked_at_the_centres() -> None:
    labels = torch.arange(6).expand(1, 6, 6)
    assert picked(labels, (2, 2)).tolist() == [[[1, 4], [1, 4]]]
    assert picked(labels, (6, 6)) is labels


def test_edges_lie_two_pixels_to_each_side() -> None:
    assert edges(LABELS)[0, 0].tolist() == [False, False, True, True, True, True, False, False]


def test_what_does_not_count_makes_no_edge() -> None:
    labels = LABELS.clone()
    labels[..., 4:] = 255
    assert not edges(labels).any()
    planes = (LABELS[:, None] == torch.arange(2)[:, None, None]).float()
    assert torch.equal(edges(planes), edges(LABELS))
    planes[..., 4:] = -1
    assert not edges(planes).any()


def test_edges_weigh_as_much_as_all_the_rest() -> None:
    scores = torch.zeros(1, 1, 4, 8)  # half of the pixels are edges: each weighs one half
    value = loss_of_heads(cross_entropy, with_head("edges", scores), LABELS) - math.log(2)
    torch.testing.assert_close(value, torch.tensor(0.5 * 0.5 * math.log(2)))


def test_presence_is_told_per_image() -> None:
    labels = LABELS.clone()
    labels[labels == 1] = 255  # class 1 is not there
    sure = torch.tensor([[20.0, -20.0]])
    value = loss_of_heads(cross_entropy, with_head("presence", sure), labels) - math.log(2)
    torch.testing.assert_close(value, torch.tensor(0.0), atol=1e-6, rtol=0)
    planes = torch.stack([labels == 0, labels == 1], 1).float()
    assert loss_of_heads(cross_entropy, with_head("presence", sure), planes) < loss_of_heads(
        cross_entropy, with_head("presence", -sure), planes
    )


def test_nothing_that_counts_costs_nothing() -> None:
    nothing = torch.full((1, 4, 8), 255)
    for of, scores in [("edges", torch.randn(1, 1, 4, 8)), ("presence", torch.randn(1, 2))]:
        assert loss_of_heads(cross_entropy, with_head(of, scores), nothing) == 0
