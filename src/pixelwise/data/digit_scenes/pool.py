"""Digits drawn by code: matplotlib's fonts, bent like handwriting."""

from functools import cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from torch import Tensor
from torch.nn import functional as F

from pixelwise.data.digit_scenes.scene import SIDE, Pool

FONTS = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSansMono-Oblique"),
    *("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic"),
    *("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic"),
    *("cmr10", "cmb10", "cmss10", "cmti10", "cmtt10", "cmmi10"),
)
_DRAWN_SIDE = 4 * SIDE  # glyphs are drawn this large, once, and shrunk by the warp
_DRAWN_HEIGHT = 4 * 20  # MNIST fits its digits into 20 of the 28 pixels too
_BLUR = 3.0  # in drawn pixels: enough that shrinking by four does not alias


@cache
def drawn_pools() -> tuple[Pool, Pool]:
    """6,000 digits to train and 1,000 to test with: always the same ones, as MNIST is.

    Both are drawn from the same fonts and differ in the bending.
    """
    return draw_pool(6000, seed=0), draw_pool(1000, seed=1)


def draw_pool(number: int, *, seed: int) -> Pool:
    """Digits in all fonts, each turned, sheared, stretched, moved, bent and thickened by chance.

    Args:
        number: How many digits; each label is equally frequent (but for one).
        seed: What the chance starts from.
    """
    rng = torch.Generator().manual_seed(seed)
    labels = torch.arange(number) % 10
    fonts = torch.randint(len(FONTS), (number,), generator=rng)
    warped = _looked_up(fonts * 10 + labels, _bent_grids(number, rng))
    faintest = _uniform(rng, (number, 1, 1), 0.06, 0.26)  # ink that shows: the thickness of the stroke
    softness = _uniform(rng, (number, 1, 1), 0.25, 0.55)
    grey = ((warped - faintest) / softness).clamp(0, 1).mul(255).round().to(torch.uint8)
    return Pool(grey.numpy(), labels.numpy())


@cache
def _glyphs() -> UInt8[np.ndarray, "n side side"]:
    """Every digit of every font, upright and large: the digit varies fastest."""
    import matplotlib as mpl

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    drawn: list[Image.Image] = []
    for name in FONTS:
        font = ImageFont.truetype(folder / f"{name}.ttf", 120)
        drawn += [_glyph(font, str(digit)) for digit in range(10)]
    return np.stack([np.asarray(glyph) for glyph in drawn])


def _glyph(font: ImageFont.FreeTypeFont, digit: str) -> Image.Image:
    left, top, right, bottom = (int(edge) for edge in font.getbbox(digit))
    ink = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(ink).text((-left, -top), digit, fill=255, font=font)
    scale = min(_DRAWN_HEIGHT / ink.height, _DRAWN_HEIGHT / ink.width)
    ink = ink.resize((max(1, round(ink.width * scale)), max(1, round(ink.height * scale))))
    canvas = Image.new("L", (_DRAWN_SIDE, _DRAWN_SIDE))
    canvas.paste(ink, ((_DRAWN_SIDE - ink.width) // 2, (_DRAWN_SIDE - ink.height) // 2))
    return canvas.filter(ImageFilter.GaussianBlur(_BLUR))


def _looked_up(which: Int[Tensor, " n"], grids: Float[Tensor, "n 28 28 2"]) -> Float[Tensor, "n 28 28"]:
    """Each grid's view of its glyph, in 0..1.

    All glyphs stand in one tall picture, so that none is copied for each of its digits.
    """
    glyphs = torch.from_numpy(_glyphs()).float().div_(255)
    x, y = grids.unbind(-1)
    y = (which[:, None, None] * 2 + y.clamp(-1, 1) + 1) / len(glyphs) - 1
    tall = glyphs.reshape(1, 1, -1, _DRAWN_SIDE)
    grid = torch.stack([x, y], dim=-1).reshape(1, -1, SIDE, 2)
    return F.grid_sample(tall, grid, align_corners=False).reshape(-1, SIDE, SIDE)


def _bent_grids(number: int, rng: torch.Generator) -> Float[Tensor, "n 28 28 2"]:
    """Where each pixel of each digit looks into its glyph: an affine map and a smooth elastic one."""
    angle = torch.randn(number, generator=rng).mul(0.14).clamp(-0.4, 0.4)
    shear = torch.randn(number, generator=rng).mul(0.20).clamp(-0.5, 0.5)
    wide, high = _uniform(rng, (number,), 0.75, 1.15), _uniform(rng, (number,), 0.85, 1.05)
    shift = _uniform(rng, (number, 2), -0.08, 0.08)
    cos, sin = angle.cos(), angle.sin()
    across = torch.stack([cos / wide, (sin + shear) / wide, shift[:, 0]], dim=1)
    down = torch.stack([-sin / high, cos / high, shift[:, 1]], dim=1)
    affine = F.affine_grid(torch.stack([across, down], dim=1), [number, 1, SIDE, SIDE], align_corners=False)
    knots = torch.randn(number, 2, 4, 4, generator=rng) * 0.09
    bend = F.interpolate(knots, size=(SIDE, SIDE), mode="bicubic", align_corners=True)
    return affine + bend.movedim(1, -1)


def _uniform(rng: torch.Generator, shape: tuple[int, ...], low: float, high: float) -> Tensor:
    return torch.rand(shape, generator=rng) * (high - low) + low
