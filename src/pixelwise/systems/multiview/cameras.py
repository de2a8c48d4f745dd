"""Pin-hole cameras: where points in space fall in a photograph, and which of them it sees."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Camera:
    """How a photograph was taken.

    The centre of the first pixel lies at (0.5, 0.5). The camera looks along its third axis; its first
    points right and its second down.

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
        local = points @ self.rotation.T + self.translation
        depths = local[:, 2]
        ahead = torch.where(depths > 0, depths, torch.ones_like(depths))
        flat = (local / ahead[:, None]) @ self.intrinsics.T
        return flat[:, [1, 0]], depths

    def lift(self, depths: Float[Tensor, "h w"]) -> Float[Tensor, "p 3"]:
        """The point in space that each pixel shows, in reading order, by its distance along the view."""
        rows, columns = torch.meshgrid(
            torch.arange(self.rows) + 0.5, torch.arange(self.columns) + 0.5, indexing="ij"
        )
        flat = torch.stack([columns, rows, torch.ones_like(rows)], dim=2).view(-1, 3)
        local = flat @ torch.linalg.inv(self.intrinsics).T * depths.view(-1, 1)
        return (local - self.translation) @ self.rotation

    def pixels(
        self, points: Float[Tensor, "n 3"], depth: Float[Tensor, "h w"] | None = None, *, slack: float = 0.05
    ) -> tuple[Int[Tensor, " n"], Bool[Tensor, " n"]]:
        """The pixel, counted in reading order, that each point falls into, and whether the point is seen.

        Args:
            points: In space.
            depth: How far each pixel looks; without it nothing hides anything.
            slack: Share of the depth by which a point may lie behind what is seen.

        Returns:
            Pixels, 0 where the point falls beside the photograph, and which of them hold.
        """
        places, depths = self.project(points)
        rows, columns = places.floor().long().unbind(1)
        seen = (depths > 0) & (rows >= 0) & (rows < self.rows) & (columns >= 0) & (columns < self.columns)
        pixels = (rows * self.columns + columns).where(seen, 0)
        if depth is not None:
            seen &= depths <= depth.flatten()[pixels] * (1 + slack)
        return pixels, seen
