"""One image of any size to labels, in memory that does not grow with its height."""

from collections.abc import Callable, Iterator
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
    rows = score_rows(
        lambda part: predict_logits(model, part[None], device, dtype)[0], image, tile=tile, overlap=overlap
    )
    return torch.cat([_decided(sums, exclusive) for sums, _ in rows], dim=-2)


def fits(images: Tensor, tile: Tile) -> bool:
    """Whether images `[... h w]` go through the model whole."""
    return all(size <= most for size, most in zip(images.shape[-2:], _both(tile), strict=True))


def _both(tile: Tile) -> tuple[int, int]:
    return (tile, tile) if isinstance(tile, int) else tile


def _decided(logits: Tensor, exclusive: bool) -> Tensor:
    return winners(logits).cpu() if exclusive else (logits > 0).float().cpu()


def score_rows(
    score: Callable[[Tensor], Tensor],
    image: Float[Tensor, "c h w"],
    *,
    tile: Tile = TILE,
    overlap: int = OVERLAP,
) -> Iterator[tuple[Float[Tensor, "k n w"], Float[Tensor, "n w"]]]:
    """Finished rows of blended scores, from top to bottom, and the weights that they are sums by.

    Args:
        score: From a window `[c h w]` to its scores `[k h w]`.
        image: Of any size.
        tile: Rows and columns of a window; one number for both.
        overlap: How far neighbouring windows overlap; at most half a window.
    """
    window, rows = _both(tile), image.shape[-2]
    if fits(image, tile):
        whole = score(image)
        yield whole, whole.new_ones(whole.shape[-2:])
        return
    margin = min(overlap, min(window) // 2)
    tops = starts(rows, window[0], margin)
    band: Tensor | None = None  # sums and weights of the rows from the current top on, not yet finished
    for top, following in zip(tops, [*tops[1:], rows], strict=True):
        fresh = _band(score, image[:, top : top + window[0]], window[1], margin)
        if band is not None:
            fresh[:, : band.shape[1]] += band
        ready, band = fresh[:, : following - top], fresh[:, following - top :]
        yield ready[:-1], ready[-1]


def _band(score: Callable[[Tensor], Tensor], image: Tensor, tile: int, overlap: int) -> Tensor:
    """Weighted sums of the scores of one row of windows, and as one plane more the weights."""
    total: Tensor | None = None
    for left in starts(image.shape[-1], tile, overlap):
        part = image[..., left : left + tile]
        scores = score(part)
        if total is None:
            total = scores.new_zeros(scores.shape[0] + 1, image.shape[-2], image.shape[-1])
        worth = feather(part.shape[-2], part.shape[-1], overlap).to(scores.device)
        total[:-1, :, left : left + tile] += scores * worth
        total[-1, :, left : left + tile] += worth
    if total is None:
        raise ValueError("the image has no columns")
    return total
