import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.core.errors import CheckpointError, RecipeError
from pixelwise.models import fcn as module
from pixelwise.models.fcn import fcn

TUTORIAL = {"stride": 32, "upsample": "legacy"}


def parameters(**options) -> int:
    with torch.device("meta"):
        return sum(weights.numel() for weights in fcn(3, **options).parameters())


@pytest.mark.parametrize(("k", "count"), [(5, 134_281_029), (12, 134_309_708), (21, 134_346_581)])
def test_as_many_parameters_as_in_the_tutorial(k, count) -> None:
    assert parameters(num_classes=k, **TUTORIAL) == count


@pytest.mark.parametrize("k", [5, 12, 21])
@pytest.mark.parametrize("stride", [32, 16, 8])
def test_as_many_parameters_as_the_formula_of_the_paper_gives(k, stride) -> None:
    trunk = 14_714_688 + (7 * 7 * 512 + 1) * 4096 + (4096 + 1) * 4096
    scores = {32: [4096], 16: [4096, 512], 8: [4096, 512, 256]}[stride]
    kernels = {32: [64], 16: [4, 32], 8: [4, 4, 16]}[stride]
    by_formula = trunk + sum((c + 1) * k for c in scores) + sum((side * k) ** 2 for side in kernels)
    assert parameters(num_classes=k, stride=stride) == by_formula
    if k == 21:
        assert by_formula == {32: 136_152_917, 16: 134_815_994, 8: 134_489_759}[stride]


@pytest.mark.parametrize("upsample", ["legacy", "half_pixel"])
def test_softmax_gives_the_enlarged_probabilities_back(upsample) -> None:
    model = fcn(3, 4, width=2, stride=32, upsample=upsample).eval()
    probs = model(100 * torch.rand(1, 3, 70, 50)).exp()
    torch.testing.assert_close(probs.sum(1), torch.ones(1, 70, 50))
    torch.testing.assert_close(probs.log().softmax(1), probs)


def test_a_cell_leans_on_the_next_one_as_in_tensorflow_1() -> None:
    cells = torch.tensor([0.0, 1, 2, 3])[None, None, None]
    large = module._legacy(cells, torch.zeros(1, 1, 32, 128))[0, 0, 0]
    by_hand = (torch.arange(128) / 32).clamp(max=3)
    torch.testing.assert_close(large, by_hand)


def test_the_legacy_enlargement_moves_everything_15_and_a_half_pixels() -> None:
    impulse = torch.zeros(1, 1, 8, 8)
    impulse[0, 0, 3, 3] = 1
    images = torch.zeros(1, 1, 256, 256)
    assert centre(module._legacy(impulse, images)) == pytest.approx((96.0, 96.0), abs=1e-3)
    assert centre(module.enlarged(impulse, images, 32)) == pytest.approx((111.5, 111.5), abs=1e-3)


def centre(plane: Tensor) -> tuple[float, float]:
    plane, steps = plane[0, 0], torch.arange(256.0)
    return tuple((plane.sum(axis) @ steps / plane.sum()).item() for axis in (1, 0))


def test_extremes_stay_finite_and_so_does_their_gradient() -> None:
    scores = torch.tensor([[1000.0, -1000.0], [-1000.0, 1000.0]])[None, :, None].requires_grad_()
    logits = module._of_probabilities(scores, torch.zeros(1, 1, 32, 64), "legacy")
    logits.sum().backward()
    assert logits.isfinite().all()
    assert scores.grad.isfinite().all()


@pytest.mark.parametrize("step", [2, 8, 16, 32])
def test_transposed_convolutions_start_bilinear(step) -> None:
    cells = torch.rand(2, 3, 5, 4)
    expected = F.interpolate(cells, scale_factor=step, mode="bilinear")
    margin = step  # beyond the centre of the last cell zeros weigh in
    inside = (..., slice(margin, -margin), slice(margin, -margin))
    torch.testing.assert_close(module._enlarging(3, step)(cells)[inside], expected[inside])


def test_the_kernel_of_factor_2_by_hand() -> None:
    kernel = module._enlarging(2, 2).weight
    row = torch.tensor([0.25, 0.75, 0.75, 0.25])
    assert torch.equal(kernel[1, 1], row[:, None] * row)
    assert not kernel[0, 1].any()


@pytest.mark.parametrize("stride", [16, 8])
def test_finer_scores_start_at_nothing(stride) -> None:
    model, images = fcn(3, 2, width=2, stride=stride).eval(), torch.rand(1, 3, 64, 64)
    assert not any(values.any() for scorer in model.scorers[1:] for values in scorer.parameters())
    before = model(images)
    nn.init.ones_(model.scorers[-1].bias)
    assert not torch.allclose(model(images), before)


@pytest.mark.parametrize("size", [(1, 1), (33, 95)])
@pytest.mark.parametrize("stride", [32, 16, 8])
def test_any_size_at_every_stride(stride, size) -> None:
    assert fcn(3, 2, width=2, stride=stride)(torch.rand(1, 3, *size)).shape == (1, 2, *size)


def test_finer_scores_need_something_learned() -> None:
    with pytest.raises(RecipeError, match="Found stride 8 and 5 classes"):
        fcn(3, 5, upsample="legacy")


def test_one_class_has_no_probabilities_to_enlarge() -> None:
    with pytest.raises(RecipeError, match="Found stride 32 and 1 classes"):
        fcn(3, 1, **TUTORIAL)


@pytest.fixture
def imagenet(monkeypatch) -> dict[str, Tensor]:
    """Weights of torchvision's names for a network of width 2, in place of the download."""
    model = fcn(3, 2, width=2)
    convolutions = [layer for layer in model.stages.modules() if isinstance(layer, nn.Conv2d)]
    places = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
    found = {}
    for place, layer in zip(places, convolutions, strict=True):
        found[f"features.{place}.weight"] = torch.rand_like(layer.weight) / 9 / layer.in_channels
        found[f"features.{place}.bias"] = torch.rand_like(layer.bias)
    for place, (outputs, inputs) in {0: (128, 49 * 16), 3: (128, 128), 6: (1000, 128)}.items():
        found[f"classifier.{place}.weight"] = torch.rand(outputs, inputs) / inputs
        found[f"classifier.{place}.bias"] = torch.rand(outputs)
    monkeypatch.setattr(module, "vgg_weights", lambda _weights, normed: {} if normed else found)
    return found


def test_fully_connected_layers_see_what_they_saw_in_vgg(imagenet) -> None:
    model, images = fcn(3, 2, width=2, weights="pretrained").eval(), torch.rand(1, 3, 224, 224)
    features = images
    for stage in model.stages:
        features = F.max_pool2d(stage(features), 2)
    flat = features.flatten(1)
    for place in (0, 3):
        flat = F.linear(flat, imagenet[f"classifier.{place}.weight"], imagenet[f"classifier.{place}.bias"])
    both = model.second(model.first(features).relu())[..., 3, 3]  # the middle of 7×7 cells
    torch.testing.assert_close(both, flat)


def test_weights_of_another_width_are_refused(imagenet) -> None:
    with pytest.raises(
        CheckpointError, match=r"features\.0\.weight is \(2, 3, 3, 3\), wanted \(3, 3, 3, 3\)"
    ):
        fcn(3, 2, width=3, weights="pretrained")
