"""Samples of a reader as sheets: painted where masks are written, traced where drawings are."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError, listing
from pixelwise.core.sample import Sample
from pixelwise.data.drawings.drawn import Drawn
from pixelwise.data.drawings.paint import instances, ordered, paint, parts
from pixelwise.data.drawings.runs import runs
from pixelwise.data.drawings.shapes import Drawing, Shape
from pixelwise.data.layouts.naming import SPLIT_ORDER
from pixelwise.data.reader import Listed, Reader
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._sheet import MOST_THINGS, Labels, Sheet, Speech
from pixelwise.ops.polygons import FillRule
from pixelwise.ops.tracing import trace

_Masks = Bool[np.ndarray, "k h w"]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The samples of a reader, made into sheets when asked for; several threads may ask.

    Attributes:
        reader: Where they come from.
        legend: How the classes are written.
        says: What the form can say.
        splits: The split of each sample.
    """

    reader: Reader
    legend: Legend
    says: Speech
    splits: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.reader)

    def __getitem__(self, number: int) -> tuple[Sheet, Counter[str]]:
        """A sheet, and how often it holds what not every form can say (the words are those of `lost`).

        Raises:
            DataError: If the sample is damaged, or has no labels.
        """
        if isinstance(self.reader, Drawn) and self.says.form == "drawings":
            return self._kept(self.reader, number)
        sample = self.reader[number]
        if sample.labels is None:
            raise DataError(f"{sample.name} has no labels. Nothing can be written of it. Leave it out.")
        found = _Found(Counter(), self.legend)
        labels, shapes, things = None, (), None
        if self.says.form == "masks":
            labels = found.flat(sample.labels)
            things = self._painted(number, found.counts)
        elif sample.labels.ndim == 3:
            shapes = found.planes(sample.labels)
        else:
            shapes = found.regions(sample.labels.numpy().astype(np.int64))
        sheet = Sheet(
            flat_name(sample.name, self.says),
            (sample.image.shape[1], sample.image.shape[2]),
            self.splits[number],
            self._image(number, sample),
            sample.place,
            labels,
            things,
            shapes,
        )
        return sheet, found.counts

    def _image(self, number: int, sample: Sample) -> Path | Float[Tensor, "c h w"]:
        """The file of the image; its pixels where it has none of its own."""
        if isinstance(self.reader, Drawn):
            return self.reader.drawings[number].image or sample.image
        return self.reader.files[number] if isinstance(self.reader, Listed) else sample.image

    def _painted(self, number: int, counts: Counter[str]) -> Labels | None:
        """The things in a drawing; what is lost when it is painted is counted."""
        if not isinstance(self.reader, Drawn):
            return None
        drawing, rules = self.reader.drawings[number], self.reader.rules
        counts["shapes"] += len(drawing.shapes)
        if self.reader.classes.exclusive:
            counts["overlaps"] += paint(drawing, rules).overlaps
        counts["crowds"] += sum(shape.crowd for shape in drawing.shapes)
        things = instances(drawing, rules)
        counts["many"] += int(things.max(initial=0)) > MOST_THINGS
        return things

    def _kept(self, reader: Drawn, number: int) -> tuple[Sheet, Counter[str]]:
        """A drawing as it is, what lies below first; its image is not decoded if it has a file."""
        drawing, counts = reader.drawings[number], Counter[str]()
        shapes = self._shapes(reader, drawing, counts)
        counts["overlaps"] += paint(drawing, reader.rules).overlaps
        counts["holes"] += sum(bool(polygon.holes) for shape in shapes for polygon in shape.polygons)
        counts["things"] += _in_pieces(shapes)
        counts["parted"] += _parted(shapes)
        image = drawing.image or reader[number].image
        name = flat_name(reader.names[number], self.says)
        return Sheet(name, drawing.size, self.splits[number], image, shapes=shapes), counts

    def _shapes(self, reader: Drawn, drawing: Drawing, counts: Counter[str]) -> tuple[Shape, ...]:
        rules, kept = reader.rules, list[Shape]()
        for shape in ordered(drawing.shapes, rules.order):
            if not reader.classes.exclusive and rules.indices[shape.label] == 0:
                continue  # background, of which planes say nothing
            sound = tuple(polygon for polygon in shape.polygons if len(polygon.outline) >= 3)
            if not sound and shape.pixels is None:
                counts["thin"] += 1
                continue
            hidden = shape.crowd and not (self.says.crowds or rules.crowds_count)
            label = self.legend.nothing if hidden else shape.label
            counts["crowds"] += shape.crowd
            counts["partly"] += hidden and not reader.classes.exclusive
            counts[f"void {label}"] += label in self.legend.void
            layer = shape.layer if rules.order == "layer" else 0
            crowd = shape.crowd and self.says.crowds
            same = replace(shape, label=label, polygons=sound, layer=layer, crowd=crowd)
            kept.append(same if rules.fill == "even-odd" else _as_pixels(same, drawing.size, rules.fill))
        return tuple(kept)


