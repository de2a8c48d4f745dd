"""Things shown on their image: boxes, masks, names and scores."""

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn import functional as F

from pixelwise.core.palette import Colour, palette
from pixelwise.report.pictures import as_rgb
from pixelwise.systems.instances.found import Instances

_OPACITY = 0.45
_TEXT = 11  # pixels
_INK: Colour = (255, 255, 255)
_SHADE = 0.62  # of a colour behind white words


def drawn(image: Float[Tensor, "c h w"], things: Instances, *, times: int = 1) -> UInt8[np.ndarray, "H W 3"]:
    """The image with each thing in a colour of its own, the surest on top.

    Args:
        image: Shown as by `as_rgb`.
        things: Found in it, or known.
        times: How often each pixel is repeated across and down.
    """
    large = F.interpolate(image[None], scale_factor=times, mode="nearest")[0]
    rgb = as_rgb(large).astype(np.float32)
    order = things.scores.argsort(stable=True).tolist()
    colours = palette(tuple(map(str, range(len(things)))))
    for number in order:
        mask = things.masks[number].numpy().repeat(times, 0).repeat(times, 1)
        rgb[mask] = (1 - _OPACITY) * rgb[mask] + _OPACITY * np.array(colours[number])
    picture = Image.fromarray(rgb.round().astype(np.uint8))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(_TEXT)
    for number in order:
        top, left, bottom, right = (times * edge for edge in things.boxes[number].tolist())
        pen.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), outline=colours[number])
    for number in order:
        top, left, *_ = (times * edge for edge in things.boxes[number].tolist())
        _label(pen, font, (top, left), _words(things, number), colours[number])
    return np.asarray(picture)


def _words(things: Instances, number: int) -> str:
    """Name and score; the score of what is known is not told."""
    name, score = things.names[number], float(things.scores[number])
    return name if score == 1 else f"{name}: {score:.2f}"


def _label(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    corner: tuple[float, float],
    words: str,
    colour: Colour,
) -> None:
    """Words above the corner of a box, or inside where there is no room; never beyond the image."""
    wide, high = pen.textbbox((0, 0), words, font=font)[2:]
    top, left = corner
    above = top - high - 3
    y = max(0.0, top if above < 0 else above)
    x = max(0.0, min(left, pen.im.size[0] - wide - 4))
    red, green, blue = (round(_SHADE * part) for part in colour)
    pen.rectangle((x, y, x + wide + 3, y + high + 2), fill=(red, green, blue))
    pen.text((x + 2, y), words, fill=_INK, font=font)
