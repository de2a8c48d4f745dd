"""Layers said in other words while a network is traced, where converters misread the usual ones."""

from collections.abc import Callable, Sequence
from typing import Any, final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode


@final
class InOtherWords(TorchFunctionMode):
    """While it is entered, two poolings are computed by other operators with equal results.

    - Adaptive means over several parts, where sizes are open: converters fix the parts at the traced size.
    - Places of the maxima of 2×2: LiteRT 0.10 counts them otherwise than PyTorch, without a word.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Any = (), kwargs: Any = None
    ) -> Any:
        """The function, or what equals it."""
        options: dict[str, Any] = dict(kwargs or {})
        if func is F.adaptive_avg_pool2d:
            images, parts = args[0], _two(args[1])
            if parts != (1, 1) and any(isinstance(size, torch.SymInt) for size in images.shape[-2:]):
                return means_of_parts(images, parts)
        if func is F.max_pool2d_with_indices and _by_two(*args, **options):
            return maxima_and_places(args[0])
        return func(*args, **options)


def means_of_parts(images: Float[Tensor, "b c h w"], parts: tuple[int, int]) -> Float[Tensor, "b c p q"]:
    """Adaptive average pooling as two matrix products."""
    rows, columns = (
        _shares(size, number, images) for size, number in zip(images.shape[-2:], parts, strict=True)
    )
    return rows @ images @ columns.T


def maxima_and_places(
    images: Float[Tensor, "b c h w"],
) -> tuple[Float[Tensor, "b c h//2 w//2"], Tensor]:
    """Maxima of 2×2 pixels, and where each is, counted along the rows; the first of equal ones."""
    rows, columns = (size // 2 for size in images.shape[-2:])
    whole = images[..., : 2 * rows, : 2 * columns]
    corners = [whole[..., row::2, column::2] for row in (0, 1) for column in (0, 1)]
    largest, corner = corners[0], torch.zeros_like(corners[0], dtype=torch.int64)
    for number, values in enumerate(corners[1:], start=1):
        corner = torch.where(values > largest, number, corner)
        largest = torch.maximum(largest, values)
    row = 2 * torch.arange(rows, device=images.device)[:, None] + corner // 2
    column = 2 * torch.arange(columns, device=images.device) + corner % 2
    return F.max_pool2d(images, 2), row * images.shape[-1] + column


def _shares(size: int, parts: int, like: Tensor) -> Tensor:
    """What each of `size` pixels counts in the mean of each part `[parts size]`."""
    part = torch.arange(parts, device=like.device)
    begin, end = part * size // parts, ((part + 1) * size + parts - 1) // parts
    at = torch.arange(size, device=like.device)
    inside = (at >= begin[:, None]) & (at < end[:, None])
    return inside.to(like.dtype) / (end - begin)[:, None]


def _two(value: int | Sequence[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _by_two(
    images: Tensor,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> bool:
    """Whether a call of max_pool2d pools 2×2 pixels that do not overlap."""
    del images, return_indices
    plain = _two(padding) == (0, 0) and _two(dilation) == (1, 1) and not ceil_mode
    return plain and _two(kernel_size) == (2, 2) and _two(stride or kernel_size) == (2, 2)