@dataclass(frozen=True, slots=True)
class _Found:
    """Turns labels into what is written, and counts on the way."""

    counts: Counter[str]
    legend: Legend

    def flat(self, labels: Int[Tensor, "h w"] | Float[Tensor, "k h w"]) -> Labels:
        """One class a pixel; of planes the last one that is there."""
        if labels.ndim == 2:
            found = labels.numpy().astype(np.int64)
        else:
            inside, void = self._parts(labels)
            found = np.where(inside.any(0), len(inside) - inside[::-1].argmax(0), 0).astype(np.int64)
            found[void] = IGNORE_INDEX
            self.counts["shared"] += int(((inside.sum(0) > 1) & ~void).sum())
        self.counts[f"void {self.legend.nothing}"] += int((found == IGNORE_INDEX).any())
        return found

    def regions(self, labels: Labels) -> tuple[Shape, ...]:
        """The edges of every region, along its pixels; of the class that is not drawn, none."""
        present = np.unique(labels).tolist()
        names = enumerate(self.legend.classes.names)
        wanted = [(index, name) for index, name in names if index in present and name != self.legend.undrawn]
        if self.legend.undrawn is not None and IGNORE_INDEX in present:
            wanted.append((IGNORE_INDEX, self.legend.nothing))
        return tuple(shape for index, name in wanted for shape in self._traced(labels == index, name))

    def planes(self, planes: Float[Tensor, "k h w"]) -> tuple[Shape, ...]:
        """The edges of every plane; what does not count lies on top."""
        inside, void = self._parts(planes)
        named = [*zip(inside, self.legend.classes.names, strict=True), (void, self.legend.nothing)]
        return tuple(shape for mask, name in named for shape in self._traced(mask, name))

    def _parts(self, planes: Float[Tensor, "k h w"]) -> tuple[_Masks, Bool[np.ndarray, "h w"]]:
        """Where each plane is, and where any of them does not count."""
        values = planes.numpy()
        void: Bool[np.ndarray, "h w"] = np.asarray((values < 0).any(0))
        self.counts["partly"] += int((void & (values >= 0).any(0)).sum())
        return values > 0.5, void

    def _traced(self, mask: Bool[np.ndarray, "h w"], name: str) -> list[Shape]:
        polygons = trace(np.ascontiguousarray(mask))
        self.counts["holes"] += sum(bool(polygon.holes) for polygon in polygons)
        self.counts[f"void {name}"] += bool(polygons) and name in self.legend.void
        return [Shape(name, (polygon,)) for polygon in polygons]


def sheets_of(reader: Reader, legend: Legend, says: Speech) -> tuple[Sheets, list[str]]:
    """The samples as sheets, and what of their splits no form can say.

    Raises:
        DataError: If two samples would get files of one name.
    """
    splits: list[str | None] = [None] * len(reader)
    lost: list[str] = []
    for name, numbers in reader.splits.items():
        if name not in SPLIT_ORDER:
            lost.append(f"the split {name!r}: there are train, val and test only; its images are in none.")
            continue
        for number in numbers:
            splits[number] = splits[number] or name
    if isinstance(reader, Listed):
        names = Counter(flat_name(name, says) for name in reader.names)
        twice = [name for name, number in names.items() if number > 1]
        if not says.spaces and any(map(re.compile(r"\s").search, reader.names)):
            lost.append("spaces in the names of images: they are _.")
        if twice:
            raise DataError(f"several images would get files of one name: {listing(twice)}. Rename them.")
    return Sheets(reader, legend, says, tuple(splits)), lost


def flat_name(name: str, says: Speech) -> str:
    """The name of a sample as that of a file, without folders."""
    return re.sub(r"[/\\]" if says.spaces else r"[/\\\s]", "_", name)


def _in_pieces(shapes: Sequence[Shape]) -> int:
    """Things of several polygons or shapes."""
    several = Counter[tuple[str, str]]()
    for place, shape in enumerate(shapes):
        thing = (shape.label, shape.instance) if shape.instance else ("", str(place))
        several[thing] += len(shape.polygons) + (shape.pixels is not None)
    return sum(number > 1 for number in several.values())


def _parted(shapes: Sequence[Shape]) -> int:
    """Things between whose shapes others were painted."""
    things = [(shape.label, shape.instance) for shape in shapes]
    begun = [thing for thing, before in zip(things, [None, *things], strict=False) if thing != before]
    return sum(bool(thing[1]) and number > 1 for thing, number in Counter(begun).items())


def _as_pixels(shape: Shape, size: tuple[int, int], fill: FillRule) -> Shape:
    """The shape by its pixels, for outlines that are filled otherwise than everywhere else."""
    mask = np.zeros(size, np.bool_)
    for part in parts(shape, size, fill):
        rows, columns = part.mask.shape
        mask[part.top : part.top + rows, part.left : part.left + columns] |= part.mask
    return replace(shape, polygons=(), pixels=runs(mask))
