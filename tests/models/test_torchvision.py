import pytest
import torch
import torchvision as library
from safetensors.torch import save_file

import pixelwise.models.torchvision as subject
from pixelwise.core.errors import CheckpointError, RecipeError
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.models.torchvision import Architecture, torchvision
from pixelwise.ops.heads import Heads, loss_of_heads

SMALL = "deeplabv3_mobilenet_v3_large"


def test_every_segmentation_network_is_known() -> None:
    assert set(Architecture.__args__) == set(library.models.list_models(library.models.segmentation))


# torchvision's own counts, of networks with a second classifier where there is one
@pytest.mark.parametrize("architecture", Architecture.__args__)
def test_as_many_parameters_as_torchvision_counts(architecture) -> None:
    known = library.models.get_model_weights(architecture).DEFAULT.meta["num_params"]
    second = 0.0 if architecture.startswith("lraspp") else 0.5
    with torch.device("meta"):
        model = torchvision(3, 21, architecture=architecture, auxiliary=second)
    assert sum(weights.numel() for weights in model.parameters()) == known


@pytest.mark.parametrize("architecture", [SMALL, "lraspp_mobilenet_v3_large"])
def test_a_padded_image_says_what_torchvision_says_of_it(architecture) -> None:
    model, images = torchvision(3, 4, architecture=architecture).eval(), torch.rand(1, 3, 32, 48)
    with torch.no_grad():
        torch.testing.assert_close(model(images), model.network(images)["out"])
        assert model(images[..., :17, :5]).shape == (1, 4, 17, 5)


def test_the_second_classifier_is_taught_and_there_only_when_asked_for() -> None:
    assert isinstance(torchvision(3, 2, architecture=SMALL).train()(torch.rand(2, 3, 32, 40)), torch.Tensor)
    model, labels = torchvision(3, 2, architecture=SMALL, auxiliary=0.5), torch.randint(2, (2, 33, 40))
    said = model(torch.rand(2, 3, 33, 40))
    assert isinstance(said, Heads)
    (second,) = said.auxiliary
    assert (second.of, second.weight, tuple(second.scores.shape)) == ("classes", 0.5, (2, 2, 33, 40))
    loss_of_heads(cross_entropy, said, labels).backward()
    assert all(weights.grad is not None for weights in model.parameters())


def test_lraspp_has_no_second_classifier() -> None:
    with pytest.raises(RecipeError, match="has no second classifier"):
        torchvision(3, 2, auxiliary=0.5)


def test_weights_come_back_from_a_file(tmp_path) -> None:
    source = library.models.get_model(
        SMALL, weights=None, weights_backbone=None, num_classes=4, aux_loss=True
    )
    save_file(source.state_dict(), tmp_path / "weights.safetensors")
    path, images = str(tmp_path / "weights.safetensors"), torch.rand(1, 3, 32, 32)
    same = torchvision(3, 4, architecture=SMALL, weights=path).eval()
    with torch.no_grad():
        torch.testing.assert_close(same(images), source.eval()(images)["out"])
    grey = torchvision(1, 9, architecture=SMALL, weights=path, auxiliary=0.5)
    first = grey.network.backbone["0"][0].weight
    torch.testing.assert_close(first, source.backbone["0"][0].weight.sum(1, keepdim=True))
    assert grey.network.classifier[-1].out_channels == grey.network.aux_classifier[-1].out_channels == 9


def test_weights_of_another_network_are_refused(tmp_path) -> None:
    save_file({"backbone.conv1.weight": torch.zeros(1)}, tmp_path / "weights.safetensors")
    with pytest.raises(CheckpointError, match=r"unknown backbone\.conv1\.weight"):
        torchvision(3, 2, weights=str(tmp_path / "weights.safetensors"))


def test_only_the_word_downloads_and_opens_nothing_but_tensors(monkeypatch, capsys) -> None:
    source = library.models.get_model(SMALL, weights=None, weights_backbone=None, aux_loss=True)
    asked: list[tuple[str, dict[str, object]]] = []

    def fetched(address, **options):
        asked.append((address, options))
        print("Downloading")  # noqa: T201 so does torch
        return source.state_dict()

    monkeypatch.setattr(subject, "load_state_dict_from_url", fetched)
    torchvision(3, 2, architecture=SMALL)
    assert not asked
    model = torchvision(3, 21, architecture=SMALL, weights="pretrained").eval()
    ((address, options),) = asked
    assert address.startswith("https://download.pytorch.org/models/deeplabv3_mobilenet_v3_large-")
    assert options["check_hash"] and options["weights_only"]
    assert not capsys.readouterr().out  # stdout is for results
    images = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(model(images), source.eval()(images)["out"])


def test_a_failed_download_is_told(monkeypatch) -> None:
    def offline(*_given, **_options):
        raise OSError("no network here")

    monkeypatch.setattr(subject, "load_state_dict_from_url", offline)
    with pytest.raises(CheckpointError, match="no network here"):
        torchvision(3, 2, weights="pretrained")
