"""Mistakes are mended by hand, and the mended masks become training data."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
import shapely
from playwright.sync_api import expect

from pixelwise.data.readers.pairs import pairs
from pixelwise.ops.polygons import fill
from pixelwise.ops.tracing import trace
from tests.data.drawn import NAMES
from tests.serve.page.people import SIZE, inside

ROWS, COLUMNS = np.mgrid[: SIZE[0], : SIZE[1]]
CENTRES = shapely.points(COLUMNS + 0.5, ROWS + 0.5)


def test_what_is_drawn_is_saved_pixel_by_pixel_and_trains(visitor, site, shoot) -> None:
    content = visitor.drop_scene(5)
    wanted = visitor.predicted(content).copy()
    expect(visitor.page.locator("#correct")).to_be_hidden()

    visitor.page.keyboard.press("b")
    visitor.page.keyboard.press("3")
    visitor.page.locator("#size").fill("5")
    stroke = [(4, 6), (9, 30), (30, 33), (30, 33)]
    drag(visitor, stroke)
    wanted[shapely.distance(line(stroke), CENTRES) <= 2.5] = 2

    visitor.page.keyboard.press("p")
    visitor.page.keyboard.press("2")
    corners = [(20.3, 4.2), (36.8, 8.1), (31.2, 25.4), (26.1, 12.9)]
    spots = [visitor.whole_spot(*corner) for corner in corners]
    for at, _ in spots:
        visitor.page.mouse.click(*at)
    shoot(visitor.page, "polygon")
    visitor.page.keyboard.press("Enter")
    wanted[
        shapely.contains_xy(shapely.Polygon([(x, y) for _, (y, x) in spots]), COLUMNS + 0.5, ROWS + 0.5)
    ] = 1

    visitor.page.keyboard.press("e")
    visitor.page.locator("#size").fill("4")
    rubbed = [(9, 30), (20, 32)]
    drag(visitor, rubbed)
    where = shapely.distance(line(rubbed), CENTRES) <= 2
    wanted[where] = visitor.predicted(content)[where]

    shoot(visitor.page, "correcting")
    np.testing.assert_array_equal(visitor.indices(), wanted)
    visitor.page.get_by_role("button", name="Save as training data").click()
    expect(visitor.page.locator("#saved")).to_contain_text("pixelwise train --data")
    shoot(visitor.page, "saved")
    data = pairs(site.corrections)
    assert data.classes.names == NAMES
    np.testing.assert_array_equal(data[len(data) - 1].labels.numpy(), wanted)
    assert content in [file.read_bytes() for file in (site.corrections / "images").iterdir()]
    assert f"{len(data)} corrected image" in visitor.text("#saved")
    expect(visitor.page.get_by_role("button", name="Save as training data")).to_be_disabled()


def test_each_step_is_undone_and_done_again(visitor) -> None:
    states = [visitor.predicted(visitor.drop_scene())]
    visitor.page.keyboard.press("b")
    visitor.page.keyboard.press("2")
    for stroke in ([(5, 5), (5, 40)], [(8, 30), (3, 20)]):
        drag(visitor, stroke)
        states.append(visitor.indices())
    assert all((before != after).any() for before, after in pairwise(states))
    shares = [visitor.text("#classes")]
    for state in reversed(states[:-1]):
        visitor.page.keyboard.press("Control+z")
        np.testing.assert_array_equal(visitor.indices(), state)
    expect(visitor.page.get_by_role("button", name="Undo")).to_be_disabled()
    for state in states[1:]:
        visitor.page.keyboard.press("Control+Shift+Z")
        np.testing.assert_array_equal(visitor.indices(), state)
    assert visitor.text("#classes") == shares[0]
    expect(visitor.page.get_by_role("button", name="Redo")).to_be_disabled()
    counted = np.bincount(states[-1].ravel(), minlength=3)[1] / states[-1].size
    assert float(re.search(r"disc\s+([\d.]+)", shares[0])[1]) == pytest.approx(100 * counted, abs=0.5)


def test_a_region_is_filled_and_its_outlines_follow(visitor) -> None:
    content = visitor.drop_scene(2)
    predicted = visitor.predicted(content)
    y, x = inside(predicted, 1)
    visitor.page.keyboard.press("f")
    visitor.page.keyboard.press("3")
    visitor.page.mouse.click(*visitor.spot(y, x))
    parts = [fill([part], SIZE) for part in trace(predicted == 1)]
    (region,) = [part for part in parts if part[int(y), int(x)]]
    wanted = np.where(region, 2, predicted)
    np.testing.assert_array_equal(visitor.indices(), wanted)
    outlines = json.loads(visitor.download("outlines")[1])
    assert told(outlines) == drawn(wanted)


def test_the_brush_grows_and_shrinks_and_reads_corrected(visitor) -> None:
    visitor.drop_scene()
    for key in ("b", "2", "]"):
        visitor.page.keyboard.press(key)
    larger = int(visitor.page.locator("#size").input_value())
    visitor.page.keyboard.press("[")
    assert larger > 24 > 0 and int(visitor.page.locator("#size").input_value()) < larger
    predicted = visitor.indices()
    y, x = inside(predicted, 0)
    visitor.page.locator("#size").fill("3")
    visitor.page.mouse.click(*visitor.spot(y, x))
    visitor.page.mouse.move(*visitor.spot(y, x + 0.1))
    assert visitor.text("#readout").split() == ["disc", "corrected"]


def test_a_server_that_keeps_nothing_says_so(visit, open_site) -> None:
    visitor = visit(open_site(keep=False).address)
    visitor.drop_scene()
    visitor.page.keyboard.press("b")
    expect(visitor.page.get_by_role("button", name="Save as training data")).to_be_disabled()
    assert "--corrections FOLDER" in visitor.text("#save-note")


@pytest.mark.slow
def test_nothing_is_lost_by_accident(visitor) -> None:
    visitor.drop_scene()
    visitor.page.keyboard.press("b")
    visitor.page.keyboard.press("2")
    drag(visitor, [(5, 5), (9, 9)])
    asked: list[str] = []
    visitor.page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    visitor.page.keyboard.press("Delete")
    assert asked == ["The corrections of scene 0.png are not saved. Remove it all the same?"]
    expect(visitor.page.locator("#images li")).to_have_count(1)
    visitor.page.once("dialog", lambda dialog: dialog.accept())
    visitor.page.keyboard.press("Delete")
    expect(visitor.page.locator("#welcome")).to_be_visible()


def drag(visitor, pixels) -> None:
    """Press, go from pixel to pixel in straight lines, and let go."""
    first, *others = [visitor.spot(y + 0.5, x + 0.5) for y, x in pixels]
    visitor.page.mouse.move(*first)
    visitor.page.mouse.down()
    for at in others:
        visitor.page.mouse.move(*at)
    visitor.page.mouse.up()


def line(pixels) -> shapely.LineString:
    return shapely.LineString([(x + 0.5, y + 0.5) for y, x in pixels])


def drawn(labels):
    """The outlines of labels by the house's own tracing: class, outline and holes."""
    return sorted(
        (name, index, turned(part.outline), sorted(turned(hole) for hole in part.holes))
        for index, name in enumerate(NAMES)
        for part in trace(labels == index)
    )


def told(outlines):
    """What a GeoJSON file tells, as `drawn` has it."""
    found = []
    for feature in outlines["features"]:
        rings = [[(y, x) for x, y in ring] for ring in feature["geometry"]["coordinates"]]
        assert feature["geometry"]["type"] == "Polygon" and all(ring[0] == ring[-1] for ring in rings)
        outline, *holes = [turned(np.array(ring[:-1])) for ring in rings]
        found.append((*feature["properties"].values(), outline, sorted(holes)))
    return sorted(found)


def turned(ring) -> list[tuple[float, ...]]:
    """The points of a ring from its first one in reading order on."""
    points = [tuple(point) for point in ring.tolist()]
    first = points.index(min(points))
    return points[first:] + points[:first]
