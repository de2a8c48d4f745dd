"""A copy of a data set in which everything is mended that can be mended beyond doubt."""

import os
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from pixelwise.core.errors import DataError, RecipeError
from pixelwise.core.files import write_text
from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._findings import Finding, Repair
from pixelwise.data.doctor._steps import LeaveOut, Move, Step, Void, apply_steps
from pixelwise.data.layouts.naming import SPLITS

CLASSES = "classes.yaml"


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done.

    Attributes:
        folder: The copy.
        changed: What each file became, by its path below the folder, a sentence each.
        refused: What could not be done, a sentence each; those files are copied as they are.
        copied: Number of files copied as they are.
    """

    folder: Path
    changed: Mapping[str, str]
    refused: tuple[str, ...]
    copied: int


def repair(case: Case, findings: Sequence[Finding], folder: Path) -> Repaired:
    """Copy the data, with the repairs that the findings propose and nothing else.

    Raises:
        RecipeError: If the folder is not empty, or one lies within the other.
        StorageError: If the disk refuses.
    """
    _check(case.root, folder)
    repairs = [finding.repair for finding in findings if finding.repair is not None]
    steps: defaultdict[Path, list[tuple[Repair, Step]]] = defaultdict(list)
    for each in repairs:
        for path, step in each.steps.items():
            steps[path].append((each, step))
    changed: dict[str, str] = {}
    refused: list[str] = []
    copied = 0
    for path in _files(case.root):
        name = path.relative_to(case.root).as_posix()
        target = folder / name
        try:
            done = _mend(path, target, steps.get(path, []))
        except DataError as error:
            refused.append(str(error))
            done = None
        if done is None:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
            copied += 1
        else:
            changed[name] = done
    changed |= _shorten_lists(case, folder, [path for path, todo in steps.items() if _left_out(todo)])
    void = {step.void for todo in steps.values() for _, step in todo if isinstance(step, Move | Void)}
    if void and case.meaning.contract is not None:
        write_text(folder / CLASSES, contract_text(case, void=tuple(void)))
        changed[CLASSES] = f"{', '.join(map(str, sorted(void)))} does not count"
    return Repaired(folder, changed, tuple(refused), copied)


def contract_text(case: Case, *, void: Sequence[int] = ()) -> str:
    """What the masks mean, as `classes.yaml` holds it.

    Args:
        case: With a settled meaning.
        void: More numbers that do not count.
    """
    contract = case.meaning.contract
    classes = case.classes if contract is None else contract.classes
    plain: dict[str, Any] = classes.to_dict()
    plain["ignored"] = sorted({*plain["ignored"], *void})
    lines = [f"exclusive: {str(plain['exclusive']).lower()}", f"ignored: {plain['ignored']}", "classes:"]
    for row in plain["classes"]:
        name = yaml.safe_dump(row["name"], default_style='"', width=10_000).strip()
        lines.append(f"  - {{value: {row['value']}, name: {name}, colour: {row['colour']}}}")
    return "\n".join(["# What the numbers in the masks mean. Change the names as you like.", *lines, ""])


def _check(root: Path, folder: Path) -> None:
    source, target = root.resolve(), folder.resolve()
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise RecipeError(f"{folder} and {root} lie within each other. Choose another folder for the copy.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RecipeError(f"{folder} is not empty, and nothing is overwritten. Choose another folder.")


def _mend(path: Path, target: Path, todo: Sequence[tuple[Repair, Step]]) -> str | None:
    """What was done to a file, in words; None if nothing is to be done."""
    if not todo:
        return None
    written = apply_steps(path, target, [step for _, step in todo])
    if written is None:
        return next(each.saying for each, step in todo if isinstance(step, LeaveOut))
    said = "; ".join(dict.fromkeys(each.saying for each, _ in todo))
    return said if written.name == path.name else f"{said}; now {written.name}"


def _files(root: Path) -> list[Path]:
    """Every file below a folder but hidden ones, links followed."""
    found: list[Path] = []
    for folder, below, names in os.walk(root, followlinks=True):
        below[:] = sorted(name for name in below if not name.startswith("."))
        found += [Path(folder, name) for name in sorted(names) if not name.startswith(".")]
    return [path for path in found if path.is_file()]


def _left_out(todo: Sequence[tuple[Repair, Step]]) -> bool:
    return any(isinstance(step, LeaveOut) for _, step in todo)


def _shorten_lists(case: Case, folder: Path, left_out: Sequence[Path]) -> dict[str, str]:
    """Take files that were left out from the lists of splits."""
    gone = {path.with_suffix("").relative_to(case.root).as_posix() for path in left_out}
    gone_stems = {PurePosixPath(name).name for name in gone}
    changed: dict[str, str] = {}
    for path in folder.rglob("*.txt") if gone else ():
        if path.stem.lower() not in SPLITS:
            continue
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        kept = [line for line in lines if not _names_any(line, gone, gone_stems)]
        if len(kept) < len(lines):
            write_text(path, "".join(f"{line}\n" for line in kept))
            name = path.relative_to(folder).as_posix()
            changed[name] = f"{len(lines) - len(kept)} lines left out with their files"
    return changed


def _names_any(line: str, gone: set[str], stems: set[str]) -> bool:
    """Whether a line of a list names a file that was left out: by its path, or by a bare name."""
    for word in line.replace(",", " ").split():
        plain = PurePosixPath(word.replace("\\", "/"))
        bare = plain.with_suffix("").as_posix() if plain.suffix else plain.as_posix()
        if ("/" not in bare and bare in stems) or any(f"/{bare}".endswith(f"/{name}") for name in gone):
            return True
    return False
