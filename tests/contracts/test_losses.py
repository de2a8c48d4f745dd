"""What every loss promises. A new file in pixelwise/losses is tested here without a new line."""

import inspect

import pytest
import torch

from pixelwise.recipe.build import LOSSES

KINDS = pytest.mark.parametrize("kind", [0, 1], ids=["labels", "planes"])


@pytest.fixture(params=LOSSES.names())
def loss(request):
    return LOSSES[request.param]


def kinds(seed: int = 0, k: int = 3, size: int = 8):
    """Integer labels, and float planes, with some pixels that do not count."""
    rng = torch.Generator().manual_seed(seed)
    labels = torch.randint(k, (2, size, size), generator=rng)
    labels[:, :2] = 255
    planes = torch.rand(2, k, size, size, generator=rng)
    planes[:, :, :2] = -1
    return [labels, planes]


def scores(k: int = 3, size: int = 8, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Clear mistakes: so deep that they survive an erosion, so mild that no gradient is rounded away."""
    return (5 * torch.randn(2, k, size, size)).to(dtype).requires_grad_()


@KINDS
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64], ids=str)
def test_is_a_finite_scalar_with_gradient(loss, kind, dtype) -> None:
    logits = scores(dtype=dtype)
    value = loss(logits, kinds()[kind])
    value.backward()
    assert value.shape == () and value.isfinite()
    assert logits.grad is not None and logits.grad.isfinite().all() and logits.grad.abs().sum() > 0


@KINDS
def test_gradient_is_that_of_differences(loss, kind) -> None:
    labels, logits = kinds(size=5)[kind], scores(size=5, dtype=torch.float64)
    labels = labels.double() if kind else labels
    assert torch.autograd.gradcheck(lambda logits: loss(logits, labels), logits, fast_mode=True)


@KINDS
def test_sixteen_bits_in_are_computed_in_thirty_two(loss, kind) -> None:
    logits, labels = scores(dtype=torch.bfloat16), kinds()[kind]
    torch.testing.assert_close(loss(logits, labels), loss(logits.float(), labels))


@KINDS
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
    assert value == 0
    assert logits.grad is not None and logits.grad.abs().sum() == 0


@KINDS
def test_is_finite_at_the_extremes(loss, kind) -> None:
    for size in (1e4, -1e4):
        logits = torch.full((2, 3, 8, 8), size)
        logits[:, 0] = -size
        logits.requires_grad_()
        value = loss(logits, kinds()[kind])
        value.backward()
        assert value.isfinite() and logits.grad.isfinite().all()


@KINDS
def test_is_finite_where_all_is_right(loss, kind) -> None:
    labels = kinds()[kind].clamp(max=2)
    truth = labels.round() if kind else torch.nn.functional.one_hot(labels, 3).movedim(-1, 1)
    for size in (10.0, 1e4):
        logits = (size * (2.0 * truth - 1)).requires_grad_()
        value = loss(logits, labels.round() if kind else labels)
        value.backward()
        assert value.isfinite() and logits.grad.isfinite().all()


@KINDS
@pytest.mark.parametrize("only", [0, 2])
def test_absent_classes_are_no_trouble(loss, kind, only) -> None:
    labels = torch.full((2, 8, 8), only) if kind == 0 else torch.zeros(2, 3, 8, 8)
    labels.view(2, -1, 8, 8)[:, only if kind else 0] = only if kind == 0 else 1
    for logits in (scores(), (100 * scores().detach()).requires_grad_()):
        value = loss(logits, labels)
        value.backward()
        assert value.isfinite() and logits.grad.isfinite().all()


@KINDS
def test_one_class_is_enough(loss, kind) -> None:
    logits = scores(k=1)
    value = loss(logits, kinds(k=1)[kind])
    value.backward()
    assert value.isfinite() and logits.grad.isfinite().all()


@KINDS
def test_one_pixel_is_enough(loss, kind) -> None:
    labels = torch.zeros(1, 1, 1, dtype=torch.long) if kind == 0 else torch.ones(1, 3, 1, 1)
    logits = torch.randn(1, 3, 1, 1, requires_grad=True)
    value = loss(logits, labels)
    value.backward()
    assert value.isfinite() and logits.grad.isfinite().all()


def test_right_costs_less_than_wrong(loss) -> None:
    labels = kinds()[0].clamp(max=2)
    right = 20.0 * torch.nn.functional.one_hot(labels, 3).movedim(-1, 1) - 10
    assert loss(right, labels) < loss(-right, labels)


@KINDS
def test_steps_against_the_gradient_cost_less(loss, kind) -> None:
    logits, labels = scores(), kinds()[kind]
    first = loss(logits, labels)
    (slope,) = torch.autograd.grad(first, logits)
    step = 0.01 / slope.norm()
    assert loss(logits - step * slope, labels) < first


def test_signature_is_fit_for_a_recipe(loss) -> None:
    params = list(inspect.signature(loss).parameters.values())
    assert [p.name for p in params][:2] == ["logits", "labels"]
    assert all(p.kind is p.KEYWORD_ONLY for p in params[2:])
    assert all(p.annotation is not p.empty for p in params)
    assert "Reference:" in (loss.__doc__ or "")


@pytest.mark.gpu
@KINDS
def test_a_gpu_says_the_same(loss, kind) -> None:
    logits, labels = scores(), kinds()[kind]
    there = logits.detach().cuda().requires_grad_()
    value, same = loss(logits, labels), loss(there, labels.cuda())
    torch.testing.assert_close(same.cpu(), value, rtol=1e-4, atol=1e-6)
    value.backward()
    same.backward()
    torch.testing.assert_close(there.grad.cpu(), logits.grad, rtol=1e-3, atol=1e-6)
