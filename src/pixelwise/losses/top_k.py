"""Cross entropy of the hardest pixels only."""

from math import ceil
from typing import Annotated

from annotated_types import Gt, Le
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.losses._likelihood import nats


def top_k(
    logits: Float[Tensor, "b k h w"],
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"],
    *,
    ignore_index: int = 255,
    share: Annotated[float, Gt(0), Le(1)] = 0.1,
) -> Float[Tensor, ""]:
    """Mean cross entropy of the pixels of the batch that cost most.

    Which pixels these are is decided anew at each step; in several processes each takes its own.

    Args:
        logits: Scores before softmax (sigmoid for planes).
        labels: Class indices, or planes in 0..1 where a negative value does not count.
        ignore_index: Pixels with this label take no part.
        share: How many of the pixels that count are taken, rounded up; one takes all.

    Returns:
        The loss, in nats; zero, with zero gradient, when no pixel counts.

    Reference:
        Wu, Shen & van den Hengel, "Bridging Category-level and Instance-level Semantic Image
        Segmentation", 2016, arXiv:1605.06885, section 3.2.
    """
    costs, valid = nats(logits, labels, ignore_index)
    hardest = costs[valid].sort(descending=True).values
    taken = ceil(share * len(hardest))
    return hardest[:taken].sum() / max(1, taken)
