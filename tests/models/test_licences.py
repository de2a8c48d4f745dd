from inspect import signature

import pytest

from pixelwise.core.catalog import Catalog
from pixelwise.models._licences import OF_EACH, licence_of, notice, permissive

CATALOG = Catalog("pixelwise.models", "model")


def test_permissive_is_what_anybody_may_use_for_money() -> None:
    assert permissive("Apache-2.0") and permissive("mit") and permissive("bsd-3-clause")
    assert not permissive("cc-by-nc-4.0") and not permissive("unknown") and not permissive("dinov3-license")


@pytest.mark.parametrize(
    ("model", "options", "licence"),
    [
        ("pidnet", {"size": "s"}, None),
        ("torchvision", {}, "bsd-3-clause"),
        ("fcn", {}, "bsd-3-clause"),
        ("unet", {"encoder": None}, None),
        ("unet", {"encoder": "resnet18"}, "apache-2.0"),
        ("unet", {"encoder": "regnetx_004"}, "mit"),
        ("unet", {"encoder": "resnet18.fb_ssl_yfcc100m_ft_in1k"}, "cc-by-nc-4.0"),
        ("segformer", {"encoder": "mit_b0"}, None),
        ("smp", {"encoder": "mit_b0"}, "nvidia-source-code-license"),
        ("smp", {"encoder": "resnext101_32x16d"}, "cc-by-nc-4.0"),
        ("smp", {"encoder": "resnext50_32x4d"}, "bsd-3-clause"),
        ("smp", {"encoder": "tu-regnetx_004"}, "mit"),
        ("transformers", {}, "see each card"),
        ("transformers", {"weights": "hub:nvidia/segformer-b0"}, "nvidia-source-code-license"),
    ],
)
def test_the_licence_behind_a_name(model, options, licence) -> None:
    assert licence_of(model, options) == licence


def test_every_encoder_of_smp_has_a_known_licence() -> None:
    library = pytest.importorskip("segmentation_models_pytorch")
    for encoder in library.encoders.encoders:
        if not encoder.startswith("timm-"):
            assert licence_of("smp", {"encoder": encoder}) not in (None, "unknown"), encoder


def test_a_network_of_the_hub_is_looked_up_on_its_card(monkeypatch) -> None:
    hub = pytest.importorskip("huggingface_hub")

    class Card:
        license = "cc-by-nc-4.0"

    class Info:
        card_data = Card()

    monkeypatch.setattr(hub, "model_info", lambda name: Info() if name == "who/what" else {}["no network"])
    options = {"weights": "hub:who/what"}
    assert licence_of("transformers", options) == "cc-by-nc-4.0"
    assert "'hub:who/what' are not under a permissive licence: cc-by-nc-4.0" in (
        notice("transformers", options) or ""
    )
    assert licence_of("transformers", {"weights": "hub:who/else"}) == "unknown"


def test_only_weights_that_are_asked_for_and_not_permissive_are_noticed() -> None:
    nvidia = {"encoder": "mit_b0"}
    assert notice("smp", {**nvidia, "weights": None}) is None
    assert notice("smp", {**nvidia, "weights": "mine.safetensors"}) is None
    assert notice("unet", {"encoder": "resnet18", "weights": "pretrained"}) is None
    told = notice("smp", {**nvidia, "weights": "pretrained"})
    assert told and told.startswith("the weights of 'mit_b0' are not under a permissive licence: nvidia-")


@pytest.mark.parametrize("name", CATALOG.names())
def test_no_default_downloads_anything(name) -> None:
    weights = signature(CATALOG[name]).parameters.get("weights")
    assert weights is None or weights.default is None
    assert notice(name, {}) is None
    assert licence_of(name, {}) in (None, OF_EACH) or permissive(licence_of(name, {}))
