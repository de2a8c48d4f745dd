"""Images of any size through models that think in strides."""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def pad_to_stride(images: Float[Tensor, "b c h w"], stride: int) -> Float[Tensor, "b c H W"]:
    """Images whose rows and columns are multiples of `stride`; the last ones are repeated below and right."""
    rows, columns = images.shape[-2:]
    below, right = -rows % stride, -columns % stride
    if not below and not right:
        return images
    return F.pad(images, (0, right, 0, below), mode="replicate")


def crop_to(logits: Float[Tensor, "b k H W"], images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
    """The top left part of `logits` that has the rows and columns of `images`."""
    return logits[..., : images.shape[-2], : images.shape[-1]]
