"""What every loss promises. A new file in pixelwise/losses is tested here without a new line."""

import inspect

import pytest
import torch

from pixelwise.recipe.build import LOSSES


@pytest.fixture(params=LOSSES.names())
def loss(request):
    return LOSSES[request.param]


def kinds(seed: int = 0, k: int = 3):
    """Integer labels, and float planes, with some pixels that do not count."""
    rng = torch.Generator().manual_seed(seed)
    labels = torch.randint(k, (2, 8, 8), generator=rng)
    labels[:, :2] = 255
    planes = torch.rand(2, k, 8, 8, generator=rng)
    planes[:, :, :2] = -1
    return [labels, planes]


@pytest.mark.parametrize("kind", [0, 1], ids=["labels", "planes"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64], ids=str)
def test_is_a_finite_scalar_with_gradient(loss, kind, dtype) -> None:
    logits = torch.randn(2, 3, 8, 8, dtype=dtype, requires_grad=True)
    value = loss(logits, kinds()[kind])
    value.backward()
    assert value.shape == () and value.isfinite()
    assert logits.grad is not None and logits.grad.isfinite().all() and logits.grad.abs().sum() > 0


@pytest.mark.parametrize("kind", [0, 1], ids=["labels", "planes"])
def test_ignored_pixels_do_not_matter(loss, kind) -> None:
    labels, logits = kinds()[kind], torch.randn(2, 3, 8, 8)
    disturbed = logits.clone()
    disturbed[:, :, :2] = 50 * torch.randn(2, 3, 2, 8)
    torch.testing.assert_close(loss(logits, labels), loss(disturbed, labels))


@pytest.mark.parametrize(
    "labels", [torch.full((1, 4, 4), 255), torch.full((1, 3, 4, 4), -1.0)], ids=["labels", "planes"]
)
def test_nothing_to_learn_costs_nothing(loss, labels) -> None:
    logits = torch.randn(1, 3, 4, 4, requires_grad=True)
    value = loss(logits, labels)
    value.backward()
    assert value.isfinite()
    assert logits.grad is not None and logits.grad.abs().sum() == 0


@pytest.mark.parametrize("kind", [0, 1], ids=["labels", "planes"])
def test_is_finite_at_the_extremes(loss, kind) -> None:
    for size in (1e4, -1e4):
        logits = torch.full((2, 3, 8, 8), size)
        logits[:, 0] = -size
        logits.requires_grad_()
        value = loss(logits, kinds()[kind])
        value.backward()
        assert value.isfinite() and logits.grad.isfinite().all()


def test_right_costs_less_than_wrong(loss) -> None:
    labels = kinds()[0].clamp(max=2)
    right = 20.0 * torch.nn.functional.one_hot(labels, 3).movedim(-1, 1) - 10
    assert loss(right, labels) < loss(-right, labels)


def test_signature_is_fit_for_a_recipe(loss) -> None:
    params = list(inspect.signature(loss).parameters.values())
    assert [p.name for p in params][:2] == ["logits", "labels"]
    assert all(p.kind is p.KEYWORD_ONLY for p in params[2:])
    assert all(p.annotation is not p.empty for p in params)
    assert "Reference:" in (loss.__doc__ or "")
