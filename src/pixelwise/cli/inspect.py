"""pixelwise inspect."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelwise.cli._door import Json, door, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from pixelwise.data.doctor._findings import Finding
    from pixelwise.workflows._repair import Repaired
    from pixelwise.workflows.inspect import Inspection

_STYLES = {"fault": "bold red", "warning": "yellow", "note": "dim"}
_FILES = 3
_CHANGES = 5


def inspect(
    data: Annotated[Path, typer.Argument(help="Folder of labelled images, in whatever state.")],
    repair: Annotated[
        Path | None, typer.Option(help="New folder for a copy with all repairs that are beyond doubt.")
    ] = None,
    page: Annotated[Path, typer.Option(help="Where the page with pictures goes.")] = Path("inspection.html"),
    reader: Annotated[str | None, typer.Option(help="Name of the format, where several fit.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Look at every file whole, also in large sets.")
    ] = False,
    classes: Annotated[
        bool, typer.Option(help="Write classes.yaml into the folder, if there is none and no doubt.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Say everything that is wrong with labelled data, show it, and mend what can be mended.

    Example: [bold]pixelwise inspect photos/ --repair photos-repaired[/]

    Exit code 0: nothing is wrong; 1: warnings; 2: faults. With --repair it is that of the copy.
    """
    from pixelwise.workflows.inspect import inspect as examine

    with door():
        found = examine(
            data,
            repair_to=repair,
            page=page,
            reader=reader,
            everything=everything,
            write_classes=classes,
            quiet=as_json,
        )
    if as_json:
        print_json(_plain(found))
    else:
        _print(found)
    if found.code:
        raise typer.Exit(found.code)


def _plain(found: "Inspection") -> dict[str, Any]:
    from pixelwise.report.inspection_facts import class_shares, facts

    return {
        "data": str(found.case.root),
        "code": found.code,
        "facts": dict(facts(found.case)),
        "classes": [
            {"name": row.name, "number": row.number, "share": row.share, "images": row.images}
            for row in class_shares(found.case)
        ],
        "findings": [_finding(finding) for finding in found.findings],
        "page": str(found.page),
        "classes_file": None if found.classes is None else str(found.classes),
        "repaired": None if found.repaired is None else _repaired(found.repaired),
        "left": None if found.repaired is None else [_finding(finding) for finding in found.left],
    }


def _finding(finding: "Finding") -> dict[str, Any]:
    return {
        "title": finding.title,
        "severity": finding.severity,
        "count": finding.count,
        "saying": finding.saying,
        "files": list(finding.files),
        "repair": None if finding.repair is None else finding.repair.saying,
        "advice": finding.advice,
    }


def _repaired(done: "Repaired") -> dict[str, Any]:
    return {
        "folder": str(done.folder),
        "changed": dict(done.changed),
        "refused": list(done.refused),
        "copied": done.copied,
    }


def _print(found: "Inspection") -> None:
    from rich.console import Console

    from pixelwise.report.inspection import verdict

    console = Console(highlight=False)
    for part in (_facts(found), _classes(found), _findings(found.findings)):
        console.print(part)
    for note in found.case.notes:
        console.print(f"inferred: {note}", style="dim", markup=False)
    console.print(verdict(found.findings), style="bold", markup=False)
    if found.repaired is not None:
        console.print(_changes(found.repaired))
        console.print(f"Left in the copy: {verdict(found.left)}", style="bold", markup=False)


def _facts(found: "Inspection") -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    from pixelwise.report.inspection_facts import facts

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in facts(found.case):
        grid.add_row(name, Text(text))
    return grid


def _classes(found: "Inspection") -> "RenderableType":
    from rich.style import Style
    from rich.table import Table
    from rich.text import Text

    from pixelwise.report.inspection_facts import class_shares
    from pixelwise.report.words import percent

    if not found.case.totals():
        return ""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Class", overflow="fold")
    for title in ("In masks", "Images", "Pixels"):
        table.add_column(title, justify="right")
    for row in class_shares(found.case):
        swatch = Text("■", style=Style(color="rgb({},{},{})".format(*row.colour)))
        name = Text.assemble(swatch, " ", row.name)
        table.add_row(name, row.number or "–", str(row.images), percent(row.share))
    whole = Table.grid(padding=(1, 0, 0, 0))
    whole.add_row(table)
    return whole


def _findings(findings: "Sequence[Finding]") -> "RenderableType":
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in findings:
        lines = [Text(finding.title, style="bold"), Text(finding.saying)]
        if finding.files:
            shown = [*finding.files[:_FILES], *_more(len(finding.files) - _FILES)]
            lines += [Text(file, style="dim") for file in shown]
        if finding.repair is not None:
            lines.append(Text(f"repair: {finding.repair.saying}", style="green"))
        if finding.advice:
            lines.append(Text(finding.advice, style="italic"))
        grid.add_row(Text(finding.severity, style=_STYLES[finding.severity]), Text("\n").join(lines))
    return Padding(grid, (1, 0))


def _more(number: int) -> list[str]:
    return [f"… and {number:,} more"] if number > 0 else []


def _changes(done: "Repaired") -> "RenderableType":
    from collections import defaultdict

    from rich.text import Text

    from pixelwise.core.errors import listing

    by_change: defaultdict[str, list[str]] = defaultdict(list)
    for name, change in done.changed.items():
        by_change[change].append(name)
    lines = [f"{done.folder}: {done.copied} files copied as they are, {len(done.changed)} changed:"]
    lines += [f"  {change}: {listing(names, _CHANGES)}" for change, names in by_change.items()]
    lines += [f"  refused: {refusal}" for refusal in done.refused]
    return Text("\n".join(lines))
