"""Scores of outlines over a data set."""

import torch
from jaxtyping import Float
from torch import Tensor

from pixelwise.metrics._masks import Predicted, masks
from pixelwise.metrics.boundary import boundary_f
from pixelwise.metrics.boundary_iou import boundary_iou_counts
from pixelwise.metrics.surface import average_surface_distance, hausdorff, surfaces
from pixelwise.ops.planes import Labels

NAMES = ("boundary_f", "boundary_iou", "hausdorff_95", "surface_distance")


class EdgeTally:
    """Boundary F-score, boundary IoU, HD95 and average surface distance (in pixels): adds, and divides last.

    Each is a quotient of sums: over the images in which a class is true or predicted (boundary IoU: over
    their pixels), and over the means of images. So batches and processes add up.

    Attributes:
        sums: Above and below the line of each quotient, for each class and for the whole.
    """

    def __init__(self, num_classes: int, device: torch.device | None = None) -> None:
        self.sums: Float[Tensor, "4 2 _"] = torch.zeros(
            len(NAMES), 2, num_classes + 1, dtype=torch.float64, device=device
        )

    def add(self, predicted: Predicted, labels: Labels) -> None:
        """Take in a batch: classes, or Boolean planes, and the truth."""
        told = masks(predicted, labels, self.sums.shape[-1] - 1)
        there = ((told.predicted | told.truth) & told.valid).flatten(2).any(2)
        found, true, valid = told.predicted[there], told.truth[there], told.valid[there]
        between = [surfaces(*one) for one in zip(found, true, valid, strict=True)]
        for place, values in (
            (0, boundary_f(found, true, valid).double()),
            (2, self.sums.new_tensor([hausdorff(one, 0.95) for one in between])),
            (3, self.sums.new_tensor([average_surface_distance(one) for one in between])),
        ):
            of_image = self.sums.new_full(there.shape, torch.nan).masked_scatter(there, values)
            self.sums[place] += _image_sums(of_image)
        bands = boundary_iou_counts(found, true, valid).T.double()
        self.sums[1, :, :-1].index_add_(1, there.nonzero()[:, 1], bands)

    def per_class(self) -> dict[str, Float[Tensor, " k"]]:
        """Each score of each class; NaN for a class without an outline anywhere."""
        quotients = self.sums[:, 0] / self.sums[:, 1]
        return dict(zip(NAMES, quotients[:, :-1], strict=True))

    def whole(self) -> dict[str, float]:
        """Each score over classes within an image, then over images; boundary IoU over classes."""
        quotients = (self.sums[:, 0] / self.sums[:, 1])[:, -1].tolist()
        scores = dict(zip(NAMES, quotients, strict=True))
        return scores | {"boundary_iou": float(self.per_class()["boundary_iou"].nanmean())}


def _image_sums(values: Float[Tensor, "b k"]) -> Float[Tensor, "2 _"]:
    """Sums of what is not NaN and how many there are: of each class, and of the means of images."""
    values = torch.cat([values, values.nanmean(1, keepdim=True)], dim=1)
    return torch.stack([values.nan_to_num(0.0).sum(0), (~values.isnan()).sum(0)])
