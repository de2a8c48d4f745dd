"""RefCOCO, RefCOCO+, RefCOCOg and RefCLEF, as their authors publish them."""

import io
import pickle
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool

from pixelwise.core.errors import DataError, listing, raise_faults
from pixelwise.data.drawings.coco import Picture, pictures
from pixelwise.data.drawings.gallery import Gallery, files_below
from pixelwise.data.drawings.paint import parts
from pixelwise.data.drawings.plain import Plain, read_json
from pixelwise.data.drawings.runs import Runs, unpack_lengths
from pixelwise.data.drawings.shapes import Shape
from pixelwise.ops.polygons import Polygon
from pixelwise.systems.language.referred import Entry, Referred


def refer(root: Path, *, refs: str | None = None, generated: Path | None = None) -> Referred:
    """Expressions about photographs of COCO, each with the mask of one of its instances.

    Layout:
        Below `root`, the images found by the ends of their names::

            instances.json                              images and annotations, as COCO writes them
            refs(unc).p                                 a list of references; or the same as .json
            images/COCO_train2014_000000581857.jpg

            [{"ref_id", "ann_id", "image_id", "split", "sentences": [{"sent_id", "sent"}]}]

        Files ending in .p are pickles, which may run any code: they are read by an unpickler that knows
        numbers, text, lists and dictionaries, and refuses everything else.

    Args:
        root: Folder that holds everything.
        refs: What the name of the file of references contains, where there are several, as `unc`.
        generated: A JSON file of expressions that a program made up, `{"predictions": [{"ref_id",
            "sent"}]}`, to be taken instead of people's; references without one are left out.

    Raises:
        DataError: Telling everything that is missing, damaged or unknown, with file and place.
    """
    content, references = read_json(_one(root, ("instances",), ".json")), _references(root, refs)
    gallery = Gallery(root)
    found, faults = pictures(content, gallery)
    raise_faults(DataError, f"images of {root} are missing:", faults)
    drawn = {entry["id"].whole(): entry for entry in content["annotations"].items()}
    made = None if generated is None else read_generated(generated)
    entries: list[Entry] = []
    left_out = 0
    for reference in references.items():
        try:
            number = reference["ref_id"].whole()
            texts = _people_said(reference) if made is None else made.get(number, [])
            left_out += not texts
            entries += _entries(reference, texts, found, drawn)
        except DataError as error:
            faults.append(str(error))
    raise_faults(DataError, f"{len(faults)} references of {references.file} cannot be used:", faults)
    return Referred(entries, [f"{left_out} references have no expression."] if left_out else [])


def read_generated(path: Path) -> dict[int, list[str]]:
    """Expressions by the number of the reference they were made for.

    Raises:
        DataError: If the file is damaged or of another form.
    """
    found: dict[int, list[str]] = {}
    for entry in read_json(path)["predictions"].items():
        found.setdefault(entry["ref_id"].whole(), []).append(entry["sent"].text())
    return found


def _people_said(reference: Plain) -> list[str]:
    return [sentence["sent"].text() for sentence in reference["sentences"].items()]


def _entries(
    reference: Plain, texts: Iterable[str], found: Mapping[int, Picture], drawn: Mapping[int, Plain]
) -> list[Entry]:
    image, annotation = reference["image_id"].whole(), reference["ann_id"].whole()
    if image not in found or annotation not in drawn:
        raise reference.fault(f"image {image} or annotation {annotation} is not in the instances.")
    picture, number = found[image], reference["ref_id"].whole()
    mask = _mask_of(drawn[annotation], picture.size)
    split = reference["split"].text()
    return [Entry(picture.image, text, mask, f"{number}-{place}", split) for place, text in enumerate(texts)]


def _mask_of(annotation: Plain, size: tuple[int, int]) -> Callable[[], Bool[np.ndarray, "h w"]]:
    return partial(_painted, annotation["segmentation"], size)


def _painted(segmentation: Plain, size: tuple[int, int]) -> Bool[np.ndarray, "h w"]:
    """What polygons or run lengths cover: a dictionary, a list of either, as the four sets have them."""
    pieces = [segmentation] if isinstance(segmentation.value, dict) else [*segmentation.items()]
    mask = np.zeros(size, np.bool_)
    for piece in pieces:
        for part in parts(_shape(piece), size):
            rows, columns = part.mask.shape
            mask[part.top : part.top + rows, part.left : part.left + columns] |= part.mask
    return mask


def _shape(piece: Plain) -> Shape:
    if not isinstance(piece.value, dict):
        flat = [part.number() for part in piece.items()]
        pairs = Plain([flat[i : i + 2] for i in range(0, len(flat), 2)], piece.file, piece.place)
        return Shape("", (Polygon(pairs.points(3)),))
    rows, columns = (part.whole(0) for part in piece["size"].items())
    counts = piece["counts"]
    if isinstance(counts.value, str):
        lengths = unpack_lengths(counts.value)
    else:
        lengths = np.array([part.whole(0) for part in counts.items()], np.int64)
    return Shape("", pixels=Runs((rows, columns), lengths, by_columns=True))


def _references(root: Path, refs: str | None) -> Plain:
    wanted = ("refs",) if refs is None else ("refs", refs)
    path = _one(root, wanted, ".p", ".json")
    return read_json(path) if path.suffix == ".json" else Plain(_unpickled(path), path)


def _one(root: Path, words: tuple[str, ...], *suffixes: str) -> Path:
    """The one file whose name has all the words.

    Raises:
        DataError: If there is none, or several.
    """
    found = [file for file in files_below(root, *suffixes) if all(word in file.name for word in words)]
    if len(found) != 1:
        raise DataError(
            f"{root}: one file called {'…'.join(words)} ({' or '.join(suffixes)}) is wanted. Found "
            f"{listing(found) or 'none'}. Give the folder that has it, or choose with refs=."
        )
    return found[0]


def _unpickled(path: Path) -> Any:
    try:
        return _OnlyPlain(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    except (
        OSError,
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
    ) as error:
        raise DataError(
            f"{path} cannot be read. {error}. Take the file that the data set's authors publish, or write "
            "its list as JSON."
        ) from error


class _OnlyPlain(pickle.Unpickler):
    """Numbers, text, lists, dictionaries: whatever else a pickle names is refused before it is made."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        raise pickle.UnpicklingError(f"it names {module_name}.{global_name}, and only plain values are read")
