"""The four terms by hand, and their gradients against those worked out on paper."""

import math

import pytest
import torch

from pixelwise.ops.possible import anywhere, pointed
from pixelwise.systems.points.objective import Terms, point_loss, supervised

NONE = {"presence": False, "absence": False, "clicks": False, "objectness": False}


def only(**term: bool) -> Terms:
    return Terms(**(NONE | term))


def example(seed: int = 0):
    """Logits, what is possible, the prior, and which pixels are clicked: two images, four classes."""
    rng = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(2, 4, 5, 6, generator=rng, dtype=torch.float64)
    labels = torch.randint(3, (2, 5, 6), generator=rng)  # class 3 is nowhere
    marked = torch.rand(2, 5, 6, generator=rng) < 0.2
    possible = torch.stack(
        [pointed(anywhere(one, 4), one, mask) for one, mask in zip(labels, marked, strict=True)]
    )
    prior = 0.05 + 0.8 * torch.rand(2, 5, 6, generator=rng, dtype=torch.float64)
    return logits.requires_grad_(), labels, marked, possible.double(), prior


def test_clicks_cost_their_mean_and_weights_divide_by_their_sum() -> None:
    logits = torch.tensor([0.25, 0.75]).log()[None, :, None, None].expand(1, 2, 1, 3)
    possible = torch.tensor([[[[1.0, 0.0, 1.0]], [[0.0, 1.0, 1.0]]]])  # class 0, class 1, unknown
    prior = torch.full((1, 1, 3), 0.5)
    first, second = -math.log(0.25), -math.log(0.75)
    found = point_loss(logits, possible, prior, only(clicks=True))
    assert found.item() == pytest.approx((first + second) / 2)
    weights = torch.tensor([[[3.0, 1.0, 9.0]]])
    found = point_loss(logits, possible, prior, only(clicks=True), weights=weights)
    assert found.item() == pytest.approx((3 * first + second) / 4)


def test_objectness_is_asked_of_the_unclicked_pixels_only() -> None:
    logits = torch.tensor([0.4, 0.35, 0.25]).log()[None, :, None, None].expand(1, 3, 1, 2)
    possible = torch.tensor([[[[1.0, 1.0]], [[0.0, 1.0]], [[0.0, 1.0]]]])
    prior = torch.tensor([[[0.9, 0.7]]])
    wanted = -(0.7 * math.log(0.6) + 0.3 * math.log(0.4))
    assert point_loss(logits, possible, prior, only(objectness=True)).item() == pytest.approx(wanted)


def test_the_terms_add_up() -> None:
    logits, _, _, possible, prior = example()
    single = [point_loss(logits, possible, prior, only(**{term: True})) for term in NONE]
    torch.testing.assert_close(sum(single), point_loss(logits, possible, prior, Terms()))


def test_an_image_without_clicks_has_no_cost_of_clicks() -> None:
    logits, labels, *_ = example()
    possible = torch.stack([anywhere(one, 4) for one in labels]).double()
    prior = torch.full((2, 5, 6), 0.5, dtype=torch.float64)
    assert point_loss(logits, possible, prior, only(clicks=True)).item() == 0


def test_gradients_are_those_worked_out_on_paper() -> None:
    logits, labels, marked, possible, prior = example()
    point_loss(logits, possible, prior, Terms()).backward()
    probs = logits.detach().softmax(1)
    wanted = torch.zeros_like(probs)
    for b in range(2):
        seen = sorted(set(labels[b].flatten().tolist()))
        for c in range(4):  # the most probable pixel of each class
            at = divmod(int(probs[b, c].argmax()), 6)
            others = probs[b, :, *at].clone()
            s = others[c].item()
            own = torch.zeros(4, dtype=torch.float64)
            own[c] = 1
            if c in seen:
                wanted[b, :, *at] += (others - own) / len(seen)  # of -ln s
            else:
                wanted[b, :, *at] += s * (own - others) / (1 - s) / (4 - len(seen))  # of -ln(1 - s)
        clicked, unknown = marked[b], ~marked[b]
        truth = torch.nn.functional.one_hot(labels[b], 4).permute(2, 0, 1)
        wanted[b] += (probs[b] - truth) * clicked / clicked.sum()
        thing = 1 - probs[b, 0]
        of_prior = probs[b] * (1 - prior[b] / thing)  # any thing c: S_c - P S_c / (1 - S_0)
        of_prior[0] = probs[b, 0] - (1 - prior[b])
        wanted[b] += of_prior * unknown / unknown.sum()
    torch.testing.assert_close(logits.grad, wanted / 2)


def test_the_loss_of_batches_takes_the_prior_from_the_last_plane() -> None:
    logits, _, _, possible, prior = example()
    packed = torch.cat([possible, prior[:, None]], dim=1)
    wanted = point_loss(logits, possible, prior, Terms())
    torch.testing.assert_close(supervised(Terms())(logits, packed), wanted)
