"""Images, and masks as GeoTIFF that know where they lie."""

from collections.abc import Iterable
from pathlib import Path

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.data.rasters.writing import write_tif
from pixelwise.data.writers._images import carry
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._sheet import Sheet, Speech

SAYS = Speech("masks", "pairs")


def geotiff(sheets: Iterable[Sheet], root: Path, legend: Legend) -> None:
    """Write images as they are and masks as GeoTIFF of 8 bits: palette, place, and no data.

    What does not count is declared as no data. An image without a place gives a mask without one.

    Layout:
        With folders of train, val and test where there are splits::

            images/train/a.tif     as it was
            masks/train/a.tif      value of the class; deflated

    Args:
        sheets: What is written.
        root: Folder, new or empty.
        legend: Values and colours.
    """
    palette = legend.palette()
    for sheet in sheets:
        carry(sheet, root / "images" / (sheet.split or ""))
        folder = root / "masks" / (sheet.split or "")
        folder.mkdir(parents=True, exist_ok=True)
        labels = sheet.pixels()
        void = bool(legend.classes.ignored) or bool((labels == IGNORE_INDEX).any())
        write_tif(
            folder / f"{sheet.name}.tif",
            legend.encoded(labels),
            place=sheet.place,
            nodata=float(legend.void[legend.nothing]) if void else None,
            palette=palette,
        )
