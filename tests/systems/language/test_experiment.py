"""The experiment, as small as it gets: what it tells, not how well it does."""

from pixelwise.core.catalog import Catalog
from pixelwise.systems.language import experiment

SYSTEMS = Catalog("pixelwise.systems", "system", folders=True)


def test_it_tells_every_variant_margin_and_picture(monkeypatch) -> None:
    monkeypatch.setattr(experiment, "_QUICK_PLAN", experiment._Plan(4, 2, 40, 12))
    told: list[str] = []
    found = SYSTEMS["language"](seeds=[0, 1], quick=True, tell=told.append)
    assert len(found.trials) == 2 * 6 and len(found.margins) == 4
    assert all(len(margin.differences) == 2 for margin in found.margins)
    assert {"colour", "side", "size", "overall_iou"} <= found.trials[0].scores.keys()
    (picture,) = found.pictures.values()
    assert picture.ndim == 3 and picture.dtype == "uint8" and picture.std() > 10
    assert found.to_json()
