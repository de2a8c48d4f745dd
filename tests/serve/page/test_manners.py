"""Errors, keys, phones, dark rooms, and other hosts."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from pixelwise.serve.limits import Limits
from tests.serve.page.people import inside, photograph

PHONE = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}


def test_a_broken_file_shows_the_sentence_of_the_server(visitor, shoot) -> None:
    visitor.expected = ("the server responded with a status of 400",)
    broken = photograph()[:200]
    visitor.drop(("broken.png", broken), ("fine.png", photograph()))
    visitor.labelled()
    shoot(visitor.page, "error")
    answer = visitor.page.request.post(f"{visitor.address}/v1/models/shapes/predict", data=broken)
    assert answer.status == 400
    assert json.loads(answer.body())["error"] in visitor.text("#trouble")
    assert visitor.page.locator("#images li").all()[1].get_attribute("class") == "done"
    visitor.page.get_by_role("button", name="Remove it").click()
    expect(visitor.page.locator("#trouble")).to_be_hidden()
    expect(visitor.page.locator("#images li")).to_have_count(1)


@pytest.mark.slow
def test_a_file_that_is_too_large_is_not_sent(visit, open_site) -> None:
    visitor = visit(open_site(limits=Limits(content=300)).address)
    visitor.drop(("large.png", photograph()))
    visitor.labelled()
    assert "this server takes at most" in visitor.text("#trouble")


@pytest.mark.slow
def test_a_busy_server_is_asked_again(visitor) -> None:
    visitor.expected = ("the server responded with a status of 503",)
    answers = iter([503])

    def busy(route) -> None:
        if next(answers, None):
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": "too much to do."})
        else:
            route.fallback()

    visitor.page.route("**/predict", busy)
    visitor.drop(("scene.png", photograph()))
    expect(visitor.page.locator("#busy")).to_contain_text("The server is busy; again in 1 s")
    visitor.labelled()
    expect(visitor.page.locator("#images .done")).to_have_count(1)


def test_a_key_is_asked_for_once_and_kept(visit, open_site, shoot) -> None:
    visitor = visit(open_site(key="sesame").address, expected=("the server responded with a status of 401",))
    shoot(visitor.page, "key")
    for key in ("wrong", "sesame"):
        visitor.page.fill("#key", key)
        visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_selector("#known li")
    visitor.drop_scene()
    visitor.page.reload()
    visitor.page.wait_for_selector("#known li")
    expect(visitor.page.locator("#key-dialog")).to_be_hidden()


@pytest.mark.slow
def test_another_model_labels_all_images_anew(visit, open_site) -> None:
    visitor = visit(open_site(times=2).address)
    visitor.drop_scene()
    with visitor.page.expect_request("**/v1/models/shapes-2/predict"):
        visitor.page.get_by_label("Model").select_option("shapes-2")
    visitor.labelled()
    expect(visitor.page.locator("#images .done")).to_have_count(1)


def test_by_keyboard_alone(visitor, tmp_path, shoot) -> None:
    page, content = visitor.page, photograph()
    (tmp_path / "scene.png").write_bytes(content)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    with page.expect_file_chooser() as waiting:
        tab_to(page, "Choose images")
        page.keyboard.press("Enter")
    waiting.value.set_files(tmp_path / "scene.png")
    visitor.labelled()
    tab_to(page, "The image and its classes")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#status")).to_contain_text("sure. Row ")
    _, _, _, row, _, column = (
        page.locator("#status").inner_text().replace(",", "").replace(".", "").split()[-6:]
    )
    y, x = int(row), int(column)
    before = visitor.indices()
    page.locator("#canvas").focus()
    for key in ("b", "3", *["["] * 20, "Space"):
        page.keyboard.press(key)
    after = visitor.indices()
    assert np.argwhere(before != after).tolist() == ([[y, x]] if before[y, x] != 2 else [])
    page.keyboard.press("Escape")
    tab_to(page, "Look around", back=True)
    page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.textContent") == "Brush"
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus is to be seen"
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    shoot(page, "keys")
    page.keyboard.press("Escape")
    expect(page.locator("#keys-dialog")).to_be_hidden()


def test_everything_that_can_be_used_has_a_name(visitor) -> None:
    visitor.drop_scene()
    for tool in "bp":
        visitor.page.keyboard.press(tool)
        nameless = visitor.page.evaluate(
            """() => [...document.querySelectorAll("button, input, select, #canvas, [role=slider]")]
              .filter((each) => each.checkVisibility() && !each.ariaLabel && !each.labels?.length
                && !each.textContent.trim()).map((each) => each.outerHTML)"""
        )
        assert nameless == []


def test_on_a_phone(visit, shoot) -> None:
    visitor = visit(**PHONE)
    page = visitor.page
    shoot(page, "phone empty")
    expect(page.get_by_role("button", name="Take a photograph")).to_be_visible()
    content = visitor.drop_scene()
    shoot(page, "phone")
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 390, "nothing is to be wider than the screen"
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .check, .slider, select")]
          .filter((each) => each.checkVisibility()).map((each) => [each, each.getBoundingClientRect()])
          .filter(([, box]) => box.width < 44 || box.height < 44).map(([each]) => each.outerHTML)"""
    )
    assert small == []
    y, x = inside(visitor.predicted(content), 1)
    page.touchscreen.tap(*visitor.spot(y, x))
    expect(page.locator("#readout b")).to_have_text("disc")
    page.get_by_role("radio", name="Fill a region").tap()
    page.locator("#classes .pick").nth(2).tap()
    page.evaluate("() => scrollTo(0, 0)")
    page.touchscreen.tap(*visitor.spot(y, x))
    shoot(page, "phone correcting")
    assert visitor.indices()[int(y), int(x)] == 2


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_in_light_and_dark(visit, shoot, scheme) -> None:
    visitor = visit(color_scheme=scheme)
    shoot(visitor.page, f"empty {scheme}")
    visitor.drop_scene()
    visitor.page.keyboard.press("b")
    shoot(visitor.page, scheme)
    for selector in (".fine", "#classes-title", ".words b", ".words span", "#save", "h1", "h1 span", "kbd"):
        ink, paper = visitor.page.locator(selector).locator("visible=true").first.evaluate(COLOURS)
        assert contrast(ink, paper) >= 4.5, selector


COLOURS = """(element) => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  let behind = element;
  while (behind && parts(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  return [parts(getComputedStyle(element).color), parts(getComputedStyle(behind).backgroundColor)]
    .map((colour) => colour.slice(0, 3));
}"""


def contrast(ink, paper) -> float:
    """Contrast of two colours as WCAG 2 defines it, 1 to 21."""
    lights = []
    for colour in (ink, paper):
        parts = np.array(colour) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        lights.append(linear @ [0.2126, 0.7152, 0.0722])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def tab_to(page, name: str, *, back: bool = False) -> None:
    """Press Tab until the focus is on what has this name."""
    for _ in range(60):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        told = "() => (document.activeElement.ariaLabel || document.activeElement.textContent).trim()"
        if page.evaluate(told) == name:
            return
    pytest.fail(f"Tab never comes to {name!r}")


@pytest.mark.slow
def test_an_image_the_browser_cannot_show_is_labelled_all_the_same(visitor, tmp_path, shoot) -> None:
    tif = tmp_path / "scene.tif"
    Image.open(io.BytesIO(photograph())).save(tif)
    visitor.drop(("scene.tif", tif.read_bytes()))
    visitor.labelled()
    shoot(visitor.page, "bare")
    expect(visitor.page.locator("#bare")).to_be_visible()
    np.testing.assert_array_equal(visitor.indices(), visitor.predicted(photograph()))
