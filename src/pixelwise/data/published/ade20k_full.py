"""The full ADE20K: which objects its masks hold, and what they are called."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, listing, raise_faults
from pixelwise.data.drawings.plain import gathered, read_json
from pixelwise.data.layouts.known import Layout, Pair
from pixelwise.data.layouts.naming import natural, split_of
from pixelwise.data.masks.coding import Coding, Lookup
from pixelwise.data.masks.files import Mask, Pixels, read_mask
from pixelwise.data.paired import Coded
from pixelwise.data.texts import read_text
from pixelwise.data.threads import in_threads

_SEG = "_seg"
_LOOKED_AT = 512  # masks by which the most frequent objects are chosen
_OBJECTS = 1 << 14  # more than there are


def full_layout(root: Path) -> Layout:
    """Every `<name>_seg.png` below a folder, with the photograph beside it."""
    masks = sorted(root.rglob(f"*{_SEG}.png"), key=lambda file: natural(str(file)))
    layout = Layout()
    alone: list[str] = []
    for mask in masks:
        image = mask.with_name(f"{mask.stem.removesuffix(_SEG)}.jpg")
        if image.is_file():
            layout.pairs.append(Pair(image, mask, split_of(mask.relative_to(root).parts[:-1])))
        else:
            alone.append(mask.name)
    if alone:
        layout.faults.append(f"{len(alone)} masks have no image beside them: {listing(alone)}.")
    if layout.pairs:
        layout.manners.append(f"{len(layout.pairs)} images of the full ADE20K with {_SEG}.png beside them")
    return layout


def full_masks(pairs: Sequence[Pair], most: int) -> Coded:
    """How the masks are read: the objects of most pixels are the classes, in that order.

    Raises:
        DataError: Telling every mask that cannot be read, or if all hold nothing.
    """
    step = -(-len(pairs) // _LOOKED_AT)
    looked = [pair.mask for pair in pairs[::step]]
    counts, faults = gathered(in_threads(_counted, looked), _or_raise)
    raise_faults(DataError, "these masks cannot be read:", faults)
    total: Counter[int] = sum(counts, Counter())
    chosen = [number for number, _ in total.most_common(most)]
    if not chosen:
        raise DataError(f"{len(looked)} masks hold no object at all. Their R and G are 0. Check the files.")
    names = _names(looked, chosen)
    classes = Classes(_unique(names, chosen), values=tuple(chosen))
    part = sum(total[number] for number in chosen) / total.total()
    note = (
        f"{len(chosen)} of {len(total)} objects are classes, {part:.1%} of what is labelled in {len(looked)} "
        f"of {len(pairs)} masks; the others do not count."
    )
    return Coded(classes, partial(_labels, Lookup(classes, Coding())), notes=(note,))


def object_numbers(mask: Mask, path: Path) -> Pixels:
    """The number of the object of each pixel, 0 for none.

    Raises:
        DataError: If the file is not in colours.
    """
    if mask.kind != "colours":
        raise DataError(f"{path} is no mask of ADE20K. It holds {mask.kind}; RGB is wanted. Replace it.")
    return (mask.pixels >> 16 & 255) // 10 * 256 + (mask.pixels >> 8 & 255)


def _labels(lookup: Lookup, path: Path) -> Pixels:
    """The class index of each pixel; objects that were not chosen do not count."""
    numbers = object_numbers(read_mask(path), path)
    known = np.isin(numbers, lookup.known)
    labels = lookup(Mask(np.where(known, numbers, lookup.known[0]), "values"), path)
    labels[~known] = 255
    return labels


def _counted(path: Path) -> Counter[int] | DataError:
    try:
        numbers = object_numbers(read_mask(path), path)
    except DataError as error:
        return error
    counts = np.bincount(numbers.ravel(), minlength=_OBJECTS)
    return Counter({int(number): int(counts[number]) for number in np.flatnonzero(counts) if number})


def _or_raise(counts: Counter[int] | DataError) -> Counter[int]:
    if isinstance(counts, DataError):
        raise counts
    return counts


def _names(masks: Sequence[Path], wanted: Sequence[int]) -> dict[int, str]:
    """Names of objects, as the files beside the masks tell them; read until all are known."""
    names: dict[int, str] = {}
    for mask in masks:
        if names.keys() >= set(wanted):
            break
        beside = mask.with_name(mask.stem.removesuffix(_SEG))
        if beside.with_suffix(".json").is_file():
            names |= _from_json(beside.with_suffix(".json"))
        elif beside.with_name(f"{beside.name}_atr.txt").is_file():
            names |= _from_attributes(beside.with_name(f"{beside.name}_atr.txt"), mask)
    return names


def _from_json(path: Path) -> dict[int, str]:
    told = read_json(path)["annotation"]["object"].items()
    return {entry["name_ndx"].whole(0): _short(entry["name"].text()) for entry in told}


def _from_attributes(path: Path, mask_path: Path) -> dict[int, str]:
    """Lines «instance # part level # occluded # name # ...»; the n-th instance is the n-th value of blue."""
    lines = read_text(path).splitlines()
    cells = [[cell.strip() for cell in line.split("#")] for line in lines if line.count("#") > 3]
    named = {int(cell[0]): _short(cell[3]) for cell in cells if cell[0].isdecimal() and cell[1] == "0"}
    mask = read_mask(mask_path)
    numbers = object_numbers(mask, mask_path)
    blues = np.unique(mask.pixels & 255)
    instances = np.searchsorted(blues, mask.pixels & 255) + (blues[0] != 0)
    found: dict[int, str] = {}
    for instance, name in named.items():
        of_it = numbers[instances == instance]
        if of_it.size and of_it[0]:
            found[int(of_it[0])] = name
    return found


def _short(name: str) -> str:
    """The first of several words for one thing."""
    return name.partition(",")[0].strip()


def _unique(names: dict[int, str], wanted: Sequence[int]) -> tuple[str, ...]:
    """One name per object: with its number where it has none, or shares it."""
    told = [names.get(number, "object") for number in wanted]
    return tuple(
        f"{name} {number}" if name == "object" or told.count(name) > 1 else name
        for name, number in zip(told, wanted, strict=True)
    )
