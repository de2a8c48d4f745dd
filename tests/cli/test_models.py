"""The list of models on a terminal and for machines."""

import json

from typer.testing import CliRunner

from pixelwise.cli.main import app


def told(*words: str) -> str:
    done = CliRunner().invoke(app, ["models", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_page_shows_size_options_and_docs() -> None:
    page = " ".join(told("ddrnet").split())
    assert page.startswith("ddrnet Two branches")
    assert "5.69 M parameters" in page and "stride 64" in page
    for word in ("size", "23-slim | 23 | 39", "width", "whole number, at least 1", "auxiliary", "0.0"):
        assert word in page


def test_json_says_the_same_and_nothing_else() -> None:
    (model,) = json.loads(told("ddrnet", "--json"))
    assert model["size"] == {"parameters": 5_694_899, "gflop": model["size"]["gflop"], "stride": 64}
    assert round(model["size"]["gflop"], 1) == 9.1  # 2 × 36.3 / 8: 512×512 is an eighth of 1024×2048
    assert [option["name"] for option in model["options"]] == ["size", "width", "auxiliary"]
    assert (model["needs"], model["licence"]) == (None, None)


def test_a_list_has_a_row_for_each_and_says_what_is_not_installed(monkeypatch) -> None:
    from pixelwise.workflows import models as subject

    monkeypatch.setitem(__import__("sys").modules, "segmentation_models_pytorch", None)
    monkeypatch.setattr(subject.MODELS, "names", lambda: ["smp", "stack", "torchvision"])
    rows = {line.split()[0]: line for line in told().splitlines() if line.strip()}
    assert "needs extra smp" in rows["smp"]
    assert "M" in rows["stack"] and "bsd-3-clause" in rows["torchvision"]


def test_a_misspelt_name_ends_with_code_2() -> None:
    done = CliRunner().invoke(app, ["models", "unett"])
    assert done.exit_code == 2
    assert "Did you mean 'unet'" in done.stderr
