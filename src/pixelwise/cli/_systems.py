"""How an experiment is run and told in the terminal."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import typer
from PIL import Image
from rich.console import Console
from rich.table import Table

from pixelwise.core.catalog import Catalog
from pixelwise.core.comparison import Comparison, Margin, interval
from pixelwise.core.errors import RecipeError
from pixelwise.core.files import write_text, write_with


def catalog() -> Catalog:
    """The systems by name."""
    return Catalog("pixelwise.systems", "system", folders=True)


def list_all(*, as_json: bool) -> None:
    """Each system with the first line of its description."""
    known = {name: (catalog().module(name).__doc__ or "").split("\n")[0] for name in catalog().names()}
    if as_json:
        typer.echo(json.dumps(known, indent=1))
        return
    table = Table("System", "What it does", box=None, header_style="dim")
    for name, line in known.items():
        table.add_row(name, line)
    Console().print(table)


def taught(name: str | None, out: Path, data: Path | None) -> Path:
    """Train one system and keep it.

    Raises:
        RecipeError: If it is none that is trained and kept.
    """
    known = [each for each in catalog().names() if hasattr(catalog().module(each), "teach")]
    if name not in known:
        raise RecipeError(
            f"--teach needs one system that can be kept. Found {name!r}. Known: {', '.join(known)}."
        )
    return Path(catalog().module(name).teach(out, root=data))


def run(name: str, *, seeds: Sequence[int], quick: bool, out: Path | None, quiet: bool) -> Comparison:
    """Run one experiment, print what it found, and write it to `out/<name>` if asked."""
    console = Console(stderr=True, quiet=quiet, highlight=False)
    experiment = catalog()[name]
    began = time.monotonic()
    with console.status(f"{name} …") as status:

        def tell(words: str) -> None:
            status.update(f"{name}: {words}")

        found: Comparison = experiment(seeds=seeds, quick=quick, tell=tell)
    if not quiet:
        _print(found, time.monotonic() - began)
    if out is not None:
        folder = out / name
        write_text(folder / "comparison.json", found.to_json())
        for file, pixels in found.pictures.items():
            picture = Image.fromarray(pixels)
            write_with(folder / file, lambda beside, picture=picture: picture.save(beside, format="PNG"))
        console.print(f"written: {folder}", markup=False)
    return found


def _print(found: Comparison, seconds: float) -> None:
    console = Console(highlight=False)
    console.print(f"{found.system}: {found.title}", style="bold", markup=False)
    names = list(dict.fromkeys(name for trial in found.trials for name in trial.scores))
    table = Table("Variant", *names, "Seconds", box=None, header_style="dim")
    for variant in found.variants():
        rows = [trial for trial in found.trials if trial.variant == variant]
        cells = [_cell([trial.scores[name] for trial in rows if name in trial.scores]) for name in names]
        table.add_row(variant, *cells, f"{fmean(trial.seconds for trial in rows):.1f}")
    console.print(table)
    margins = Table("Must hold", "By", "Found", "Holds", box=None, header_style="dim")
    for margin in found.margins:
        margins.add_row(margin.words, f"{margin.least:+g}", _found(margin), "yes" if margin.holds else "NO")
    console.print(margins)
    for note in found.notes:
        console.print(f"note: {note}", markup=False, style="dim")
    console.print(f"{seconds:.0f} s\n", style="dim")


def _cell(values: Sequence[float]) -> str:
    if not values:
        return "–"
    spread = "" if len(values) < 2 else f" ({min(values):.3f}-{max(values):.3f})"
    return f"{fmean(values):.3f}{spread}"


def _found(margin: Margin) -> str:
    low, high = interval(margin.differences)
    mean = fmean(margin.differences)
    return f"{mean:+.3f}" if len(margin.differences) < 2 else f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"
