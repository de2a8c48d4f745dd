"""How images depart from what was learnt, in words."""

import torch
from rasterio.crs import CRS

from pixelwise.core.place import Place
from pixelwise.export.contract import Band
from pixelwise.workflows._departures import departures
from tests.export.test_contract import CONTRACT

RGB = (Band(0.2, 0.1, 0.0, 1.0), Band(0.5, 0.1, 0.0, 1.0), Band(0.8, 0.1, 0.0, 1.0))


def contract(**changes):
    from dataclasses import replace

    return replace(CONTRACT, **({"bands": RGB, "metres": (0.5, 0.5)} | changes))


def image(*means: float) -> torch.Tensor:
    noise = torch.randn(len(means), 32, 32, generator=torch.Generator().manual_seed(0)) * 0.1
    return (torch.tensor(means)[:, None, None] + noise).clamp(0, 1)


def test_what_was_learnt_is_not_remarked_on() -> None:
    assert departures(contract(), image(0.2, 0.5, 0.8), None) == []
    assert departures(contract(), image(0.3, 0.4, 0.9), None) == []  # other light


def test_bands_in_another_order_are_seen() -> None:
    (found,) = departures(contract(), image(0.8, 0.5, 0.2), None)
    assert "another order" in found and "3, 2, 1" in found


def test_bands_that_are_alike_are_never_called_wrong() -> None:
    grey = tuple(Band(0.5, 0.2, 0.0, 1.0) for _ in range(3))
    assert departures(contract(bands=grey), image(0.9, 0.5, 0.1), None) == []


def test_another_scaling_is_seen() -> None:
    (bright,) = departures(contract(), image(0.2, 0.5, 0.8) * 255, None)[:1]
    assert "go from" in bright and "Scale it" in bright
    dark = departures(contract(), image(0.2, 0.5, 0.8) / 64, None)
    assert "almost black" in dark[0]
    assert "no finite value" in departures(contract(), torch.full((3, 2, 2), torch.nan), None)[0]


def test_another_ground_resolution_is_seen() -> None:
    def place(side: float) -> Place:
        return Place(CRS.from_epsg(32633).to_wkt(), (side, 0.0, 0.0, 0.0, -side, 0.0))

    learnt = image(0.2, 0.5, 0.8)
    assert departures(contract(), learnt, place(0.55)) == []
    (found,) = departures(contract(), learnt, place(2.0))
    assert "cover 2 m of ground, and the model learnt from 0.5 m" in found
    assert departures(contract(metres=None), learnt, place(2.0)) == []


def test_ranges_that_were_not_measured_are_not_judged() -> None:
    unknown = tuple(Band(band.mean, band.std) for band in RGB)
    assert departures(contract(bands=unknown), image(0.2, 0.5, 0.8) * 3 - 1, None) == []
