"""Faults that lie in the numbers of masks: mixtures, strangers, scales, emptiness, no-data."""

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.doctor._steps import Snap, apply_steps, snapped
from pixelwise.data.masks.files import read_mask
from tests.data.doctor.looked import findings_of, severe
from tests.data.drawn import COLOURS, classes_yaml, draw_pairs, scene, write_image, write_tiff

SIZE = (96, 128)
HALF_GREY = ((0, 0, 0), (128, 128, 128), (255, 255, 255))


def smooth(pixels) -> Image.Image:
    """A mask as a program draws it that smooths edges: four times as large, then shrunk."""
    picture = Image.fromarray(pixels)
    large = picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST)
    return large.resize(picture.size, Image.Resampling.BICUBIC)


def draw(root, write, number=4) -> None:
    """Scenes of discs and squares; `write(path, labels)` makes the masks."""
    for i in range(number):
        image, labels = scene(i, SIZE)
        write_image(root / "images" / f"scene_{i}.png", image)
        (root / "masks").mkdir(exist_ok=True)
        write(root / "masks" / f"scene_{i}.png", labels)


def white(labels):
    return np.where(labels > 0, 255, 0).astype(np.uint8)


def test_smooth_edges_are_snapped_back_to_what_was_drawn(tmp_path) -> None:
    draw(tmp_path, lambda path, labels: smooth(white(labels)).save(path))
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"edges drawn smoothly"}
    told = found["edges drawn smoothly"]
    assert told.severity == "fault" and told.count == 4
    path = tmp_path / "masks" / "scene_0.png"
    assert told.repair.steps[path] == Snap((0, 255), colours=False)
    written = apply_steps(path, tmp_path / "out" / "scene_0.png", [told.repair.steps[path]])
    mended, drawn = read_mask(written).pixels, white(scene(0, SIZE)[1])
    assert set(np.unique(mended)) == {0, 255}
    assert (mended != drawn).mean() < 0.005


def test_jpeg_masks_become_png_of_their_classes(tmp_path) -> None:
    draw(
        tmp_path,
        lambda path, labels: Image.fromarray(white(labels)).save(path.with_suffix(".jpg"), quality=75),
    )
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"masks damaged by JPEG"}
    path = tmp_path / "masks" / "scene_0.jpg"
    written = apply_steps(
        path, tmp_path / "out" / path.name, [found["masks damaged by JPEG"].repair.steps[path]]
    )
    assert written.suffix == ".png"
    assert np.array_equal(read_mask(written).pixels, white(scene(0, SIZE)[1]))


def test_colours_beside_those_of_the_contract_are_snapped(tmp_path) -> None:
    draw(tmp_path, lambda path, labels: smooth(np.array(COLOURS, np.uint8)[labels]).save(path))
    (tmp_path / "classes.yaml").write_text(classes_yaml(colours=True))
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"edges drawn smoothly"}
    step = found["edges drawn smoothly"].repair.steps[tmp_path / "masks" / "scene_1.png"]
    assert set(step.numbers) == {0, 0xFF7850, 0x3C28DE} and step.colours


def test_an_area_of_no_class_is_never_snapped(tmp_path) -> None:
    pixels = white(scene(0, SIZE)[1])
    pixels[40:60, 40:60] = 100
    Image.fromarray(pixels).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="covers whole areas, and may be one"):
        apply_steps(tmp_path / "a.png", tmp_path / "b.png", [Snap((0, 255), colours=False)])


def test_near_colours_are_snapped_wherever_they_are(tmp_path) -> None:
    off = np.array([(2, 0, 1), (250, 122, 78), (60, 40, 222)], np.uint8)
    draw(tmp_path, lambda path, labels: Image.fromarray(off[labels]).save(path))
    (tmp_path / "classes.yaml").write_text(classes_yaml(colours=True))
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"colours near those of classes"}
    path = tmp_path / "masks" / "scene_0.png"
    step = found["colours near those of classes"].repair.steps[path]
    mended = read_mask(apply_steps(path, tmp_path / "out" / "a.png", [step])).pixels
    assert np.array_equal(mended, np.array([0, 0xFF7850, 0x3C28DE])[scene(0, SIZE)[1]])


def test_a_value_near_another_is_a_class_of_its_own(tmp_path) -> None:
    draw(tmp_path, lambda path, labels: Image.fromarray((labels > 0).astype(np.uint8)).save(path))
    (tmp_path / "classes.yaml").write_text("classes: [{name: no, value: 0}, {name: yes, value: 255}]")
    found = findings_of(tmp_path, reader="pairs")
    assert found["values of no class"].repair is None  # never made 0, which is nearest


def test_a_class_between_two_others_is_never_guessed(tmp_path) -> None:
    draw(tmp_path, lambda path, labels: smooth(np.array([0, 128, 255], np.uint8)[labels]).save(path))
    found = findings_of(tmp_path, reader="pairs")
    assert found["edges drawn smoothly"].repair is None
    assert "looks like it" in found["edges drawn smoothly"].advice


