import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models.vgg import make_layers

from pixelwise.core.errors import RecipeError
from pixelwise.models.segnet import segnet


def counted(model: nn.Module) -> tuple[int, int]:
    """Trainable numbers, and those batch norms keep."""
    kept = sum(values.numel() for values in model.buffers() if values.dim())
    return sum(values.numel() for values in model.parameters()), kept


@pytest.mark.parametrize(
    ("k", "options", "trainable", "total"),
    [
        (5, {}, 15_628_687, 15_639_193),  # the tutorial's summary
        (5, {"unpool": "indices"}, 29_443_343, 29_459_225),  # by formula: a 1×1 classifier and its norm
        (11, {"unpool": "indices", "last": "plain"}, 29_449_355, 29_465_227),  # as released, for CamVid
    ],
)
def test_as_many_parameters_as_were_published(k, options, trainable, total) -> None:
    with torch.device("meta"):
        model = segnet(3, k, **options)
    assert counted(model) == (trainable, total - trainable)
    assert sum(isinstance(layer, nn.Conv2d) for layer in model.modules()) == 26


def test_norms_are_those_of_keras_in_the_tutorials_network_only() -> None:
    for options, wanted in [({}, (1e-3, 0.01)), ({"unpool": "indices"}, (1e-5, 0.1))]:
        model = segnet(3, 2, width=2, **options)
        norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
        assert {(norm.eps, norm.momentum) for norm in norms} == {wanted}


def test_drops_between_the_convolutions_of_a_stage() -> None:
    shares = [layer.p for layer in segnet(3, 2, width=2).modules() if isinstance(layer, nn.Dropout)]
    assert shares == [0.1] * (1 + 1 + 2 + 2 + 2 + 2 + 2 + 2 + 1)
    assert not any(isinstance(layer, nn.Dropout) for layer in segnet(3, 2, width=2, dropout=0.0).modules())
    paper = segnet(3, 2, width=2, unpool="indices")
    assert not any(isinstance(layer, nn.Dropout) for layer in paper.modules())


def test_starts_uniform_with_the_variance_of_he() -> None:
    layer = segnet(3, 2, width=16).down[3][4]
    limit = (6 / (9 * layer.in_channels)) ** 0.5
    assert layer.weight.abs().max().item() == pytest.approx(limit, rel=0.01)
    assert layer.weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.02)
    assert not layer.bias.any()


@pytest.mark.parametrize("size", [(1, 1), (17, 23), (64, 33)])
def test_any_size_with_indices(size) -> None:
    model = segnet(3, 4, width=2, unpool="indices").eval()
    assert model(torch.rand(2, 3, *size)).shape == (2, 4, *size)


def test_indices_bring_a_thin_line_back_to_its_place() -> None:
    model = segnet(1, 1, width=1, unpool="indices", last="plain").eval()
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):  # everything passes unchanged, in each channel
            nn.init.zeros_(layer.weight)
            layer.weight.data[:, 0, 1, 1] = 1
    images = torch.zeros(1, 1, 32, 32)
    images[0, 0, 7, 21] = 1
    logits = model(images)[0, 0]
    assert logits.nonzero().tolist() == [[7, 21]]
    assert len(repeated_by(model)(images)[0, 0].nonzero()) == 32 * 32


def repeated_by(model: nn.Module) -> nn.Module:
    model.unpool = "repeat"
    return model


def test_the_way_down_takes_the_weights_of_vgg(tmp_path) -> None:
    layers = make_layers(
        [2, 2, "M", 4, 4, "M", 8, 8, 8, "M", 16, 16, 16, "M", 16, 16, 16, "M"], batch_norm=True
    )
    path = tmp_path / "vgg.safetensors"
    save_file({f"features.{name}": values for name, values in layers.state_dict().items()}, path)
    model = segnet(3, 2, width=2, unpool="indices", weights=str(path))
    images = torch.rand(2, 3, 8, 8)
    torch.testing.assert_close(model.down[0](images), layers[:6](images))
    assert torch.equal(model.down[4][6].weight, layers[40].weight)


def test_the_tutorials_network_has_no_weights_to_take() -> None:
    with pytest.raises(RecipeError, match="only with unpool='indices'"):
        segnet(3, 2, weights="pretrained")


def test_exported_is_equal_with_indices() -> None:
    model, images = segnet(3, 2, width=2, unpool="indices").eval(), torch.rand(1, 3, 40, 24)
    exported = torch.export.export(model, (images,)).module()
    torch.testing.assert_close(exported(images), model(images))


def test_every_parameter_learns_with_indices_in_half_precision() -> None:
    model = segnet(3, 2, width=4, unpool="indices", last="plain").train()
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(torch.randn(2, 3, 64, 64))
    logits.float().square().mean().backward()
    assert all(weights.grad.isfinite().all() for weights in model.parameters())
    kernels = [weights for weights in model.parameters() if weights.dim() == 4]
    assert all(weights.grad.any() for weights in kernels)
