"""What a pixel of each class weighs: given as numbers, or by a rule from how often classes occur."""

from collections.abc import Sequence
from math import log, sqrt
from statistics import median
from typing import Literal, TypeGuard, get_args

from jaxtyping import Bool, Float
from torch import Tensor

from pixelwise.core.errors import RecipeError, ShapeError
from pixelwise.ops.planes import Labels, exclusive

Rule = Literal["inverse", "root_inverse", "median_frequency", "enet"]
ClassWeights = Rule | tuple[float, ...] | None


def is_rule(weights: object) -> TypeGuard[Rule]:
    """Whether these are the name of a rule, and not numbers."""
    return weights in get_args(Rule)


def weights_by(
    rule: Rule, shares: Sequence[float], shares_where_present: Sequence[float]
) -> tuple[float, ...]:
    """The weight of each class by a rule; one never seen weighs as much as the heaviest seen.

    Args:
        rule: With `f` the share of the class: `inverse` is `1 / (k f)`, so that the mean over pixels is
            one; `root_inverse` is `sqrt(1 / f)`; `enet` is `1 / ln(1.02 + f)`; `median_frequency` is the
            median of all `f` over `f`, where `f` is the share among the pixels of only those images
            that show the class.
        shares: Of each class, among all pixels.
        shares_where_present: Of each class, among the pixels of the images that show it.

    Raises:
        RecipeError: If no class was seen at all.

    Reference:
        Eigen & Fergus, 2015, arXiv:1411.4734, section 4.3.1 (median frequency); Paszke et al., "ENet",
        2016, arXiv:1606.02147, section 5; Wong et al., 2018, arXiv:1809.00076, equation 3 (root).
    """
    counted_shares = shares_where_present if rule == "median_frequency" else shares
    seen = [share for share in counted_shares if share > 0]
    if not seen:
        raise RecipeError(
            f"class weights {rule!r} need labels to be computed from. No labelled pixel was found. "
            "Give a number for each class."
        )
    middle = median(seen)

    def weight(share: float) -> float:
        if rule == "inverse":
            return 1 / (len(seen) * share)
        if rule == "root_inverse":
            return sqrt(1 / share)
        return middle / share if rule == "median_frequency" else 1 / log(1.02 + share)

    return tuple(weight(share if share > 0 else min(seen)) for share in counted_shares)


def pixel_weights(
    class_weights: ClassWeights, logits: Float[Tensor, "b k h w"], labels: Labels, valid: Bool[Tensor, "..."]
) -> Float[Tensor, "..."]:
    """What each pixel (each plane's pixel) weighs, in the shape of `labels`; zero where it does not count.

    Raises:
        RecipeError: If the weights are still a rule.
        ShapeError: If there are not as many weights as classes.
    """
    if class_weights is None:
        return valid.to(logits.dtype)
    if is_rule(class_weights):
        raise RecipeError(
            f"class weights {class_weights!r} are a rule, not numbers. A recipe computes them from its "
            "training data; elsewhere give a number for each class, such as those of `weights_by`."
        )
    if len(class_weights) != logits.shape[1]:
        raise ShapeError(
            f"{len(class_weights)} class weights for {logits.shape[1]} classes. Give one to each class."
        )
    weights = logits.new_tensor(class_weights)
    if exclusive(labels):
        return weights[labels.where(valid, 0).long()] * valid
    return weights[:, None, None] * valid
