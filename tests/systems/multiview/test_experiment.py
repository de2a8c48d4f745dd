"""What must hold, on one seed."""

from pixelwise.core.catalog import Catalog
from pixelwise.systems.multiview import multiview


def test_links_help_on_one_seed() -> None:
    found = multiview(seeds=[0], quick=True, tell=lambda words: None)
    assert [margin.words for margin in found.margins if not margin.holds] == []
    assert found.pictures["multiview.png"].shape[2] == 3
    assert "nothing is reduced but the number of seeds" in found.notes


def test_the_system_is_in_the_catalog_under_its_name() -> None:
    catalog = Catalog("pixelwise.systems", "system", folders=True)
    assert catalog["multiview"] is multiview
