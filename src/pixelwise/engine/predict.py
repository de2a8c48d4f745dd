"""One image of any size to labels, in memory that does not grow with its height."""

from collections.abc import Iterator
from typing import final

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.metrics.confusion import winners
from pixelwise.ops.heads import logits_of
from pixelwise.ops.tiles import feather, starts

TILE = 1024  # rows and columns up to which an image goes through the model whole
OVERLAP = 256

Tile = int | tuple[int, int]


@final
class AtSize(nn.Module):
    """A model that was trained on images resized to one size, for images of any size.

    Images are resized as in training; scores come back at the images' own size.
    """

    def __init__(self, model: nn.Module, size: tuple[int, int]) -> None:
        super().__init__()
        self.model, self.size = model, size

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        own = images.shape[-2:]
        resized = F.interpolate(images, self.size, mode="bilinear", antialias=True)
        return F.interpolate(logits_of(self.model(resized)).float(), own, mode="bilinear")


def predict_logits(
    model: nn.Module, images: Float[Tensor, "b c h w"], device: torch.device, dtype: torch.dtype | None
) -> Float[Tensor, "b k h w"]:
    """Scores of images that fit through the model at once, in float32, on the device."""
    images = images.to(device, memory_format=torch.channels_last, non_blocking=True)
    with torch.inference_mode(), torch.autocast(device.type, dtype, enabled=dtype is not None):
        return logits_of(model(images)).float()


def predict_labels(
    model: nn.Module,
    image: Float[Tensor, "c h w"],
    *,
    device: torch.device,
    dtype: torch.dtype | None = None,
    exclusive: bool = True,
    tile: Tile = TILE,
    overlap: int = OVERLAP,
) -> Int[Tensor, "h w"] | Float[Tensor, "k h w"]:
    """Class of each pixel (exclusive), or one plane of zeros and ones per class.

    An image larger than a tile is seen through overlapping windows whose scores are blended, so
    that no seam shows; scores are held for one row of windows at a time.

    Args:
        model: On its device, in evaluation mode.
        image: In the range the model was trained on; any size.
        device: Where the model is.
        dtype: What convolutions compute in; None for float32.
        exclusive: Whether a pixel is one class, or any number of them.
        tile: Rows and columns of a window; one number for both.
        overlap: How far neighbouring windows overlap; at most half a window.
    """
    window = _both(tile)
    margin = min(overlap, min(window) // 2)
    decided = [_decided(rows, exclusive) for rows in _score_rows(model, image, device, dtype, window, margin)]
    return torch.cat(decided, dim=-2)


def fits(images: Tensor, tile: Tile) -> bool:
    """Whether images `[... h w]` go through the model whole."""
    return all(size <= most for size, most in zip(images.shape[-2:], _both(tile), strict=True))


def _both(tile: Tile) -> tuple[int, int]:
    return (tile, tile) if isinstance(tile, int) else tile


def _decided(logits: Tensor, exclusive: bool) -> Tensor:
    return winners(logits).cpu() if exclusive else (logits > 0).float().cpu()


def _score_rows(
    model: nn.Module,
    image: Tensor,
    device: torch.device,
    dtype: torch.dtype | None,
    tile: tuple[int, int],
    overlap: int,
) -> Iterator[Tensor]:
    """Finished rows of blended scores `[k n w]`, from top to bottom."""
    rows = image.shape[-2]
    if fits(image, tile):
        yield predict_logits(model, image[None], device, dtype)[0]
        return
    tops = starts(rows, tile[0], overlap)
    band: Tensor | None = None  # scores of the rows from the current top on, not yet finished
    for top, following in zip(tops, [*tops[1:], rows], strict=True):
        height = min(tile[0], rows - top)
        fresh = _band(model, image[:, top : top + height], device, dtype, tile[1], overlap)
        if band is not None:
            fresh[:, : band.shape[1]] += band
        yield fresh[:, : following - top]
        band = fresh[:, following - top :]


def _band(
    model: nn.Module, image: Tensor, device: torch.device, dtype: torch.dtype | None, tile: int, overlap: int
) -> Tensor:
    """Weighted sums of scores of one row of windows; weights need no division, for none changes a winner."""
    total: Tensor | None = None
    for left in starts(image.shape[-1], tile, overlap):
        part = image[..., left : left + tile]
        logits = predict_logits(model, part[None], device, dtype)[0]
        if total is None:
            total = logits.new_zeros(logits.shape[0], image.shape[-2], image.shape[-1])
        worth = feather(part.shape[-2], part.shape[-1], overlap).to(device)
        total[..., left : left + tile] += logits * worth
    if total is None:
        raise ValueError("the image has no columns")
    return total
