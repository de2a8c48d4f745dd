"""Pin-hole cameras: where points in space fall in a photograph, and what one view shows of another."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class Camera:
    """How a photograph was taken.

    It computes in the precision of its own numbers. The centre of the first pixel lies at (0.5, 0.5). The
    camera looks along its third axis; its first points right and its second down.

    Attributes:
        intrinsics: The focal lengths and the middle of the picture, in pixels: `[[f, 0, x], [0, f, y],
            [0, 0, 1]]`.
        rotation: Of the world into the camera.
        translation: Of the world into the camera, after the rotation.
        rows: Of the photograph.
        columns: Of the photograph.
    """

    intrinsics: Float[Tensor, "3 3"]
    rotation: Float[Tensor, "3 3"]
    translation: Float[Tensor, " 3"]
    rows: int
    columns: int

    def project(self, points: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n 2"], Float[Tensor, " n"]]:
        """Where points fall `(y, x)`, and how far before the camera they lie; behind it where negative."""
        local = points.to(self.rotation) @ self.rotation.T + self.translation
        depths = local[:, 2]
        ahead = torch.where(depths > 0, depths, torch.ones_like(depths))
        flat = (local / ahead[:, None]) @ self.intrinsics.T
        return flat[:, [1, 0]], depths

    def lift(self, depths: Float[Tensor, "h w"]) -> Float[Tensor, "p 3"]:
        """The point in space that each pixel shows, in reading order, by its distance along the view."""
        kind = self.intrinsics.dtype
        down, across = (torch.arange(length, dtype=kind) + 0.5 for length in (self.rows, self.columns))
        rows, columns = torch.meshgrid(down, across, indexing="ij")
        flat = torch.stack([columns, rows, torch.ones_like(rows)], dim=2).view(-1, 3)
        local = flat @ torch.linalg.inv(self.intrinsics).T * depths.reshape(-1, 1).to(kind)
        return (local - self.translation) @ self.rotation


def sights(
    here: Camera,
    depth: Float[Tensor, "h w"],
    there: Camera,
    other: Float[Tensor, "H W"] | None,
    *,
    slack: float = 0.1,
) -> tuple[Float[Tensor, "h w 2"], Bool[Tensor, "h w"]]:
    """Where each pixel of one view lies in another `(y, x)`, and whether it is seen there.

    Args:
        here: The view.
        depth: How far each of its pixels looks; 0 where that is not known, and nothing is seen.
        there: The other view.
        other: How far the pixels of the other look, 0 where not known; without it nothing hides anything.
        slack: How far the depth told there may be from the point's own, in the unit of depth.
    """
    places, depths = there.project(here.lift(depth))
    places, depths = places.view(*depth.shape, 2), depths.view_as(depth)
    size = torch.tensor([there.rows, there.columns])
    seen = (depth > 0) & (depths > 0) & (places >= 0).all(2) & (places < size).all(2)
    if other is not None:
        rows, columns = (places.where(seen[..., None], 0.0)).floor().long().unbind(2)
        told = other[rows, columns]
        seen &= (told > 0) & ((told - depths).abs() < slack)
    return places, seen


def warped(maps: Float[Tensor, "b c H W"], places: Float[Tensor, "b h w 2"]) -> Float[Tensor, "b c h w"]:
    """Maps looked up at places `(y, x)` between their pixels; at the border as the nearest pixel.

    Differentiable in the maps, so that what one view says can be taught by another's truth.

    Reference:
        Jaderberg et al., "Spatial Transformer Networks", 2015, arXiv:1506.02025, equation 5.
    """
    size = torch.tensor(maps.shape[-2:], device=maps.device)
    grid = (2 * places / size - 1).flip(-1)
    return F.grid_sample(maps, grid.to(maps.dtype), padding_mode="border", align_corners=False)
