"""Images come in, and people see what the model found."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.data.drawn import NAMES
from tests.serve.page.people import inside, photograph

LABELS = "application/vnd.pixelwise.labels+confidence"


def test_it_says_what_to_do_and_what_the_model_knows(visitor, run, shoot) -> None:
    shoot(visitor.page, "empty")
    assert "Drop photographs here" in visitor.text("#welcome")
    assert visitor.page.locator("#known li").all_inner_texts() == list(NAMES)
    score = json.loads((run / "scores.json").read_text())["scores"]["mean_iou"]
    assert visitor.text("#facts").startswith(f"Its mean IoU is {score:.2f}")


def test_dropped_images_stand_in_the_strip_with_their_shares(visitor, shoot) -> None:
    files = [(f"scene {number}.png", photograph(number)) for number in range(3)]
    visitor.drop(*files)
    visitor.labelled()
    shoot(visitor.page, "looking")
    assert visitor.page.locator("#images .done").count() == 3
    predicted = visitor.predicted(files[0][1])
    for row, share in zip(
        visitor.page.locator("#classes li").all(),
        np.bincount(predicted.ravel(), minlength=3) / 2240,
        strict=False,
    ):
        said = float(re.search(r"([\d.]+) %", row.inner_text())[1]) / 100
        assert said == pytest.approx(share, abs=0.005)
    visitor.page.keyboard.press("PageDown")
    assert (
        visitor.page.locator("#images [aria-current=true]").get_attribute("aria-label").startswith("scene 1")
    )
    np.testing.assert_array_equal(visitor.indices(), visitor.predicted(files[1][1]))


def test_images_are_pasted_and_chosen_by_the_button(visitor, tmp_path) -> None:
    (tmp_path / "mine.png").write_bytes(photograph())
    with visitor.page.expect_file_chooser() as waiting:
        visitor.page.get_by_role("button", name="Choose images").click()
    waiting.value.set_files(tmp_path / "mine.png")
    visitor.labelled()
    visitor.drop(("image.png", photograph(1)), kind="paste")
    expect(visitor.page.locator("#images li")).to_have_count(2)
    visitor.labelled()
    names = [each.get_attribute("aria-label") for each in visitor.page.locator("#images .thumb").all()]
    assert names == ["mine.png, labelled", "pasted 1.png, labelled"]


def test_the_pointer_reads_class_and_confidence(visitor) -> None:
    content = visitor.drop_scene()
    grey, alpha = Image.open(io.BytesIO(visitor.asked(LABELS, content))).split()
    for y, x in ((3, 5), (20, 28), (37, 33), (11, 40)):
        visitor.page.mouse.move(*visitor.spot(y + 0.5, x + 0.5))
        sure = f"{100 * alpha.getpixel((x, y)) / 255:.0f}"
        told = re.compile(rf"^\s*{NAMES[grey.getpixel((x, y))]}\s+{sure} % sure$")
        expect(visitor.page.locator("#readout")).to_have_text(told)
    visitor.page.mouse.move(5, 5)
    expect(visitor.page.locator("#readout")).to_be_hidden()


def test_a_class_is_hidden_and_shown_by_click_and_by_key(visitor) -> None:
    content = visitor.drop_scene()
    y, x = inside(visitor.predicted(content), 1)
    coloured = visitor.colour_at(y, x)
    visitor.page.click("#classes button[aria-label='Show disc']")
    bare = visitor.colour_at(y, x)
    wanted = np.asarray(Image.open(io.BytesIO(content)))[int(y), int(x)]
    np.testing.assert_allclose(bare, wanted, atol=4)
    visitor.page.keyboard.press("2")
    assert visitor.colour_at(y, x) == coloured
    assert np.abs(np.subtract(coloured, bare)).max() > 20


def test_opacity_and_the_swipe_show_the_photograph(visitor, shoot) -> None:
    content = visitor.drop_scene()
    pixels, (y, x) = np.asarray(Image.open(io.BytesIO(content))), inside(visitor.predicted(content), 1)
    visitor.page.locator("#opacity").fill("100")
    np.testing.assert_allclose(visitor.colour_at(y, x), (240, 110, 70), atol=2)
    visitor.page.locator("#opacity").fill("0")
    np.testing.assert_allclose(visitor.colour_at(y, x), pixels[int(y), int(x)], atol=4)
    visitor.page.locator("#opacity").fill("100")
    visitor.page.get_by_label("Compare by swiping").check()
    divider = visitor.page.locator("#divider")
    divider.press("End")
    np.testing.assert_allclose(visitor.colour_at(y, x), pixels[int(y), int(x)], atol=4)
    divider.press("Home")
    np.testing.assert_allclose(visitor.colour_at(y, x), (240, 110, 70), atol=2)
    box = divider.bounding_box()
    visitor.page.mouse.move(box["x"] + 22, box["y"] + 300)
    visitor.page.mouse.down()
    visitor.page.mouse.move(480, 300)
    visitor.page.mouse.up()
    shoot(visitor.page, "swipe")
    assert divider.get_attribute("aria-valuenow") == "50"


def test_what_is_unsure_gets_dark(visitor, shoot) -> None:
    content = visitor.drop_scene()
    alpha = np.asarray(Image.open(io.BytesIO(visitor.asked(LABELS, content))))[..., 1].astype(float) / 255
    visitor.page.locator("#opacity").fill("100")
    visitor.page.get_by_label("Dim what is unsure").check()
    shoot(visitor.page, "unsure")
    predicted = visitor.predicted(content)
    colours = np.array([(0, 0, 0), (240, 110, 70), (64, 150, 230)])
    for y, x in np.argwhere(predicted > 0)[::17]:
        sure = max(0, (alpha[y, x] - 1 / 3) * 1.5) ** 1.5
        np.testing.assert_allclose(
            visitor.colour_at(y + 0.5, x + 0.5), colours[predicted[y, x]] * sure, atol=2, err_msg=f"{y}, {x}"
        )
        if x > 30:
            break


def test_downloads_hold_what_was_predicted(visitor) -> None:
    content = visitor.drop_scene()
    name, index = visitor.download("index")
    picture = Image.open(io.BytesIO(index))
    assert name == "scene 0_classes.png" and picture.mode == "P"
    assert tuple(picture.getpalette()[3:9]) == (240, 110, 70, 64, 150, 230)
    np.testing.assert_array_equal(np.asarray(picture), visitor.predicted(content))
    name, outlines = visitor.download("outlines")
    assert name == "scene 0.geojson"
    assert json.loads(outlines) == json.loads(visitor.asked("application/json", content))["polygons"]
    visitor.page.locator("#opacity").fill("50")
    name, overlay = visitor.download("overlay")
    predicted, pixels = visitor.predicted(content), np.asarray(Image.open(io.BytesIO(content))).astype(float)
    colours = np.array([(0, 0, 0), (240, 110, 70), (64, 150, 230)])[predicted]
    wanted = np.where((predicted > 0)[..., None], (pixels + colours) / 2, pixels)
    assert name == "scene 0_overlay.png"
    np.testing.assert_allclose(np.asarray(Image.open(io.BytesIO(overlay)))[..., :3], wanted, atol=2)


def test_wheel_and_buttons_zoom_and_dragging_moves(visitor) -> None:
    visitor.drop_scene()
    y, x = 10, 14
    at = visitor.spot(y + 0.5, x + 0.5)
    visitor.page.mouse.move(*at)
    before = visitor.text("#readout")
    visitor.page.mouse.wheel(0, -600)
    visitor.page.wait_for_timeout(50)
    assert visitor.text("#readout") == before, "zooming keeps the pixel under the pointer"
    visitor.page.keyboard.press("0")
    visitor.page.mouse.down()
    visitor.page.mouse.move(at[0] + 150, at[1] + 60, steps=4)
    visitor.page.mouse.up()
    moved = visitor.page.evaluate("() => document.activeElement.id")
    assert moved == "canvas"
    scale = visitor.spot(0, 1)[0] - visitor.spot(0, 0)[0]
    visitor.page.mouse.move(*visitor.spot(y + 0.5 + 60 / scale, x + 0.5 + 150 / scale))
    assert visitor.text("#readout") == before, "the image moves with the pointer"
