"""The library's networks, made tiny by their configuration, with weights from folders it wrote."""

import json

import pytest
import torch

from pixelwise.core.errors import CheckpointError, MissingExtraError, RecipeError
from pixelwise.models.transformers import Architecture, Transformers, transformers

library = pytest.importorskip("transformers")

BODY = {
    "model_type": "resnet",
    "embedding_size": 8,
    "hidden_sizes": [8, 8, 16, 16],
    "depths": [1, 1, 1, 1],
    "layer_type": "basic",
    "out_features": ["stage1", "stage2", "stage3", "stage4"],
}
DECODER = {
    "model_type": "detr",
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 2,
    "encoder_ffn_dim": 16,
    "decoder_ffn_dim": 16,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "num_queries": 7,
    "backbone_config": BODY,
}
SEGFORMER = {
    "hidden_sizes": [8, 16, 24, 32],
    "num_attention_heads": [1, 2, 3, 4],
    "decoder_hidden_size": 16,
    "depths": [1, 1, 1, 1],
}
TINY = {
    "segformer": SEGFORMER,
    "upernet": {"backbone_config": BODY, "hidden_size": 16},
    "mobilevit": {"hidden_sizes": [8, 12, 16], "neck_hidden_sizes": [8] * 7, "aspp_out_channels": 16},
    "mobilevitv2": {"width_multiplier": 0.25, "aspp_out_channels": 16},
    "mobilenet_v2": {"depth_multiplier": 0.35},
    "maskformer": {
        "backbone_config": BODY,
        "fpn_feature_size": 64,
        "mask_feature_size": 64,
        "decoder_config": DECODER,
    },
    "mask2former": {
        "backbone_config": BODY,
        "feature_size": 64,
        "mask_feature_size": 64,
        "hidden_dim": 64,
        "encoder_feedforward_dim": 16,
        "dim_feedforward": 16,
        "encoder_layers": 1,
        "decoder_layers": 2,
        "num_attention_heads": 2,
        "num_queries": 7,
    },
}


def tiny(architecture: str, in_channels: int = 3, num_classes: int = 5, weights=None) -> Transformers:
    config = None if weights else TINY[architecture]
    return transformers(in_channels, num_classes, architecture=architecture, config=config, weights=weights)


