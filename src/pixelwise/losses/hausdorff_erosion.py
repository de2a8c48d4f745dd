"""Hausdorff distance, estimated by how often errors can be eroded."""

from typing import Annotated

from annotated_types import Gt
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from pixelwise.losses._likelihood import mean_over
from pixelwise.losses._overlap import shown
from pixelwise.ops.planes import planes


def hausdorff_erosion(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    erosions: Annotated[int, Gt(0)] = 10,
    alpha: Annotated[float, Gt(0)] = 2.0,
    rescale: bool = False,
    include_background: bool = False,
) -> Float[Tensor, ""]:
    """Mean over pixels and classes of the sum over n of `n^alpha` times the errors eroded n times.

    Squared errors are averaged over a cross of five pixels, and one half is taken off: what is thin
    vanishes at the first erosion, what is deep lives on. Where errors are only thin or faint the loss is
    exactly zero, so add Dice or cross entropy. Gradients flow through all erosions; the widely copied
    public code computes outside of them and teaches nothing.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        erosions: How many.
        alpha: Above one, the deepest errors count most.
        rescale: Stretch what is left after each erosion to 0..1, plane by plane, as the public code
            does, which keeps thin errors alive for longer.
        include_background: Whether the first of exclusive classes takes part.

    Returns:
        The loss, at least zero; zero when no pixel counts.

    Reference:
        Karimi & Salcudean, "Reducing the Hausdorff Distance in Medical Image Segmentation with
        Convolutional Neural Networks", 2019, arXiv:1904.10030, equation 10.
    """
    told = planes(logits, labels, ignore_index)
    eroded = (told.probs - told.truth).square() * told.valid
    total = eroded.new_zeros(())
    for number in range(1, erosions + 1):
        eroded = _eroded(eroded)
        if rescale:
            eroded = _stretched(eroded)
        total = total + number**alpha * eroded
        if not bool(eroded.any()):
            break  # nothing is left to erode
    counted = told.valid & shown(labels, logits.shape[1], include_background)[:, None, None]
    return mean_over(total, counted)


def _eroded(errors: Float[Tensor, "b k h w"]) -> Float[Tensor, "b k h w"]:
    """Means over crosses less one half; what lies beyond the image is no error."""
    framed = F.pad(errors, (1, 1, 1, 1))
    beside = framed[..., 1:-1, :-2] + framed[..., 1:-1, 2:]
    above_below = framed[..., :-2, 1:-1] + framed[..., 2:, 1:-1]
    return ((errors + beside + above_below) / 5 - 0.5).relu()


def _stretched(errors: Float[Tensor, "b k h w"]) -> Float[Tensor, "b k h w"]:
    """Each plane from its least to its greatest value, which are taken as given; constant ones stay."""
    flat = errors.detach().flatten(2)
    least, most = (each[..., None, None] for each in (flat.amin(2), flat.amax(2)))
    spread = most - least
    return ((errors - least) / spread.where(spread > 0, 1.0)).where(spread > 0, errors)
