"""The front door is true: its commands run, its Python runs, its tree names every file."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.data.drawn import draw_pairs

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
QUICK = {"10m": "20s", "20m": "20s", "train.steps=300": "train.steps=6", "train.steps=200": "train.steps=6"}
SMALL = {"PIXELWISE_MALLOC": "system", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def quick(text: str) -> str:
    """The same with less time: ten minutes are for people."""
    for long, short in QUICK.items():
        text = text.replace(long, short)
    return text


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the photos of the README."""
    home = tmp_path_factory.mktemp("home")
    draw_pairs(home / "photos", number=12, size=(64, 64), encoding="index", layout="parallel")
    return home


@pytest.mark.multiprocess
def test_commands_run_as_they_stand(home) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("pixelwise ")]
    assert {"train", "evaluate", "predict", "check"} <= {line.split()[1] for line in lines}
    for line in lines:
        done = subprocess.run(
            quick(line), shell=True, cwd=home, env={**os.environ, **SMALL}, capture_output=True, text=True
        )
        assert done.returncode == 0, (line, done.stderr)
    assert (home / "runs" / "leaves" / "report.html").exists()
    assert len(list((home / "predictions" / "overlays").iterdir())) == 12
    assert (home / "runs" / "again" / "scores.json").exists()


@pytest.mark.multiprocess
def test_python_runs_as_it_stands(home) -> None:
    (block,) = blocks("python")
    assert len([line for line in block.splitlines() if line]) <= 5
    done = subprocess.run([sys.executable, "-c", quick(block)], cwd=home, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 0 <= float(done.stdout.splitlines()[0]) <= 1


def test_the_classes_of_the_example_are_classes() -> None:
    import yaml

    from pixelwise.core.classes import Classes

    (block,) = blocks("yaml")
    assert Classes.from_dict(yaml.safe_load(block)).names == ("background", "leaf")


def test_the_tree_names_every_file() -> None:
    tree = README[README.index("src/pixelwise/\n├──") :]
    missing = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "src").rglob("*.py"))
        if path.stem != "__init__" and not re.search(rf"\b{path.stem}\b", tree)
    ]
    assert not missing


def test_pictures_are_there() -> None:
    for name in re.findall(r"\]\((docs/[^)]+)\)", README):
        assert (ROOT / name).exists(), name
