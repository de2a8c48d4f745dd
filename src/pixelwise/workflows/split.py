"""Labelled images to a split file in which nothing leaks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pixelwise.core.errors import DataError, RecipeError, ShapeError, raise_faults
from pixelwise.core.files import write_text
from pixelwise.data.likeness import Look, look
from pixelwise.data.reader import Listed, Reader
from pixelwise.data.splits.grouping import group
from pixelwise.data.splits.known import Grouping, Known
from pixelwise.data.splits.parting import fits, numbers, part, shares_of
from pixelwise.data.splits.spacing import Spacing, length
from pixelwise.data.splits.written import NAME, SplitFile, data_digest
from pixelwise.data.threads import in_threads
from pixelwise.recipe.build import make_reader
from pixelwise.report.split_picture import Shown, split_picture
from pixelwise.workflows._prepare import choose_reader
from pixelwise.workflows._talk import Talk


@dataclass(frozen=True, slots=True)
class Part:
    """What one part came to.

    Attributes:
        images: How many images.
        groups: Of how many groups.
        shares: Share of the pixels that each class has, by its name.
    """

    images: int
    groups: int
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Splitting:
    """What was drawn.

    Attributes:
        files: The split files, one for each fold.
        rule: How images were grouped.
        reason: The same in a sentence.
        parts: Each part (each fold, with folds) by its name.
        left_out: Images too near to another part.
        picture: A picture of it, SVG.
    """

    files: tuple[Path, ...]
    rule: str
    reason: str
    parts: Mapping[str, Part]
    left_out: int
    picture: Path


def split(
    data: str | Path,
    *,
    val: float = 0.15,
    test: float = 0.15,
    by: str = "auto",
    block: str | None = None,
    buffer: str | None = None,
    stratify: bool = True,
    folds: int | None = None,
    seed: int = 0,
    out: Path | str | None = None,
    settings: Sequence[str] = (),
    quiet: bool = False,
) -> Splitting:
    """Part labelled images into train, val and test so that nothing lies on both sides.

    Images that belong together (views, frames, tiles, near-duplicates) stay together; splits that the data
    bring along are not regarded.

    Args:
        data: A folder of labelled images.
        val: Share of the images to choose by.
        test: Share of the images to be judged on; zero for none.
        by: How groups are found; see `data.splits.grouping.group`.
        block: Side of the blocks into which images on a map are cut, such as 500m or 2048px; None chooses.
        buffer: Images of two parts are farther apart than this, such as 100m; None: they do not touch. Those
            that are nearer are left out, of the part that learns.
        stratify: Give each part its share of every class, as far as groups allow.
        folds: Number of folds for cross-validation instead of one val: each fold is val once.
        seed: Of the drawing: the same seed, the same split.
        out: The split file, new; None: split.yaml in the folder of the data, where training finds it.
        settings: Settings of the reader, such as `data.reader.masks=gt`.
        quiet: Say nothing on the way.

    Raises:
        DataError: If samples cannot be read, or groups are too few; all faults are told.
        RecipeError: If the shares leave nothing to learn from, or `out` exists.
    """
    talk = Talk(quiet=quiet)
    out = Path(data) / NAME if out is None else Path(out)
    files, picture = _files(out, folds), out.with_suffix(".svg")
    _check(val, test, folds, (*files, picture))
    spacing = Spacing(*(None if said is None else length(said) for said in (block, buffer)))
    choice, reason = choose_reader(str(data), settings)
    talk.say(f"data: {data} is read as '{choice.name}': {reason}")
    reader = make_reader(choice)
    for note in reader.notes:
        talk.say(f"  note: {note}")
    if reader.splits:
        talk.say("  note: the data bring splits; all their images are parted anew.")
    names, looks, counts = _seen(reader, talk)
    known = Known(names, looks, reader.files if isinstance(reader, Listed) else None, Path(data))
    shares = shares_of(val, test, len(names)) if folds is None else _shares_of_folds(folds, test)
    weighed = counts if stratify else None
    grouping = group(known, by, fits=lambda found: fits(found, shares, seed, weighed), spacing=spacing)
    parts = part(grouping, shares, seed, weighed)
    empty = [name for name in shares if name not in parts]
    if empty:
        raise DataError(f"nothing is left for {', '.join(empty)}. Found: {grouping.reason}. Group otherwise.")
    digest = data_digest(names, known.files)
    for number, file in enumerate(files):
        write_text(file, _written(names, parts, number, folds, grouping, seed, digest).to_yaml())
    told = _parts(parts, grouping, counts, reader.classes.names)
    write_text(picture, _picture(Path(data), parts, grouping, told))
    talk.say(f"split: {', '.join(map(str, files))}; its picture: {picture}")
    return Splitting(files, grouping.rule, grouping.reason, told, parts.count(None), picture)


def _files(out: Path, folds: int | None) -> tuple[Path, ...]:
    if folds is None:
        return (out,)
    return tuple(out.with_name(f"{out.stem}-{fold}-of-{folds}{out.suffix}") for fold in range(1, folds + 1))


def _check(val: float, test: float, folds: int | None, files: Sequence[Path]) -> None:
    faults = [
        f"{name} is {share:g}: give 0 to 1."
        for name, share in (("val", val), ("test", test))
        if not 0 <= share < 1
    ]
    if folds is None and val + test >= 1:
        faults.append(f"val and test are {val + test:g} of the images together: nothing is left to train on.")
    if folds is None and not val + test:
        faults.append("val and test are zero: nothing would be set aside.")
    if folds is not None and folds < 2:
        faults.append(f"{folds} folds: at least 2 are needed.")
    faults += [
        f"{file} is there already, and nothing is overwritten. Choose another --out."
        for file in files
        if file.exists()
    ]
    raise_faults(RecipeError, "cannot split like this:", faults)


def _shares_of_folds(folds: int, test: float) -> dict[str, float]:
    return {f"fold {fold}": (1 - test) / folds for fold in range(1, folds + 1)} | (
        {"test": test} if test else {}
    )


def _seen(reader: Reader, talk: Talk) -> tuple[list[str], list[Look], NDArray[np.float64]]:
    """Name, look and pixels of each class of every sample, read once and not kept."""
    with talk.progress("reading", len(reader)) as advance:
        found = in_threads(_looked_at(reader, advance), range(len(reader)))
    faults = [one for one in found if isinstance(one, str)]
    raise_faults(DataError, f"{len(faults)} of {len(reader)} samples cannot be used:", faults)
    seen = [one for one in found if not isinstance(one, str)]
    return [one[0] for one in seen], [one[1] for one in seen], np.array([one[2] for one in seen])


def _looked_at(
    reader: Reader, advance: Callable[[int], None]
) -> Callable[[int], tuple[str, Look, list[float]] | str]:
    def seen(index: int) -> tuple[str, Look, list[float]] | str:
        try:
            sample = reader[index]
        except (DataError, ShapeError) as error:
            return str(error)
        finally:
            advance(1)
        return sample.name, look(sample.image), _pixels(sample.labels, len(reader.classes))

    return seen


def _pixels(labels: Tensor | None, num_classes: int) -> list[float]:
    """Pixels of each class."""
    if labels is None:
        return [0.0] * num_classes
    if labels.is_floating_point():
        return labels.clamp(min=0).sum((1, 2)).tolist()
    return torch.bincount(labels.flatten(), minlength=256)[:num_classes].double().tolist()


def _written(
    names: Sequence[str],
    parts: Sequence[str | None],
    fold: int,
    folds: int | None,
    grouping: Grouping,
    seed: int,
    digest: str,
) -> SplitFile:
    """The split file of one fold: it is val, the others are train."""
    found = {name: [names[number] for number in held] for name, held in numbers(parts).items()}
    if folds is not None:
        val = found[f"fold {fold + 1}"]
        train = [name for part, held in found.items() if part != "test" for name in held if held is not val]
        found = {"train": train, "val": val} | ({"test": found["test"]} if "test" in found else {})
    left = [name for name, one in zip(names, parts, strict=True) if one is None]
    reason = f"grouped by {grouping.rule}: {grouping.reason}"
    return SplitFile(found, grouping.rule, reason, seed, digest, left)


def _parts(
    parts: Sequence[str | None], grouping: Grouping, counts: NDArray[np.float64], classes: Sequence[str]
) -> dict[str, Part]:
    told: dict[str, Part] = {}
    for name, held in numbers(parts).items():
        pixels = counts[held].sum(0)
        shares = dict(zip(classes, (pixels / max(1.0, float(pixels.sum()))).tolist(), strict=True))
        told[name] = Part(len(held), len({grouping.groups[number] for number in held}), shares)
    return told


def _picture(data: Path, parts: Sequence[str | None], grouping: Grouping, told: Mapping[str, Part]) -> str:
    classes = {
        name: {part: one.shares[name] for part, one in told.items()}
        for name in next(iter(told.values())).shares
    }
    title = f"{data.resolve().name}: {len(parts):,} images in {len(told)} parts"
    reason = f"Grouped by {grouping.rule}: {grouping.reason}."
    return split_picture(Shown(title, reason, parts, grouping.groups, classes, grouping.prints), list(told))
