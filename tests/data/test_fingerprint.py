"""What a data set is like, by hand."""

from dataclasses import dataclass, field

import pytest
import torch
from rasterio.crs import CRS

from pixelwise.core.classes import Classes
from pixelwise.core.place import Place
from pixelwise.core.sample import Sample
from pixelwise.data.fingerprint import class_shares, fingerprint
from pixelwise.data.store import Store


@dataclass
class Given:
    """A reader of samples that are already there."""

    samples: list[Sample]
    classes: Classes = field(default_factory=lambda: Classes(("ground", "disc", "square")))
    splits: dict[str, list[int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, number: int) -> Sample:
        return self.samples[number]


def store(*labels: torch.Tensor) -> Store:
    samples = [
        Sample(torch.tensor([0.0, 2.0]).view(2, 1, 1).expand(2, *each.shape[-2:]).contiguous(), each, str(i))
        for i, each in enumerate(labels)
    ]
    return Store(Given(samples), range(len(samples)))


def test_shares_of_classes() -> None:
    first = torch.tensor([[0, 0, 0, 1, 255]], dtype=torch.int64)
    second = torch.tensor([[0, 0, 0, 0]], dtype=torch.int64)
    shares = class_shares(store(first, second), 3)
    assert shares.overall == (7 / 8, 1 / 8, 0)
    assert shares.where_present == (7 / 8, 1 / 4, 0)  # class 1 is in the first image only: four pixels count


def test_shares_of_planes() -> None:
    first = torch.tensor([[[1.0, 0.5, 0.0, -1.0]], [[0.0, 0.0, 0.0, 0.0]]])
    second = torch.tensor([[[0.0, 0.0]], [[1.0, -1.0]]])
    shares = class_shares(store(first, second), 2)
    assert shares.overall == (1.5 / 5, 1 / 5)
    assert shares.where_present == (1.5 / 3, 1 / 1)


def test_mean_and_spread_of_bands() -> None:
    found = fingerprint(store(torch.zeros(2, 2, dtype=torch.int64)))
    assert found.mean == pytest.approx((0, 2)) and found.std == (1, 1)  # a band that never changes has one


def test_values_reach_from_the_smallest_to_the_largest() -> None:
    image = torch.tensor([[[0.25, torch.nan]], [[-1.0, 3.0]]])
    found = fingerprint(Store(Given([Sample(image, torch.zeros(1, 2, dtype=torch.int64), "a")]), [0]))
    assert found.low == (0.25, -1.0)
    assert found.high == (0.25, 3.0)
    assert found.metres is None


def test_the_ground_of_a_pixel_is_told_in_metres() -> None:
    utm = Place(CRS.from_epsg(32633).to_wkt(), (0.5, 0.0, 0.0, 0.0, -0.5, 0.0))
    degrees = Place(CRS.from_epsg(4326).to_wkt(), (1e-5, 0.0, 10.0, 0.0, -1e-5, 60.0))  # half as wide
    image, labels = torch.zeros(1, 2, 2), torch.zeros(2, 2, dtype=torch.int64)
    samples = [Sample(image, labels, name, place) for name, place in (("a", utm), ("b", degrees))]
    found = fingerprint(Store(Given(samples), range(2)))
    assert found.metres == pytest.approx((0.5, 1.1132 * 0.5**0.5), rel=1e-3)
