"""Pictures side by side, each with a line of words above it."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from pixelwise.report.pictures import Rgb

_GAP, _LINE = 12, 26
_PAPER, _INK = (255, 255, 255), (34, 34, 34)
_LARGEST = 720  # pixels of the longer side of a panel: what is larger is shrunk


def panels(named: Sequence[tuple[str, Rgb]], *, columns: int = 2) -> Image.Image:
    """Pictures of one size in rows of `columns`, on white."""
    pictures = [(words, _fitted(Image.fromarray(rgb))) for words, rgb in named]
    wide, high = pictures[0][1].size
    rows = -(-len(pictures) // columns)
    size = (columns * (wide + _GAP) + _GAP, rows * (high + _LINE + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for number, (words, picture) in enumerate(pictures):
        left = _GAP + number % columns * (wide + _GAP)
        top = _GAP + number // columns * (high + _LINE + _GAP)
        pen.text((left, top + 3), words, fill=_INK, font=font)
        sheet.paste(picture, (left, top + _LINE))
    return sheet


def _fitted(picture: Image.Image) -> Image.Image:
    """The picture, shrunk if it is large, enlarged by whole pixels if it is tiny."""
    longer = max(picture.size)
    if longer > _LARGEST:
        shrunk = (max(1, round(side * _LARGEST / longer)) for side in picture.size)
        return picture.resize((next(shrunk), next(shrunk)), Image.Resampling.LANCZOS)
    times = max(1, _LARGEST // 2 // longer)
    return picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
