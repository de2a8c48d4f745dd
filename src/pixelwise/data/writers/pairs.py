"""Images and masks in folders side by side."""

from collections.abc import Iterable
from pathlib import Path

from pixelwise.data.rasters.writing import write_png
from pixelwise.data.writers._images import carry
from pixelwise.data.writers._legend import Legend
from pixelwise.data.writers._sheet import Sheet, Speech

SAYS = Speech("masks", "pairs")


def pairs(sheets: Iterable[Sheet], root: Path, legend: Legend) -> None:
    """Write images and masks as PNG with a palette, whose index is the value of the class.

    Layout:
        With folders of train, val and test where there are splits::

            images/train/a.jpg     as it was
            masks/train/a.png      8 bits, palette

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
        write_png(folder / f"{sheet.name}.png", legend.encoded(sheet.pixels()), palette=palette)
