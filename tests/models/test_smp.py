"""Every decoder of the library, on images of any size, with nothing idle."""

import pytest
import torch
from safetensors.torch import save_file

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import CheckpointError, MissingExtraError, RecipeError, UnknownNameError
from pixelwise.models.smp import Architecture, smp

library = pytest.importorskip("segmentation_models_pytorch")

ARCHITECTURES = Architecture.__args__
TINY = "test_resnet"


def encoder_for(architecture: str) -> str:
    return "test_vit" if architecture == "dpt" else TINY


def test_every_decoder_of_the_library_is_known() -> None:
    assert set(ARCHITECTURES) == set(library.MODEL_ARCHITECTURES_MAPPING)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_any_size_and_nothing_idle(architecture) -> None:
    model = smp(2, 3, architecture=architecture, encoder=encoder_for(architecture))
    images = torch.rand(2, 2, 17, 40)
    logits = model.train()(images)
    assert logits.shape == (2, 3, 17, 40)
    logits.square().mean().backward()
    assert all(weights.grad is not None for weights in model.parameters())
    with torch.no_grad():
        assert model.eval()(images[..., :1, :1]).shape == (2, 3, 1, 1)


def test_a_padded_image_says_what_the_library_says_of_it() -> None:
    model = smp(3, 2, architecture="fpn", encoder=TINY).eval()
    images = torch.rand(1, 3, 64, 96)
    with torch.no_grad():
        torch.testing.assert_close(model(images), model.network(images))


def test_the_last_stages_are_left_out_where_a_decoder_does_not_use_them() -> None:
    kept = sum(weights.numel() for weights in smp(3, 2, architecture="pspnet").parameters())
    whole = library.PSPNet("resnet18", encoder_weights=None, classes=2)
    assert kept < sum(weights.numel() for weights in whole.parameters()) / 10


def test_weights_come_back_from_files(tmp_path) -> None:
    source = library.create_model("unet", "resnet18", None, classes=4)
    save_file(source.state_dict(), tmp_path / "whole.safetensors")
    save_file(source.encoder.state_dict(), tmp_path / "encoder.safetensors")
    whole = smp(3, 4, weights=str(tmp_path / "whole.safetensors")).eval()
    images = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(whole(images), source.eval()(images))
    for weights in ("whole", "encoder"):
        other = smp(1, 2, weights=str(tmp_path / f"{weights}.safetensors"))
        first = other.network.encoder.conv1.weight
        torch.testing.assert_close(first, source.encoder.conv1.weight.sum(1, keepdim=True))


def test_weights_of_another_network_are_refused(tmp_path) -> None:
    save_file({"encoder.conv1.weight": torch.zeros(8, 3, 7, 7)}, tmp_path / "few.safetensors")
    with pytest.raises(CheckpointError, match=r"encoder\.conv1\.weight is \(8, 3, 7, 7\), wanted \(64,"):
        smp(3, 2, weights=str(tmp_path / "few.safetensors"))
    with pytest.raises(CheckpointError, match="can run code when they are opened"):
        smp(3, 2, weights="weights.pth")


def test_only_the_word_downloads(monkeypatch) -> None:
    asked: list[object] = []
    create = library.create_model

    def offline(architecture, encoder, weights, **options):
        asked.append(weights)
        if weights is not None:
            raise ConnectionError("no network here")
        return create(architecture, encoder, weights, **options)

    monkeypatch.setattr(library, "create_model", offline)
    smp(3, 2)
    for encoder in ("resnet18", TINY):
        with pytest.raises(CheckpointError, match="no network here"):
            smp(3, 2, encoder=encoder, weights="pretrained")
    assert asked == [None, "imagenet", True]


def test_a_misspelt_encoder_gets_near_names() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'resnet18'"):
        smp(3, 2, encoder="resnet_18")


def test_what_does_not_fit_together_is_told() -> None:
    with pytest.raises(RecipeError, match=r"'dpt' and encoder 'resnet18' do not fit together"):
        smp(3, 2, architecture="dpt")
    with pytest.raises(RecipeError, match="Input should be 'unet', 'unetplusplus'"):
        Catalog("pixelwise.models", "model").configure("smp", {"architecture": "yolo"})


def test_without_the_library_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "segmentation_models_pytorch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'pixelwise\[smp\]'"):
        smp(3, 2)
