"""From a run to the parameters of the CRF that serve it, and what they are worth."""

import json

import pytest

from pixelwise.core.errors import RecipeError
from pixelwise.engine.crf_search import Grid, tries
from pixelwise.workflows.search_crf import search_crf
from pixelwise.workflows.train import train
from tests.data.drawn import draw_pairs

SMALL = Grid((4.0,), (20.0,), (0.05,))


def trained(folder, *more, encoding="index", layout="lists"):
    """A few steps on drawn pairs: a poor net is as good as any here."""
    draw_pairs(folder / "data", number=12, size=(24, 32), encoding=encoding, layout=layout)
    settings = ["model={name: unet, width: 4}", "train.steps=6", "train.batch_size=4", *more]
    train(
        folder / "data",
        settings=[*settings, "train.precision=float32", "train.device=cpu"],
        out=folder / "run",
        preflight=False,
        quiet=True,
    )
    return folder / "run"


def test_the_gain_is_told_for_val_and_test_and_written_beside_the_weights(tmp_path) -> None:
    run = trained(tmp_path)
    found = search_crf(run, grid=SMALL, quiet=True)
    assert found.file == run / "crf.json" and found.test is not None
    written = json.loads(found.file.read_text())
    assert written["setting"]["position_sd"] == found.setting.position_sd
    assert written["test"]["after"]["mean_iou"] == found.test.after.mean_iou
    assert (found.val.images, found.test.images) == (3, 3)
    assert tries(SMALL) == 27


def test_few_images_are_enough_when_asked_for_and_one_plane_is_two_classes(tmp_path) -> None:
    run = trained(tmp_path, "data.reader.planes=true", encoding="binary255", layout="parallel")
    found = search_crf(run, images=1, grid=SMALL, quiet=True)
    assert found.val.images == 1 and 0 <= found.val.after.mean_iou <= 1


def test_without_a_test_split_the_search_says_that_val_praises_itself(tmp_path, capfd) -> None:
    run = trained(tmp_path, "data.test=0", layout="parallel")
    found = search_crf(run, grid=SMALL)
    said = capfd.readouterr().err
    assert found.test is None and "no test split" in said and "val, " in said


def test_planes_that_may_overlap_are_refused(tmp_path) -> None:
    run = trained(tmp_path, "data.reader.planes=true")
    with pytest.raises(RecipeError, match=r"The run has \d planes, which may overlap"):
        search_crf(run, grid=SMALL, quiet=True)
