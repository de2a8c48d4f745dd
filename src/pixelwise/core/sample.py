"""What travels: one labelled image, and a batch of them."""

from dataclasses import dataclass

from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.core.errors import ShapeError
from pixelwise.core.place import Place


@dataclass(frozen=True, slots=True)
class Sample:
    """One image and, when known, the class of each of its pixels.

    Attributes:
        image: Bands, rows, columns; integer files arrive in 0..1, floating files as they are.
        labels: Class index per pixel (exclusive), or one plane per class in 0..1 where a negative
            value does not count. None when unknown.
        name: Unique in its data set; reports and predictions carry it.
        place: Where on Earth it lies, when known; changed images have none.
    """

    image: Float[Tensor, "c h w"]
    labels: Int[Tensor, "h w"] | Float[Tensor, "k h w"] | None
    name: str
    place: Place | None = None

    def __post_init__(self) -> None:
        if self.labels is not None and self.labels.shape[-2:] != self.image.shape[1:]:
            raise ShapeError(
                f"{self.name}: image and labels differ in size. Image is {tuple(self.image.shape[1:])}, "
                f"labels are {tuple(self.labels.shape[-2:])} (rows, columns)."
            )


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples of one size, stacked."""

    images: Float[Tensor, "b c h w"]
    labels: Int[Tensor, "b h w"] | Float[Tensor, "b k h w"]
    names: tuple[str, ...]
