"""Images, labels and errors as RGB pictures, and class indices as PNG files."""

import base64
import io
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8
from PIL import Image
from torch import Tensor

from pixelwise.core.classes import IGNORE_INDEX, Classes
from pixelwise.core.errors import DataError, ShapeError
from pixelwise.core.palette import BACKGROUND, Colour

Labels = Int[Tensor, "h w"] | Float[Tensor, "k h w"]
Rgb = UInt8[np.ndarray, "h w 3"]
Mask = Bool[np.ndarray, "h w"]

MISSED: Colour = (0, 114, 178)  # blue, orange and purple of Okabe & Ito: told apart by the colour-blind too
INVENTED: Colour = (235, 130, 0)
CONFUSED: Colour = (190, 40, 120)
STRIPES: tuple[Colour, Colour] = ((158, 158, 158), (118, 118, 118))
_GREYS = (190, 238)  # where a prediction is right: dark classes to bright ones


def as_rgb(image: Float[Tensor, "c h w"]) -> Rgb:
    """An image of any number of bands as one can look at it.

    One or two bands: the first, as grey. Three or more: the first three, as red, green, blue. Values in
    0..1 are shown as they are. Where they go beyond, or all but a few are below a quarter (12 bits in a
    16-bit file), each band is stretched between its 2nd and 98th percentile. NaN and infinite
    values have no part in that and are black.
    """
    bands = image[:3] if image.shape[0] >= 3 else image[:1]
    values = bands.detach().cpu().float().numpy()
    thinned = values.reshape(len(values), -1)[:, :: max(1, values[0].size // 1_000_000)]
    finite = thinned[np.isfinite(thinned)]
    odd = finite.size > 0 and (finite.min() < 0 or finite.max() > 1 or np.percentile(finite, 99.9) < 0.25)
    if odd:
        values = np.stack([_stretch(band, few) for band, few in zip(values, thinned, strict=True)])
    shown = np.where(np.isfinite(values), values, 0).clip(0, 1)
    rgb = (shown * 255).round().astype(np.uint8).transpose(1, 2, 0)
    return np.ascontiguousarray(np.broadcast_to(rgb, (*rgb.shape[:2], 3)))


def paint(labels: Labels, classes: Classes) -> Rgb:
    """Each pixel in the colour of its class; pixels that do not count are striped grey.

    Planes show where they are above 0.5; later classes lie over earlier ones, pixels of no class are dark.

    Raises:
        DataError: If a label is no class.
        ShapeError: If there is not one plane per class.
    """
    top, void = _indices(labels, classes)
    colours = np.array([*classes.colours, BACKGROUND], dtype=np.uint8)
    rgb = colours[top]
    rgb[void] = _stripes(void.shape)[void]
    return rgb


def overlay(image: Float[Tensor, "c h w"], labels: Labels, classes: Classes, opacity: float = 0.5) -> Rgb:
    """The colours of the classes over the image, each area outlined in its full colour.

    A first class called background, and pixels of no class, show the bare image.

    Args:
        image: Shown as by `as_rgb`.
        labels: Of the size of the image.
        classes: Their colours.
        opacity: Of the colours, 0..1; the outlines are always opaque.
    """
    top, void = _indices(labels, classes)
    bare = (top == len(classes)) & ~void
    if has_background(classes):
        bare |= (top == 0) & ~void
    strength = np.where(bare, 0.0, np.where(_edges(top) & ~void, 1.0, opacity))[..., None]
    mixed = as_rgb(image) * (1 - strength) + paint(labels, classes) * strength
    return mixed.round().astype(np.uint8)


def error_map(predicted: Labels, labels: Labels, classes: Classes) -> Rgb:
    """Grey where the prediction is right, a strong colour where it is wrong, stripes where nothing counts.

    Blue is missed (the truth has a class, the prediction none), orange invented (the reverse), purple
    confused (one class for another). Without a background class every error is a confusion.
    The greys are light for bright classes and dark for dark ones, to find one's way by.
    """
    missed, invented, confused, void = _errors(predicted, labels, classes)
    low, high = _GREYS
    grey = low + (high - low) * (paint(labels, classes) @ np.array([0.299, 0.587, 0.114])) / 255
    rgb = np.repeat(grey.round().astype(np.uint8)[..., None], 3, axis=2)
    for where, colour in ((missed, MISSED), (invented, INVENTED), (confused, CONFUSED)):
        rgb[where] = colour
    rgb[void] = _stripes(void.shape)[void]
    return rgb


def error_colours(classes: Classes) -> dict[str, Colour]:
    """What the colours of `error_map` mean for these classes."""
    if classes.exclusive and not has_background(classes):
        return {"wrong class": CONFUSED}
    kinds = {"missed": MISSED, "invented": INVENTED}
    return {**kinds, "one for another": CONFUSED} if len(classes) > 1 + classes.exclusive else kinds


def has_background(classes: Classes) -> bool:
    """Whether the first of exclusive classes is what remains when nothing is there."""
    return classes.exclusive and classes.names[0].lower() in {"background", "ground", "other"}


def data_uri(
    array: UInt8[np.ndarray, "h w ..."],
    max_side: int = 640,
    *,
    exact: bool = False,
    max_bytes: int | None = None,
) -> str:
    """A picture as text that an HTML page can hold, shrunk where it is larger than `max_side`.

    Args:
        array: Grey or RGB.
        max_side: Of rows and columns, the larger afterwards at most.
        exact: For painted labels: no colour is mixed on shrinking (nearest) or on writing (PNG).
            Otherwise a photograph: smoothly shrunk, WebP; PNG when it is tiny.
        max_bytes: Of the file: larger ones are shrunk further, down to 128 pixels.
    """
    picture = Image.fromarray(array)
    while True:
        data = _encoded(_shrunk(picture, max_side, exact), exact)
        if max_bytes is None or len(data) <= max_bytes or max_side <= 128:
            break
        factor = max(0.5, min(0.9, (max_bytes / len(data)) ** 0.5))
        max_side = max(128, int(factor * min(max_side, max(picture.size))))
    kind = "png" if data.startswith(b"\x89PNG") else "webp"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def index_png(labels: Labels, path: Path, classes: Classes) -> None:
    """Write class indices as an 8-bit PNG with a palette: coloured to the eye, indices to a program.

    Exclusive classes: value `i` is class `i`. Planes: 0 is no class and `i + 1` is class `i`, the most
    probable of those above 0.5. In both, 255 does not count.

    Raises:
        DataError: If a label is no class, or there are more planes than values.
        ShapeError: If there is not one plane per class.
    """
    if labels.ndim == 3 and len(classes) >= IGNORE_INDEX:
        raise DataError(f"{len(classes)} planes do not fit an 8-bit PNG. At most {IGNORE_INDEX - 1} do.")
    if labels.ndim == 2:
        values, void = _indices(labels, classes)
        colours = list(classes.colours)
    else:
        _, void = _indices(labels, classes)
        likely, most = labels.max(dim=0)
        values = (most + 1).where(likely > 0.5, 0).cpu().numpy()
        colours = [BACKGROUND, *classes.colours]
    picture = Image.fromarray(np.where(void, IGNORE_INDEX, values).astype(np.uint8))
    unused: list[Colour] = [(0, 0, 0)] * (IGNORE_INDEX - len(colours))
    picture.putpalette(bytes(part for colour in (*colours, *unused, STRIPES[0]) for part in colour))
    picture.save(path, optimize=True)


def _stretch(band: Float[np.ndarray, "h w"], thinned: Float[np.ndarray, " n"]) -> Float[np.ndarray, "h w"]:
    """The band, its 2nd percentile at 0 and its 98th at 1; a band of one value is grey."""
    finite = thinned[np.isfinite(thinned)]
    if not finite.size:
        return band
    low, high = np.percentile(finite, (2, 98))
    if high <= low:
        low, high = finite.min(), finite.max()
    return (band - low) / (high - low) if high > low else np.where(np.isfinite(band), 0.5, 0)


def _indices(labels: Labels, classes: Classes) -> tuple[Int[np.ndarray, "h w"], Mask]:
    """Index of the topmost class per pixel, the number of classes where none is, and what does not count."""
    number = len(classes)
    if labels.ndim == 2:
        top = labels.detach().cpu().numpy().astype(np.int64)
        void = top == IGNORE_INDEX
        if strange := sorted(set(np.unique(top[~void])) - set(range(number))):
            raise DataError(f"label {strange[0]} is no class. Known are 0..{number - 1} and {IGNORE_INDEX}.")
        return np.where(void, number, top), void
    if labels.ndim != 3 or labels.shape[0] != number:
        raise ShapeError(
            f"labels do not fit {number} classes. They are {tuple(labels.shape)}. "
            f"Give (rows, columns) of indices or ({number}, rows, columns) of planes."
        )
    planes = labels.detach()
    on = planes > 0.5
    top = (number - 1 - on.flip(0).int().argmax(0)).where(on.any(0), number)
    return top.cpu().numpy(), (planes < 0).all(0).cpu().numpy()


def _errors(predicted: Labels, labels: Labels, classes: Classes) -> tuple[Mask, Mask, Mask, Mask]:
    """Where a class was missed, invented, taken for another; and where nothing counts."""
    truth, void = _indices(labels, classes)
    guess, _ = _indices(predicted, classes)
    if labels.ndim == 3:
        real, on, counts = labels > 0.5, predicted.to(labels.device) > 0.5, labels >= 0
        missed = (real & ~on & counts).any(0).cpu().numpy()
        invented = (on & ~real & counts).any(0).cpu().numpy()
        return missed & ~invented, invented & ~missed, missed & invented, void
    wrong = (truth != guess) & ~void
    if not has_background(classes):
        nowhere = np.zeros_like(wrong)
        return nowhere, nowhere, wrong, void
    return wrong & (guess == 0), wrong & (truth == 0), wrong & (guess != 0) & (truth != 0), void


def _edges(top: Int[np.ndarray, "h w"]) -> Mask:
    """Pixels with another class to the right, to the left, above or below."""
    edges = np.zeros(top.shape, dtype=bool)
    across, down = top[:, 1:] != top[:, :-1], top[1:] != top[:-1]
    edges[:, 1:] |= across
    edges[:, :-1] |= across
    edges[1:] |= down
    edges[:-1] |= down
    return edges


def _stripes(shape: tuple[int, ...]) -> Rgb:
    """Diagonal stripes in two greys, as wide as the eye sees them at this size."""
    rows, columns = shape
    width = max(2, max(shape) // 100)
    lines = (np.arange(rows)[:, None] + np.arange(columns)) // width % 2
    return np.array(STRIPES, dtype=np.uint8)[lines]


def _shrunk(picture: Image.Image, max_side: int, exact: bool) -> Image.Image:
    share = max_side / max(picture.size)
    if share >= 1:
        return picture
    columns, rows = (max(1, round(share * side)) for side in picture.size)
    return picture.resize((columns, rows), Image.Resampling.NEAREST if exact else Image.Resampling.LANCZOS)


def _encoded(picture: Image.Image, exact: bool) -> bytes:
    buffer = io.BytesIO()
    if not exact and max(picture.size) > 128:
        picture.save(buffer, "WEBP", quality=84, method=4)
        return buffer.getvalue()
    (_indexed(picture) if exact else picture).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _indexed(picture: Image.Image) -> Image.Image:
    """The same colours through a palette where 256 are enough: a third of the bytes."""
    if picture.mode != "RGB":
        return picture
    packed = np.asarray(picture).astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    colours, indices = np.unique(packed, return_inverse=True)
    if len(colours) > 256:
        return picture
    small = Image.fromarray(indices.reshape(packed.shape).astype(np.uint8))
    small.putpalette(bytes(part for colour in colours.tolist() for part in colour.to_bytes(3, "big")))
    return small
