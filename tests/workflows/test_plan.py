"""From a folder to a recipe that runs."""

import pytest
import yaml
from typer.testing import CliRunner

from pixelwise.cli.main import app
from pixelwise.core.errors import RecipeError
from pixelwise.core.sample import Sample
from pixelwise.data.readers.pairs import pairs
from pixelwise.recipe.rules import Candidate
from pixelwise.workflows import plan as subject
from pixelwise.workflows._traits import traits_of
from pixelwise.workflows.check import check
from pixelwise.workflows.plan import plan
from pixelwise.workflows.train import train
from tests.data.drawn import draw_pairs


@pytest.fixture
def data(tmp_path):
    draw_pairs(tmp_path / "data", number=8, size=(40, 56))
    return tmp_path / "data"


@pytest.fixture
def tiny(monkeypatch):
    """Two nets that are tried in no time."""
    ladder = [Candidate(f"width {w}", {"name": "unet", "width": w, "norm": "batch"}) for w in (2, 3)]
    monkeypatch.setattr(subject, "candidates", lambda traits: ladder)


def test_a_plan_is_checked_trained_and_explained(data, tiny, tmp_path) -> None:
    out = tmp_path / "recipe.yaml"
    found = plan(data, budget="5m", memory="1G", out=out, device="cpu", seconds=2.0, quiet=True)
    text = out.read_text()
    assert text == found.recipe and check(out).train.budget == "5m"
    assert text.count("# ") >= len(found.decisions) + len(found.trials)
    assert "1.0 GB of memory" in text and "(rows×columns), 3 bands" in text
    assert yaml.safe_load(text)["data"]["reader"] == {"name": "pairs", "root": str(data)}
    done = train(recipe=out, settings=["train.steps=2"], out=tmp_path / "run", quiet=True)
    assert done.report is not None
    with pytest.raises(RecipeError, match="is there already"):
        plan(data, out=out, quiet=True)


def test_the_command_prints_the_recipe(data, tiny) -> None:
    told = CliRunner().invoke(app, ["plan", str(data), "--budget", "90s", "--device", "cpu"])
    assert told.exit_code == 0, told.stderr
    assert yaml.safe_load(told.stdout)["train"]["budget"] == "90s"


@pytest.mark.parametrize("amounts", [{"budget": "soon"}, {"memory": "lots"}])
def test_what_is_no_amount_is_told(data, amounts) -> None:
    with pytest.raises(RecipeError, match="Write it as"):
        plan(data, **amounts, quiet=True)


def test_data_looked_at_by_hand(tmp_path) -> None:
    """A square of 10×10 (a side of 10, an outline of 40) and a bar of 2×20, on 30×40 pixels of ground."""
    import torch

    draw_pairs(tmp_path, number=2, size=(30, 40))
    reader = pairs(tmp_path)
    labels = torch.zeros(30, 40, dtype=torch.long)
    labels[2:12, 2:12], labels[20:22, 5:25] = 1, 2

    class Fixed:
        classes, splits, notes = reader.classes, {"train": [0], "val": [1]}, ()

        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> Sample:
            return Sample(torch.zeros(3, 30, 40), labels, "one")

    found = traits_of(Fixed())
    assert (found.images, found.rows, found.columns, found.bands) == (1, 30, 40, 3)
    assert found.shares == pytest.approx((1060 / 1200, 100 / 1200, 40 / 1200))
    assert found.thickness[1:] == pytest.approx((200 / 40, 80 / 44))
    assert found.objects[1:] == pytest.approx((10.0, 40**0.5))
