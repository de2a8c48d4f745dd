import pytest
import timm as library
import torch
from safetensors.torch import save_file

from pixelwise.core.errors import CheckpointError, RecipeError, UnknownNameError
from pixelwise.models.encoders.timm import timm

NAMES = ["test_resnet", "mobilenetv3_small_050", "test_convnext"]


@pytest.fixture
def saved(tmp_path):
    """Weights of a whole network of timm, as a file; some names may be left out or added."""

    def save(architecture: str, drop: str = "", **more: torch.Tensor):
        whole = library.create_model(architecture)
        kept = {k: v for k, v in whole.state_dict().items() if not drop or not k.startswith(drop)}
        save_file(kept | more, tmp_path / "weights.safetensors")
        return whole.eval(), tmp_path / "weights.safetensors"

    return save


@pytest.mark.parametrize("name", NAMES)
def test_feature_maps_are_as_promised(name) -> None:
    encoder = timm(2, architecture=name).eval()
    features = encoder(torch.rand(1, 2, 64, 96))
    assert tuple(f.shape[1] for f in features) == encoder.channels
    assert [tuple(f.shape[2:]) for f in features] == [(64 // s, 96 // s) for s in encoder.strides]


@pytest.mark.parametrize("stride", [8, 16])
@pytest.mark.parametrize("name", NAMES)
def test_strides_become_dilation(name, stride) -> None:
    encoder = timm(3, architecture=name, output_stride=stride).eval()
    assert max(encoder.strides) == stride
    features = encoder(torch.rand(1, 3, 64, 96))
    assert [tuple(f.shape[2:]) for f in features] == [(64 // s, 96 // s) for s in encoder.strides]
    ordinary = timm(3, architecture=name)
    assert {key: w.shape for key, w in encoder.state_dict().items()} == {
        key: w.shape for key, w in ordinary.state_dict().items()
    }


def test_every_other_row_and_column_of_a_dilated_map_is_the_ordinary_map() -> None:
    ordinary = timm(1, architecture="resnet18").eval()
    dilated = timm(1, architecture="resnet18", output_stride=16).eval()
    dilated.load_state_dict(ordinary.state_dict())
    image = torch.rand(1, 1, 64, 96)
    with torch.no_grad():
        coarse, fine = ordinary(image)[-1], dilated(image)[-1]
    assert (coarse.shape[2:], fine.shape[2:]) == ((2, 3), (4, 6))
    torch.testing.assert_close(fine[..., ::2, ::2], coarse, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["vgg11", "pvt_v2_b0"])
def test_networks_that_cannot_be_dilated_are_refused(name) -> None:
    with pytest.raises(RecipeError, match="or cannot end at stride 8"):
        timm(3, architecture=name, output_stride=8)


@pytest.mark.parametrize("name", ["swin_tiny_patch4_window7_224", "mambaout_femto"])
def test_networks_that_put_channels_last_are_turned(name) -> None:
    encoder = timm(3, architecture=name).eval()
    for rows, columns in [(32, 32), (64, 96)]:
        features = encoder(torch.rand(1, 3, rows, columns))
        assert tuple(f.shape[1] for f in features) == encoder.channels
        assert [tuple(f.shape[2:]) for f in features] == [(rows // s, columns // s) for s in encoder.strides]


@pytest.mark.parametrize("name", NAMES)
def test_weights_come_back_from_a_file(name, saved) -> None:
    whole, path = saved(name)
    images = torch.rand(1, 3, 64, 64)
    wanted = whole.forward_intermediates(images, intermediates_only=True)[-1]
    torch.testing.assert_close(timm(3, architecture=name, weights=path).eval()(images)[-1], wanted)


def test_the_first_convolution_is_adapted_to_the_bands(saved) -> None:
    whole, path = saved("mobilenetv3_small_050")
    grey = timm(1, architecture="mobilenetv3_small_050", weights=str(path)).eval()
    image = torch.rand(1, 1, 32, 32)
    wanted = whole.forward_intermediates(image.expand(-1, 3, -1, -1), intermediates_only=True)[-1]
    torch.testing.assert_close(grey(image)[-1], wanted)
    many = timm(8, architecture="mobilenetv3_small_050", weights=path)
    assert many.state_dict()["body.conv_stem.weight"].shape[1] == 8


def test_a_file_without_the_classifier_will_do(saved) -> None:
    _, path = saved("test_resnet", drop="fc")
    timm(3, architecture="test_resnet", weights=path)


def test_missing_weights_are_named(saved) -> None:
    _, path = saved("test_resnet", drop="layer4.0.conv2")
    with pytest.raises(CheckpointError, match=r"missing layer4\.0\.conv2\.weight"):
        timm(3, architecture="test_resnet", weights=path)


def test_weights_of_another_architecture_are_refused(saved) -> None:
    _, path = saved("test_resnet", extra=torch.zeros(1))
    with pytest.raises(CheckpointError, match="unknown extra"):
        timm(3, architecture="test_resnet", weights=path)


def test_weights_of_another_shape_are_refused(saved) -> None:
    _, path = saved("test_resnet", **{"bn1.weight": torch.zeros(7)})
    with pytest.raises(CheckpointError, match=r"bn1\.weight is \(7,\), wanted \(32,\)"):
        timm(3, architecture="test_resnet", weights=path)


@pytest.mark.parametrize("suffix", ["pt", "pth", "bin"])
def test_pickles_are_refused(tmp_path, suffix) -> None:
    with pytest.raises(CheckpointError, match="can run code when they are opened"):
        timm(3, architecture="test_resnet", weights=tmp_path / f"weights.{suffix}")


@pytest.mark.parametrize("content", [None, b"no weights at all"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content) -> None:
    path = tmp_path / "weights.safetensors"
    if content:
        path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"cannot read weights.*weights\.safetensors"):
        timm(3, architecture="test_resnet", weights=path)


def test_a_misspelt_architecture_gets_near_names_and_not_all() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'resnet18'") as told:
        timm(3, architecture="resent18")
    assert len(told.value.known) == 10


def test_a_misspelt_tag_gets_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean 'resnet18\.a1_in1k'"):
        timm(3, architecture="resnet18.a1_in2k")


@pytest.mark.parametrize("name", ["test_vit", "inception_v3"])
def test_networks_for_some_sizes_only_are_refused(name) -> None:
    with pytest.raises(RecipeError, match="does not take images of any size"):
        timm(3, architecture=name)


def test_only_the_word_downloads(monkeypatch) -> None:
    asked: list[bool] = []
    create = library.create_model

    def offline(name: str, pretrained: bool = False, **options):
        asked.append(pretrained)
        if pretrained:
            raise ConnectionError("no network here")
        return create(name, **options)

    monkeypatch.setattr(library, "create_model", offline)
    timm(3, architecture="test_resnet")
    with pytest.raises(CheckpointError, match="no network here"):
        timm(3, architecture="test_resnet", weights="pretrained")
    assert asked == [False, True]
