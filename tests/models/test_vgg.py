"""VGG16 against torchvision's, layer for layer, and the ways its weights come in."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models.vgg import make_layers, vgg16, vgg16_bn

from pixelwise.core.errors import CheckpointError
from pixelwise.models import _vgg
from pixelwise.models._vgg import fill_vgg, mirrored_stages, unpooled, vgg_stages, vgg_weights, vgg_widths

NARROW = [
    2,
    2,
    "M",
    4,
    4,
    "M",
    8,
    8,
    8,
    "M",
    16,
    16,
    16,
    "M",
    16,
    16,
    16,
    "M",
]  # torchvision's way to write it


def theirs(*, normed: bool, bands: int = 3) -> nn.Sequential:
    """torchvision's convolutions, two channels wide, with nothing left at a start of 0 or 1."""
    layers = make_layers(NARROW, batch_norm=normed)
    layers[0] = nn.Conv2d(bands, 2, 3, padding=1)
    for values in layers.state_dict().values():
        if values.dtype == torch.float32 and values.dim() == 1:
            values.uniform_(0.5, 1.5)
    return layers.eval()


def named(layers: nn.Sequential) -> dict[str, Tensor]:
    return {f"features.{name}": values for name, values in layers.state_dict().items()}


@pytest.mark.parametrize(("normed", "build"), [(False, vgg16), (True, vgg16_bn)])
def test_has_the_shapes_of_torchvision(normed, build) -> None:
    with torch.device("meta"):
        ours = vgg_stages(3, vgg_widths(64), norm=nn.BatchNorm2d if normed else None)
        features = build().features
    assert [w.shape for w in ours.parameters()] == [w.shape for w in features.parameters()]


def test_has_as_many_parameters_as_in_the_paper() -> None:
    with torch.device("meta"):
        stages = vgg_stages(3, vgg_widths(64))
    assert sum(weights.numel() for weights in stages.parameters()) == 14_714_688


@pytest.mark.parametrize("normed", [False, True])
def test_says_what_torchvision_says_with_its_weights(normed) -> None:
    expected, images = theirs(normed=normed), torch.rand(2, 3, 64, 96)
    stages = vgg_stages(3, vgg_widths(2), norm=nn.BatchNorm2d if normed else None, dropout=0.3).eval()
    fill_vgg(stages, named(expected))
    features = images
    for stage in stages:
        features = F.max_pool2d(stage(features), 2)
    torch.testing.assert_close(features, expected(images))


def test_grey_images_are_seen_as_three_equal_bands() -> None:
    expected, images = theirs(normed=False), torch.rand(1, 1, 8, 8)
    stages = vgg_stages(1, vgg_widths(2))
    fill_vgg(stages, named(expected))
    torch.testing.assert_close(stages[0](images), expected[:4](images.expand(-1, 3, -1, -1)))


def test_dilation_widens_what_the_last_stage_sees() -> None:
    plain, wide = (vgg_stages(3, vgg_widths(2), dilations=(1, 1, 1, 1, last))[-1] for last in (1, 2))
    wide.load_state_dict(plain.state_dict())
    features = torch.rand(1, 16, 11, 13)
    sparse = torch.zeros(1, 16, 22, 26)
    sparse[..., ::2, ::2] = features
    torch.testing.assert_close(wide(sparse)[..., ::2, ::2], plain(features))


def test_the_way_up_ends_where_the_way_down_began() -> None:
    stages = mirrored_stages([2, 4, 8, 16, 16])
    convolutions = [
        [(layer.in_channels, layer.out_channels) for layer in stage if isinstance(layer, nn.Conv2d)]
        for stage in stages
    ]
    assert convolutions == [
        [(16, 16), (16, 16), (16, 16)],
        [(16, 16), (16, 16), (16, 8)],
        [(8, 8), (8, 8), (8, 4)],
        [(4, 4), (4, 2)],
        [(2, 2)],
    ]


def test_dropout_stands_between_the_convolutions_of_a_stage() -> None:
    stages = vgg_stages(3, [2] * 5, dropout=0.1)
    initials = ["".join(type(layer).__name__[0] for layer in stage) for stage in stages]
    assert initials == ["CRDCR"] * 2 + ["CRDCRDCR"] * 3


def test_values_go_back_to_where_the_maximum_was() -> None:
    large = torch.tensor([[[[1.0, 5, 0, 0], [2, 3, 0, 4]]]])
    pooled, places = F.max_pool2d(large, 2, return_indices=True)
    assert pooled.tolist() == [[[[5, 4]]]]
    assert unpooled(torch.tensor([[[[7.0, 8]]]]), places).tolist() == [[[[0, 7, 0, 0], [0, 0, 0, 8]]]]


def test_unpools_as_torch_does() -> None:
    features = torch.randn(2, 3, 8, 12).contiguous(memory_format=torch.channels_last)
    pooled, places = F.max_pool2d(features, 2, return_indices=True)
    torch.testing.assert_close(unpooled(pooled, places), F.max_unpool2d(pooled, places, 2))


def test_weights_come_from_a_safetensors_file(tmp_path) -> None:
    layers = named(theirs(normed=True))
    save_file(layers, tmp_path / "vgg.safetensors")
    stages = vgg_stages(3, vgg_widths(2), norm=nn.BatchNorm2d)
    fill_vgg(stages, vgg_weights(str(tmp_path / "vgg.safetensors"), normed=True))
    assert torch.equal(stages[0][1].running_var, layers["features.1.running_var"])


def test_all_that_does_not_fit_is_told() -> None:
    layers = named(theirs(normed=False))
    layers["features.2.bias"] = torch.zeros(3)
    del layers["features.28.weight"]
    with pytest.raises(CheckpointError, match=r"missing features\.28\.weight") as error:
        fill_vgg(vgg_stages(3, vgg_widths(2)), layers)
    assert "features.2.bias is (3,), wanted (2,)" in str(error.value)


def test_a_pickle_is_refused(tmp_path) -> None:
    with pytest.raises(CheckpointError, match="must be a safetensors file"):
        vgg_weights(str(tmp_path / "vgg16.pth"), normed=False)


class TestDownloads:
    """The real download with another address, that of a file."""

    @pytest.fixture
    def served(self, tmp_path, monkeypatch):
        """Put something at torchvision's address, under the right hash or a wrong one."""
        monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))

        def serve(content: object, *, right: bool = True) -> None:
            path = tmp_path / "made.pth"
            torch.save(content, path)
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if right else "0" * 64
            there = path.rename(tmp_path / f"vgg16-{digest[:8]}.pth")
            monkeypatch.setattr(_vgg, "_address", lambda _normed: there.as_uri())

        return serve

    def test_brings_the_weights(self, served) -> None:
        layers = named(theirs(normed=False))
        served(layers)
        found = vgg_weights("pretrained", normed=False)
        assert all(torch.equal(found[name], values) for name, values in layers.items())

    def test_of_another_content_is_refused(self, served) -> None:
        served(named(theirs(normed=False)), right=False)
        with pytest.raises(CheckpointError, match="invalid hash value"):
            vgg_weights("pretrained", normed=False)

    def test_that_would_run_code_is_refused(self, served) -> None:
        served({"features.0.weight": Path("anything but a tensor")})
        with pytest.raises(CheckpointError, match="could not get the weights of VGG16"):
            vgg_weights("pretrained", normed=False)

    def test_asks_for_the_network_that_is_meant(self) -> None:
        assert "/vgg16-" in _vgg._address(normed=False)
        assert "/vgg16_bn-" in _vgg._address(normed=True)
