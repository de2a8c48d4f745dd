"""From a run to files for other runtimes, and back into every command that takes a run."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from pixelwise.cli.main import app
from pixelwise.core.errors import CheckpointError, ExportError, RecipeError
from pixelwise.workflows.bundle import bundle
from pixelwise.workflows.evaluate import evaluate
from pixelwise.workflows.export import export
from pixelwise.workflows.predict import predict
from pixelwise.workflows.train import train
from pixelwise.workflows.trained import load_trained
from tests.data.drawn import draw_pairs

SETTINGS = (
    "train.steps=12",
    "train.precision=float32",
    "model={name: unet, width: 8, norm: batch}",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    home = tmp_path_factory.mktemp("left")
    draw_pairs(home / "data", number=12, size=(72, 56), encoding="index", layout="parallel")
    train(home / "data", settings=SETTINGS, out=home / "run", quiet=True)
    return home / "run"


@pytest.fixture(scope="module")
def onnx(run):
    return export(run, to="onnx", quiet=True)


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (131, 90, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def pixels_of(path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_the_certificate_says_what_was_compared(onnx) -> None:
    told = json.loads(onnx.certificate.read_text())
    assert told["parity"]["agreement"] == onnx.parity.agreement >= 0.999
    assert told["parity"]["images"] == 2 and told["parity"]["faults"] == []
    assert told["parity"]["mean_iou"][0] == pytest.approx(told["parity"]["mean_iou"][1], abs=5e-3)
    assert told["form"]["size"] is None and told["environment"]["torch"]
    assert pixels_of(onnx.picture).shape[1] > 300
    assert [path.name for path in sorted(onnx.model.parent.iterdir())] == [
        "certificate.json",
        "model.json",
        "model.onnx",
        "worst.png",
    ]


def test_the_score_is_that_of_evaluate(run, onnx) -> None:
    scored = evaluate(run, split="val", precision="float32", quiet=True)
    assert onnx.parity.mean_iou[0] == pytest.approx(scored.scores["mean_iou"], abs=1e-6)
    again = evaluate(onnx.model, split="val", quiet=True)
    assert again.scores["mean_iou"] == pytest.approx(onnx.parity.mean_iou[1], abs=1e-6)
    assert "exported by" in again.provenance["weights"]


def test_an_export_predicts_like_its_original_at_other_sizes(run, onnx, photo, tmp_path) -> None:
    (first,) = predict(run, [photo], out=tmp_path / "a", precision="float32", quiet=True)
    (second,) = predict(onnx.model, [photo], out=tmp_path / "b", quiet=True)
    assert (pixels_of(first.labels) == pixels_of(second.labels)).mean() > 0.999


def test_a_fixed_size_serves_larger_images_in_tiles_without_seams(run, photo, tmp_path) -> None:
    done = export(run, to="torch", size=(64, 48), gives="probs", out=tmp_path / "fixed", quiet=True)
    assert done.form.size == (64, 48) and done.parity.agreement > 0.999
    trained = load_trained(done.model)
    assert trained.tile == (64, 48)
    (found,) = predict(done.model, [photo], out=tmp_path / "out", quiet=True)
    assert pixels_of(found.labels).shape == (131, 90)


def test_what_is_decided_inside_is_the_same(run, tmp_path) -> None:
    done = export(run, to="onnx", gives="labels", pixels="uint8", out=tmp_path / "whole", quiet=True)
    assert done.parity.agreement > 0.999
    import onnxruntime

    session = onnxruntime.InferenceSession(str(done.model))
    (given,) = session.run(None, {"images": np.zeros((1, 3, 130, 140), np.uint8)})
    assert given.shape == (1, 130, 140) and given.dtype == np.uint8


def test_too_little_agreement_fails_and_keeps_the_evidence(run, tmp_path) -> None:
    with pytest.raises(ExportError, match=r"does not say what its original says.*100\.100%.*-rejected"):
        export(run, to="torch", agree=1.001, out=tmp_path / "strict", quiet=True)
    assert not (tmp_path / "strict").exists()
    assert (tmp_path / "strict-rejected" / "worst.png").is_file()
    assert json.loads((tmp_path / "strict-rejected" / "certificate.json").read_text())["parity"]["faults"]


def test_nothing_is_overwritten_unasked(run, onnx) -> None:
    with pytest.raises(RecipeError, match="there already"):
        export(run, to="onnx", quiet=True)


def test_unknown_targets_and_bits_are_told_before_anything_is_done(run, tmp_path) -> None:
    with pytest.raises(RecipeError, match=r"unknown target 'onxx'. Did you mean 'onnx'"):
        export(run, to="onxx", out=tmp_path / "x", quiet=True)
    with pytest.raises(RecipeError, match=r"torch cannot compute in int8. Known: float32, bfloat16"):
        export(run, to="torch", bits="int8", out=tmp_path / "x", quiet=True)
    assert not (tmp_path / "x").exists()


def test_a_bundle_is_a_run_without_its_training(run, photo, tmp_path) -> None:
    file = bundle(run, out=tmp_path / "leaves", quiet=True)
    first, second = load_trained(str(run)), load_trained(file)
    images = torch.rand(1, 3, 40, 40)
    assert torch.equal(first.scores(images), second.scores(images))
    assert second.contract == first.contract
    assert first.contract.scores["val mean_iou"] > 0 and len(first.contract.data) >= 64
    assert file.stat().st_size < 0.5 * (run / "last.safetensors").stat().st_size
    predict(file, [photo], out=tmp_path / "out", quiet=True)
    whole = bytearray(file.read_bytes())
    whole[-3] ^= 1
    file.write_bytes(whole)
    with pytest.raises(CheckpointError, match="changed after it was written"):
        load_trained(file)


def test_an_odd_image_is_warned_about(run, tmp_path) -> None:
    Image.fromarray(np.full((64, 64, 3), 1, np.uint8)).save(tmp_path / "night.png")
    (found,) = predict(run, [tmp_path / "night.png"], out=tmp_path / "out", quiet=True)
    assert any("almost black" in sentence for sentence in found.departures)


def test_the_command_prints_both_sides(run, tmp_path) -> None:
    words = ["export", str(run), "--to", "torch", "--bf16", "--out", str(tmp_path / "cli")]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    assert "mean IoU" in done.stdout and "of pixels of 2 images agree" in done.stdout
    failed = CliRunner().invoke(app, ["export", str(run)], catch_exceptions=False)
    assert failed.exit_code == 2 and "Give --to NAME, or --target cpu" in failed.stderr
    failed = CliRunner().invoke(app, ["export", str(run), "--to", "torch", "--size", "5"])
    assert failed.exit_code == 2 and "rows,columns" in failed.stderr
