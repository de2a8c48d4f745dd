"""The experiment, as small as it gets: what it tells, not how well it does."""

from pixelwise.core.catalog import Catalog
from pixelwise.systems.hierarchy import experiment

SYSTEMS = Catalog("pixelwise.systems", "system", folders=True)


def test_it_tells_every_variant_margin_and_picture(monkeypatch) -> None:
    plan = experiment._Plan(2, 2, experiment._QUICK.plain, experiment._QUICK.tagged, 8, 6)
    monkeypatch.setattr(experiment, "_QUICK", plan)
    found = SYSTEMS["hierarchy"](seeds=[0], quick=True, tell=lambda _: None)
    assert len(found.trials) == 3 + 2 + 2 and len(found.margins) == 5
    assert "plain: valve" in found.variants() and "mean_iou_phase" in found.trials[0].scores
    (picture,) = found.pictures.values()
    assert picture.ndim == 3 and picture.dtype == "uint8" and picture.std() > 10
    assert found.to_json()
