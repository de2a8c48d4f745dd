"""Images of any size through models that think in strides."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

Length = int | torch.SymInt  # of an axis; not yet known while a network with open sizes is exported


def pad_to_stride(images: Float[Tensor, "b c h w"], stride: int) -> Float[Tensor, "b c H W"]:
    """Images whose rows and columns are multiples of `stride`; the last ones are repeated below and right."""
    rows, columns = images.shape[-2:]
    if isinstance(rows, torch.SymInt) or isinstance(columns, torch.SymInt):
        whole = images.index_select(-2, _repeating_last(rows, stride, images.device))
        return whole.index_select(-1, _repeating_last(columns, stride, images.device))
    below, right = -rows % stride, -columns % stride
    if not below and not right:
        return images
    return F.pad(images, (0, right, 0, below), mode="replicate")


def crop_to(logits: Float[Tensor, "b k H W"], images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
    """The top left part of `logits` that has the rows and columns of `images`."""
    return top_left(logits, *images.shape[-2:])


def top_left(maps: Float[Tensor, "*b H W"], rows: Length, columns: Length) -> Float[Tensor, "*b h w"]:
    """The first rows and columns."""
    if isinstance(rows, torch.SymInt) or isinstance(columns, torch.SymInt):
        top = maps.index_select(-2, torch.arange(rows, device=maps.device))
        return top.index_select(-1, torch.arange(columns, device=maps.device))
    return maps[..., :rows, :columns]


def _repeating_last(length: Length, stride: int, device: torch.device) -> Tensor:
    """Indices up to the next multiple of `stride`, the last one repeated.

    An exported network whose sizes are open cannot ask whether there is anything to pad; it can look up.
    """
    padded = (length + stride - 1) // stride * stride
    return torch.arange(padded, device=device).clamp(max=length - 1)