def test_snapping_takes_a_class_that_is_near_by_place() -> None:
    row = np.array([[0, 0, 0, 150, 255, 255, 255, 255, 120]], np.uint8)
    assert snapped(row, (0, 128, 255), colours=False).tolist() == [[0, 0, 0, 255, 255, 255, 255, 255, 128]]
    assert snapped(row, (0, 255), colours=False)[0, 8] == 255  # 0 is nearer, but not within two pixels


def test_a_stranger_is_refused_and_never_clipped(tmp_path) -> None:
    draw_pairs(tmp_path)
    (tmp_path / "classes.yaml").write_text("classes: [ground, disc]")
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"values of no class"}
    told = found["values of no class"]
    assert told.repair is None and told.count == 6 and "among them 2 (" in told.saying
    strange = np.stack([scene(i)[1] == 2 for i in range(6)])
    assert f"on {strange.mean():.2%} of the pixels" in told.saying
    assert np.array_equal(told.examples[0].mark, strange[0])


def test_classes_that_never_occur_are_named(tmp_path) -> None:
    draw_pairs(tmp_path)
    (tmp_path / "classes.yaml").write_text("classes: [ground, disc, square, star]")
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"classes that never occur"}
    assert found["classes that never occur"].files == ("star",)


def test_two_scales_are_told_and_not_mended(tmp_path) -> None:
    draw_pairs(tmp_path, encoding="binary01")
    Image.fromarray(white(scene(0)[1])).save(tmp_path / "masks" / "scene_0.png")
    found = findings_of(tmp_path, reader="pairs")
    assert {"0 and 1 beside 0 and 255", "meaning of the masks"} == severe(found)
    assert found["0 and 1 beside 0 and 255"].repair is None
    assert found["0 and 1 beside 0 and 255"].files == ("scene_0",)


def test_contradicting_classes_are_told_with_their_file(tmp_path) -> None:
    draw_pairs(tmp_path)
    (tmp_path / "classes.yaml").write_text("classes: [ground, disc, disc]")
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"meaning of the masks"}
    assert "the name 'disc' stands twice" in found["meaning of the masks"].saying


def test_names_that_hardly_differ(tmp_path) -> None:
    draw_pairs(tmp_path)
    (tmp_path / "classes.yaml").write_text("classes: [ground, Car, cars]")
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"classes called alike"}
    assert found["classes called alike"].files == ("'Car' and 'cars'",)


@pytest.mark.parametrize(("many", "severity"), [(1, "note"), (4, "warning")])
def test_empty_masks_are_a_warning_where_most_are(many, severity, tmp_path) -> None:
    draw_pairs(tmp_path, encoding="binary01")
    for number in range(many):
        Image.new("L", (56, 40)).save(tmp_path / "masks" / f"scene_{number}.png")
    found = findings_of(tmp_path, reader="pairs")
    assert found["empty masks"].severity == severity and found["empty masks"].count == many


def test_blank_images_and_masks_that_do_not_count(tmp_path) -> None:
    draw_pairs(tmp_path)
    Image.new("RGB", (56, 40), (9, 9, 9)).save(tmp_path / "images" / "scene_1.png")
    Image.new("L", (56, 40), 255).save(tmp_path / "masks" / "scene_2.png")
    (tmp_path / "classes.yaml").write_text("classes: [a, b, c]\nignored: [255]")
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"blank images", "masks that do not count"}
    assert found["masks that do not count"].files == ("scene_2",)


def test_declared_no_data_with_a_class_is_given_what_does_not_count(tmp_path) -> None:
    draw_pairs(tmp_path, image_suffix=".tif")
    image = scene(0)[0]
    image[:, :14] = 0
    write_tiff(tmp_path / "images" / "scene_0.tif", image, nodata=0)
    found = findings_of(tmp_path, reader="pairs")
    told = found["no-data with a class"]
    assert (told.severity, told.count, told.files) == ("warning", 1, ("scene_0: 25.0%",))
    path = tmp_path / "masks" / "scene_0.png"
    assert list(told.repair.steps) == [path]
    mended = read_mask(apply_steps(path, tmp_path / "out" / "a.png", [told.repair.steps[path]])).pixels
    assert (mended[:, :14] == 255).all()
    assert np.array_equal(mended[:, 14:], scene(0)[1][:, 14:])


def test_a_black_margin_is_a_suspicion_only(tmp_path) -> None:
    draw(
        tmp_path,
        lambda path, labels: Image.fromarray(
            np.where(np.arange(128) < 16, 0, labels + 1).astype(np.uint8)
        ).save(path),
    )
    image = scene(0, SIZE)[0]
    image[:, :16] = 0
    write_image(tmp_path / "images" / "scene_0.png", image)
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"black margins with a class"}
    assert found["black margins with a class"].repair is None
    assert found["black margins with a class"].files == ("scene_0: 12.5%",)