def said(model: torch.nn.Module, images: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(images)


@pytest.fixture
def folder(tmp_path):
    """A tiny SegFormer of four classes, as the library saves it."""
    model = tiny("segformer", num_classes=4)
    model.network.save_pretrained(tmp_path)
    return model, str(tmp_path)


@pytest.mark.parametrize("architecture", Architecture.__args__)
def test_any_size_and_bands_with_nothing_idle(architecture) -> None:
    model = tiny(architecture, in_channels=2)
    logits = model.train()(torch.rand(2, 2, 17, 40))
    assert logits.shape == (2, 5, 17, 40)
    logits.square().mean().backward()
    assert all(weights.grad is not None for weights in model.parameters())
    assert said(model, torch.rand(1, 2, 1, 1)).shape == (1, 5, 1, 1)


@pytest.mark.parametrize("architecture", ["upernet", "maskformer", "mask2former"])
def test_exported_is_equal(architecture) -> None:
    model, images = tiny(architecture).eval(), torch.rand(1, 3, 40, 24)
    exported = torch.export.export(model, (images,)).module()
    torch.testing.assert_close(exported(images), said(model, images))


def test_the_smallest_segformer_is_the_default() -> None:
    with torch.device("meta"):
        model = transformers(3, 150)
    # 3.8 million in the paper's table 1; transformers' own count of nvidia/segformer-b0-finetuned-ade-512-512
    assert sum(weights.numel() for weights in model.parameters()) == 3_752_694


@pytest.mark.parametrize("architecture", ["maskformer", "mask2former"])
def test_softmax_gives_the_scores_of_masks_as_shares(architecture) -> None:
    model, images = tiny(architecture).eval(), torch.rand(2, 3, 32, 64)
    with torch.no_grad():
        raw = model.network(images)
    masks = torch.nn.functional.interpolate(
        raw.masks_queries_logits, size=(32, 64), mode="bilinear"
    ).sigmoid()
    classes = raw.class_queries_logits.softmax(-1)
    scores = sum(classes[:, query, :5, None, None] * masks[:, query, None] for query in range(7))
    shares = said(model, images).softmax(1)
    torch.testing.assert_close(shares, scores / scores.sum(1, keepdim=True), rtol=1e-4, atol=1e-6)


def test_weights_come_back_from_a_folder(folder) -> None:
    source, path = folder
    images = torch.rand(1, 3, 64, 32)
    torch.testing.assert_close(said(tiny("segformer", 3, 4, path), images), said(source, images))


def test_other_classes_and_bands_keep_the_rest_of_the_weights(folder) -> None:
    source, path = folder
    model = tiny("segformer", 1, 9, path)
    mine, theirs = model.state_dict(), source.state_dict()
    first = "network.segformer.stages.0.patch_embeddings.proj.weight"
    changed = {key for key in theirs if mine[key].shape != theirs[key].shape}
    assert changed == {first, "network.decode_head.classifier.weight", "network.decode_head.classifier.bias"}
    torch.testing.assert_close(mine[first], theirs[first].sum(1, keepdim=True))
    assert all(torch.equal(mine[key], theirs[key]) for key in theirs.keys() - changed)


def test_a_body_without_its_head_will_do(folder, tmp_path) -> None:
    source, _ = folder
    source.network.segformer.save_pretrained(tmp_path / "body")
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "body" / "config.json").write_text(json.dumps(config))
    model = tiny("segformer", 3, 4, str(tmp_path / "body"))
    mine, theirs = model.network.segformer.state_dict(), source.network.segformer.state_dict()
    assert all(torch.equal(mine[key], theirs[key]) for key in theirs)


def test_weights_of_another_network_are_refused(folder) -> None:
    _, path = folder
    with pytest.raises(CheckpointError, match="Found 'segformer'"):
        tiny("mobilevit", weights=path)
    with pytest.raises(CheckpointError, match=r"k_proj\.weight is \(8, 8\), wanted \(16, 16\)"):
        transformers(3, 4, config={"hidden_sizes": [16, 16, 24, 32]}, weights=path)


def test_a_folder_without_safetensors_is_refused(folder, tmp_path) -> None:
    source, path = folder
    (tmp_path / "model.safetensors").unlink()
    torch.save(source.network.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="could not get the weights"):
        tiny("segformer", weights=path)
    with pytest.raises(CheckpointError, match="must be a folder with"):
        tiny("segformer", weights="nvidia/mit-b0")


def test_only_a_name_of_the_hub_downloads(monkeypatch, folder) -> None:
    asked: list[tuple[str, bool]] = []

    def recorded(place, *, local_files_only, **_options):
        asked.append((place, local_files_only))
        raise OSError("no network here")

    monkeypatch.setattr(library.AutoConfig, "from_pretrained", recorded)
    tiny("segformer")
    assert not asked
    for weights in (folder[1], "hub:nvidia/mit-b0"):
        with pytest.raises(CheckpointError, match="no network here"):
            tiny("segformer", weights=weights)
    assert asked == [(folder[1], True), ("nvidia/mit-b0", False)]


def test_a_configuration_is_checked() -> None:
    with pytest.raises(RecipeError, match=r"'hiden_sizes'\. Did you mean 'hidden_sizes'"):
        transformers(3, 2, config={"hiden_sizes": [8, 16, 24, 32]})
    with pytest.raises(RecipeError, match="cannot build this 'maskformer'"):
        transformers(3, 2, architecture="maskformer", config={"decoder_config": {"model_type": "none"}})


def test_without_the_library_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'pixelwise\[transformers\]'"):
        transformers(3, 2)
