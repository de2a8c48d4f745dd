"""Mapillary Vistas: streets of the world, whose classes its own file tells."""

from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError
from pixelwise.core.palette import Colour
from pixelwise.data.drawings.plain import Plain, read_json
from pixelwise.data.layouts.known import Layout
from pixelwise.data.layouts.naming import SPLITS
from pixelwise.data.masks.written import Contract, find_contract
from pixelwise.data.paired import Pairs, paired
from pixelwise.data.published.finding import by_stem, folders_in, home_of, homes, take, tell_alone
from pixelwise.data.reader import Recognition

Version = Literal["v1.2", "v2.0"]
_VERSIONS: tuple[Version, ...] = ("v2.0", "v1.2")


def mapillary(
    root: Path, *, version: Version | None = None, bands: Annotated[int, Ge(1)] | None = None
) -> Pairs:
    """Mapillary Vistas: the classes that are evaluated, as its config file names them.

    A file of classes in the folder, as in `pairs`, goes before it.

    Layout:
        The folder given, or one or two levels below it; older releases have neither the number of their
        version in the name of the file nor a folder of that name::

            config_v2.0.json                 {"labels": [{"name", "color", "evaluate"}]}, in order of value
            training/images/a.jpg
            training/v2.0/labels/a.png       palette: the index is the label
            validation/ ...

        Splits are the folders training, validation and testing (without masks: left out), or train, val,
        test.

    Args:
        root: Folder that holds it.
        version: Which labels; the newer ones by default.
        bands: Bands wanted where images differ; see `read_image`.

    Raises:
        DataError: Telling everything that is missing, unreadable or contradictory.

    Reference:
        Neuhold et al., "The Mapillary Vistas Dataset for Semantic Understanding of Street Scenes", ICCV 2017.
    """
    home = home_of(root, _fits, "Mapillary Vistas", "training/images/ with labels/ and a config file")
    config, inside = _chosen(home, version)
    layout = Layout(notes=[f"the labels are those of {config.name}."])
    for folder in folders_in(home):
        split = SPLITS.get(folder.name.lower())
        if split is None:
            continue
        images, masks = by_stem(folder / "images"), by_stem(folder / inside / "labels")
        take(layout, split, list(images), images, masks, f"{folder.name}/")
        tell_alone(layout, images, masks, f"{folder.name}/")
    return paired(root, layout, lambda: find_contract(home, None, ()) or _contract(config), bands=bands)


def recognise(root: Path) -> Recognition:
    """Whether Mapillary Vistas is here."""
    found = homes(root, _fits)
    if not found:
        return Recognition(False, f"no config*.json with folders of images/ and labels/ by split in {root}")
    return Recognition(
        True, f"{next(found[0].glob('config*.json')).name} of Mapillary Vistas", published=True
    )


def _fits(folder: Path) -> bool:
    return any(folder.glob("config*.json")) and any(
        (folder / split / inside / "labels").is_dir()
        for split in ("training", "train")
        for inside in ("", *_VERSIONS)
    )


def _chosen(home: Path, version: Version | None) -> tuple[Path, str]:
    """The config file, and the folder of its labels below that of a split."""
    for wanted in (version,) if version else _VERSIONS:
        for config in (home / f"config_{wanted}.json", home / "config.json"):
            for inside in (wanted, ""):
                if config.is_file() and any(home.glob(f"*/{inside}/labels" if inside else "*/labels")):
                    return config, inside
    raise DataError(
        f"{home} has no labels of {version or 'any version'} with a config file. Found "
        f"{', '.join(sorted(path.name for path in home.glob('config*.json')))}. Choose another version=."
    )


def _contract(config: Path) -> Contract:
    """Raise a `DataError` that names the place if the file is not as it should be."""
    rows = list(read_json(config)["labels"].items())
    counted = {value: row for value, row in enumerate(rows) if row.get("evaluate", True).flag()}
    try:
        classes = Classes(
            names=tuple(row["name"].text() for row in counted.values()),
            colours=tuple(_colour(row["color"]) for row in counted.values()),
            values=tuple(counted),
            ignored=tuple(value for value in range(len(rows)) if value not in counted),
        )
    except DataError as error:
        raise DataError(f"{config}: {error}") from error
    return Contract(classes, has_values=True)


def _colour(told: Plain) -> Colour:
    red, green, blue, *_ = [*(part.whole(0, 255) for part in told.items()), 0, 0, 0]
    return red, green, blue
