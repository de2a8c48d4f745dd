"""How an image differs from those that a model learnt from."""

from itertools import permutations

import torch
from jaxtyping import Float
from torch import Tensor

from pixelwise.core.place import Place
from pixelwise.data.rasters.ground import metres_a_pixel
from pixelwise.export.contract import Contract

_MARGIN = (
    0.25  # of the range of a band, and of the ground of a pixel: what photographs of one series differ by
)
_DARK = 0.05  # share of the range that is used by an image in another scaling, such as 12 bits in 16
_FAR, _NEAR = 1.5, 0.5  # deviations from the mean: of bands in the wrong order, and in the right one
_ORDERED = 6  # bands of which all orders are tried


def departures(contract: Contract, image: Float[Tensor, "c h w"], place: Place | None) -> list[str]:
    """Sentences on value range, order of bands and ground resolution; none where all is as it was learnt."""
    finite = image.isfinite()
    if not finite.any():
        return ["it holds no finite value."]
    found = [*_range(contract, image, finite), *_order(contract, image.where(finite, 0.0))]
    return [*found, *_ground(contract, place)]


def _range(contract: Contract, image: Tensor, finite: Tensor) -> list[str]:
    known = [
        (band.low, band.high) for band in contract.bands if band.low is not None and band.high is not None
    ]
    if len(known) != len(contract.bands):
        return []
    least, most = min(low for low, _ in known), max(high for _, high in known)
    span = max(most - least, 1e-6)
    low, high = float(image[finite].min()), float(image[finite].max())
    told = f"its values go from {low:.3g} to {high:.3g}, and the model learnt from {least:.3g} to {most:.3g}."
    if low < least - _MARGIN * span or high > most + _MARGIN * span:
        return [f"{told} Scale it as the training images were."]
    if high - low < _DARK * span and high < least + _DARK * span:
        return [f"{told} It is almost black; perhaps its bits are fewer than its file has."]
    return []


def _order(contract: Contract, image: Tensor) -> list[str]:
    """Whether another order of the bands fits what was learnt far better."""
    number = len(contract.bands)
    if not 2 <= number <= _ORDERED:
        return []
    means = torch.tensor([band.mean for band in contract.bands])
    stds = torch.tensor([max(band.std, 1e-6) for band in contract.bands])
    found = image.flatten(1).mean(1)
    apart = {
        order: float(((found[list(order)] - means) / stds).abs().mean())
        for order in permutations(range(number))
    }
    own = apart[tuple(range(number))]
    best = min(apart, key=lambda order: apart[order])
    if own < _FAR or apart[best] > _NEAR:
        return []
    told = ", ".join(str(band + 1) for band in best)
    return [f"its bands look as if they stood in another order; in the order {told} they would be as learnt."]


def _ground(contract: Contract, place: Place | None) -> list[str]:
    side = None if place is None else metres_a_pixel(place)
    if side is None or contract.metres is None:
        return []
    least, most = contract.metres
    if least * (1 - _MARGIN) <= side <= most * (1 + _MARGIN):
        return []
    learnt = f"{least:.3g}" if least == most else f"{least:.3g} to {most:.3g}"
    return [f"its pixels cover {side:.3g} m of ground, and the model learnt from {learnt} m. Resample it."]
