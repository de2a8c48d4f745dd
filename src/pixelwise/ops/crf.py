"""Mean field in a fully connected CRF: probabilities that follow the edges of the image."""

from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Gt
from jaxtyping import Float
from torch import Tensor

from pixelwise.core.errors import DataError, ShapeError
from pixelwise.ops._gaussians import Dense, Window, bilateral, spatial
from pixelwise.ops._lattice import Lattice

Kernel = Tensor | Dense | Lattice | Window


def crf(
    probs: Float[Tensor, "b k h w"],
    images: Float[Tensor, "b c h w"],
    *,
    bilateral_weight: Annotated[float, Ge(0)] = 10.0,
    position_sd: Annotated[float, Gt(0)] = 80.0,
    colour_sd: Annotated[float, Gt(0)] = 13 / 255,
    spatial_weight: Annotated[float, Ge(0)] = 3.0,
    spatial_sd: Annotated[float, Gt(0)] = 3.0,
    steps: Annotated[int, Ge(0)] = 10,
    costs: Float[Tensor, "k k"] | None = None,
    floor: Annotated[float, Ge(0)] = 1e-5,
    exact_pixels: Annotated[int, Ge(0)] = 64 * 64,
    fineness: Literal[1, 2] = 2,
) -> Float[Tensor, "b k h w"]:
    """Probabilities after mean-field steps in which every pixel hears every other of its image.

    A pixel hears those near it in place and colour (bilateral kernel) and those near it in place alone
    (spatial kernel). Each kernel K is normalised symmetrically, `K_ij / sqrt(n_i n_j)` with `n_i` the sum
    of row i, and a pixel hears itself too; published weights hold for this form. Differentiable in the
    probabilities.

    Up to `exact_pixels` all pairs are summed, in a time that grows with their square and in little memory.
    Beyond, the bilateral kernel is approximated: the same within 0.02 where colours are clean and classes
    clear, while on a textured photograph with unsure probabilities a few pixels of a hundred get another
    winner (benchmarks/crf.py).

    Args:
        probs: Probabilities of exclusive classes; 0 and 1 are allowed.
        images: Any number of bands. More than about six make the approximation slow.
        bilateral_weight: Weight of the kernel of place and colour.
        position_sd: Its standard deviation in pixels.
        colour_sd: Its standard deviation in colour, in the unit of the images: the default is 13 grey
            levels of 255 for images in 0..1.
        spatial_weight: Weight of the kernel of place alone.
        spatial_sd: Its standard deviation in pixels.
        steps: Times that all pixels are updated together.
        costs: What it costs two pixels that hear each other to have these classes (row: the pixel's own);
            by default 1 for different classes and 0 for the same (Potts).
        floor: Least probability before the logarithm. With zero, a class that a pixel cannot be it never
            becomes.
        exact_pixels: Rows times columns up to which the bilateral kernel is exact.
        fineness: Of the lattice that approximates it: 1 is the published one, 2 is nearer to the sum over
            all pairs and takes about half as long again; images of mere noise are given 1.

    Returns:
        Probabilities of the dtype given; computed in float32 at least.

    Raises:
        ShapeError: If probabilities and images are of different number or size.
        DataError: If a value is not finite, or no class is possible in a pixel.

    Reference:
        Krähenbühl & Koltun, "Efficient Inference in Fully Connected CRFs with Gaussian Edge Potentials",
        2011, arXiv:1210.5644, equation 3 and algorithm 1; there a pixel does not hear itself. The
        normalisation and the floor are those of the authors' later program.
    """
    _check(probs, images, floor)
    dtype = torch.promote_types(probs.dtype, torch.float32)
    if not len(probs):
        return probs.clone()
    refined: list[Tensor] = []
    for prior, image in zip(probs.to(dtype), images.detach().to(dtype), strict=True):
        rows, columns = image.shape[1:]
        kernels: list[Kernel] = []
        if bilateral_weight > 0:
            points = _points(image, position_sd, colour_sd)
            kernels.append(
                bilateral(points, bilateral_weight, fineness if len(points) > exact_pixels else None)
            )
        if spatial_weight > 0:
            kernels.append(spatial(rows, columns, spatial_sd, spatial_weight, image))
        least = prior.flatten(1).T.contiguous().clamp(min=floor)
        refined.append(_mean_field(least, kernels, steps, costs).T.reshape(prior.shape))
    return torch.stack(refined).to(probs.dtype)


def _points(image: Float[Tensor, "c h w"], position_sd: float, colour_sd: float) -> Float[Tensor, "n d"]:
    """Row, column and colour of each pixel in standard deviations, around zero for the sake of rounding."""
    rows, columns = (torch.arange(length, device=image.device) / position_sd for length in image.shape[1:])
    grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij")).to(image.dtype)
    points = torch.cat([grid, image / colour_sd]).flatten(1).T
    return points - points.mean(0)


def _mean_field(
    least: Float[Tensor, "n k"], kernels: Sequence[Kernel], steps: int, costs: Float[Tensor, "k k"] | None
) -> Float[Tensor, "n k"]:
    """All pixels updated together, some times; what they hear is added to their own log probability."""
    scores = least.log()
    gains = None if costs is None else -costs.to(scores).T
    probs = least / least.sum(1, keepdim=True)
    for _ in range(steps if kernels else 0):
        heard = kernels[0] @ probs
        for kernel in kernels[1:]:
            heard += kernel @ probs
        heard = heard if gains is None else heard @ gains
        probs = heard.add_(scores).softmax(1)
    return probs


def _check(probs: Tensor, images: Tensor, floor: float) -> None:
    if (len(probs), *probs.shape[2:]) != (len(images), *images.shape[2:]):
        raise ShapeError(
            f"probabilities and images do not fit. Probabilities are {tuple(probs.shape)}, images are "
            f"{tuple(images.shape)} (batch, class or band, row, column). Give as many of both, of one size."
        )
    if not (probs.isfinite().all() and images.isfinite().all()):
        raise DataError("probabilities or images are not finite. Found NaN or infinity. Fill them first.")
    if floor == 0 and not (probs > 0).any(1).all():
        raise DataError(
            "a pixel has no possible class. All its probabilities are 0, and so is floor. Raise floor."
        )
