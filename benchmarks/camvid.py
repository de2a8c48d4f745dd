"""What every model (or every loss) reaches on CamVid in the same small time, on this machine.

    python -m benchmarks.camvid models --data FOLDER [--budget 5m] [--only fcn unet] [--table FILE]
    python -m benchmarks.camvid losses --data FOLDER [--budget 5m] [--seeds 3]

A row is a run: `recipes/camvid/NAME.yaml`, or one loss in the recipe of `unet`. Rows are trained one at a
time, each in a process of its own. A row that was finished is never trained again and one that was
interrupted goes on where it stopped, so the table may grow over days; the table is written anew after every
row, from what lies in the folder of the runs.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks._machine import circumstances
from pixelwise.core.catalog import Catalog
from pixelwise.engine.predict import predict_logits
from pixelwise.workflows.trained import Trained, load_trained

RECIPES = Path("recipes/camvid")
SIZE = (360, 480)
LOSSES = Catalog("pixelwise.losses", "loss")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what is trained, and where the run lies."""

    name: str
    recipe: Path
    settings: tuple[str, ...]
    run: Path


def main() -> None:
    """Train what is missing, write the table after each row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("kind", choices=["models", "losses"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--budget", default="5m")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--runs", type=Path, default=Path("runs/camvid"))
    parser.add_argument("--table", type=Path)
    asked = parser.parse_args()
    rows = list(_models(asked) if asked.kind == "models" else _losses(asked))
    for row in rows:
        if not (row.run / "scores.json").exists():
            _train(row, asked.data, asked.budget)
        text = "\n".join(_table([done for done in rows if (done.run / "scores.json").exists()]))
        print(f"{text}\n", flush=True)
        if asked.table is not None:
            asked.table.write_text(f"{circumstances()}\n\n{text}\n")


def _models(asked: argparse.Namespace) -> Iterator[Row]:
    for recipe in sorted(RECIPES.glob("*.yaml")):
        for seed in range(asked.seeds):
            if not asked.only or recipe.stem in asked.only:
                run = asked.runs / asked.budget / f"{recipe.stem}-{seed}"
                yield Row(recipe.stem, recipe, (f"seed={seed}",), run)


def _losses(asked: argparse.Namespace) -> Iterator[Row]:
    """Each loss alone; those that need company to start stand beside cross entropy."""
    for name in LOSSES.names():
        for seed in range(asked.seeds):
            if not asked.only or name in asked.only:
                terms = (
                    [{"name": name}]
                    if name == "cross_entropy"
                    else [{"name": "cross_entropy"}, {"name": name}]
                )
                settings = (f"seed={seed}", f"loss={json.dumps(terms)}")
                run = asked.runs / asked.budget / f"loss-{name}-{seed}"
                yield Row(name, RECIPES / "unet.yaml", settings, run)


def _train(row: Row, data: Path, budget: str) -> None:
    command = [sys.executable, "-m", "pixelwise", "train"]
    if (row.run / "last.safetensors").exists():
        command += ["--resume", str(row.run)]
    else:
        command += [
            "--recipe",
            str(row.recipe),
            "--data",
            str(data),
            "--budget",
            budget,
            "--out",
            str(row.run),
        ]
        command += [part for setting in row.settings for part in ("--set", setting)]
    print(" ".join(command), flush=True)
    subprocess.run(command, check=True)


def _table(done: list[Row]) -> Iterator[str]:
    yield "| row | test mean IoU | seeds | epochs | parameters | GFLOP | ms an image |"
    yield "|---|---|---|---|---|---|---|"
    facts = []
    for name in sorted({row.name for row in done}):
        runs = [row.run for row in done if row.name == name]
        scores = [json.loads((run / "scores.json").read_text())["scores"]["mean_iou"] for run in runs]
        facts.append((statistics.mean(scores), name, scores, runs[0]))
    for mean, name, scores, run in sorted(facts, reverse=True):
        trained = load_trained(run, device=torch.device("cpu"))
        spread = f" ± {statistics.stdev(scores):.3f}" if len(scores) > 1 else ""
        cells = [name, f"{mean:.3f}{spread}", str(len(scores)), f"{_epochs(run):.0f}", *_cost(trained, run)]
        yield f"| {' | '.join(cells)} |"


def _epochs(run: Path) -> float:
    header, *lines = (run / "journal.csv").read_text().splitlines()
    return float(lines[-1].split(",")[header.split(",").index("epoch")])


def _cost(trained: Trained, run: Path) -> tuple[str, str, str]:
    """Parameters, multiply-adds times two, and time of one image; measured once and kept beside the run."""
    kept = run / "cost.json"
    if not kept.exists():
        kept.write_text(json.dumps(_measured(trained)))
    parameters, gflop, ms = json.loads(kept.read_text())
    return f"{parameters:,}", f"{gflop:.1f}", f"{ms:.0f}"


def _measured(trained: Trained) -> tuple[int, float, float]:
    from torch.utils.flop_counter import FlopCounterMode

    images, times = torch.rand(1, 3, *SIZE), []
    with FlopCounterMode(display=False) as counter:
        predict_logits(trained.model, images, trained.device, None)
    for _ in range(7):
        started = time.perf_counter()
        predict_logits(trained.model, images, trained.device, trained.dtype)
        times.append(time.perf_counter() - started)
    parameters = sum(p.numel() for p in trained.model.parameters())
    return parameters, counter.get_total_flops() / 1e9, 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
