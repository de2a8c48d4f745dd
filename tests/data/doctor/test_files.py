"""Faults that lie in files: pairs, damage, sizes, orientation, bands, copies."""

import shutil

import numpy as np
import pytest
from PIL import Image

from pixelwise.data.doctor._steps import Fit, LeaveOut, Unturn
from tests.data.doctor.looked import findings_of, severe
from tests.data.drawn import draw_pairs, scene, write_image, write_mask


def turned(path, orientation, size=(40, 56), number=0) -> None:
    """Save a scene as JPEG that is to be turned when shown."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(scene(number, size)[0]).save(path, exif=exif, quality=95)


def test_lonely_files_are_told_apart_and_left_out(tmp_path) -> None:
    draw_pairs(tmp_path)
    (tmp_path / "images" / "scene_1.png").unlink()
    (tmp_path / "masks" / "scene_2.png").unlink()
    found = findings_of(tmp_path)
    assert severe(found) == {"images without a mask", "masks without an image"}
    assert found["images without a mask"].files == ("images/scene_2.png",)
    assert found["masks without an image"].files == ("masks/scene_1.png",)
    assert found["images without a mask"].repair.steps == {tmp_path / "images" / "scene_2.png": LeaveOut()}


def test_lonely_files_in_one_folder(tmp_path) -> None:
    draw_pairs(tmp_path, layout="suffix")
    (tmp_path / "scene_1.png").unlink()
    (tmp_path / "scene_2_mask.png").unlink()
    found = findings_of(tmp_path)
    assert found["images without a mask"].files == ("scene_2.png",)
    assert found["masks without an image"].files == ("scene_1_mask.png",)


def test_two_files_of_one_name_are_ambiguous_and_not_repaired(tmp_path) -> None:
    draw_pairs(tmp_path)
    Image.open(tmp_path / "images" / "scene_1.png").save(tmp_path / "images" / "scene_1.bmp")
    found = findings_of(tmp_path)
    assert severe(found) == {"layout"}
    assert "mean the same sample" in found["layout"].saying and found["layout"].repair is None


def test_files_cut_off_are_named_once_each(tmp_path) -> None:
    draw_pairs(tmp_path, image_suffix=".jpg")
    for path in (tmp_path / "images" / "scene_1.jpg", tmp_path / "masks" / "scene_3.png"):
        path.write_bytes(path.read_bytes()[:80])
    found = findings_of(tmp_path)
    assert severe(found) == {"unreadable files"}
    told = found["unreadable files"]
    assert told.count == 2 and told.files[0].startswith("images/scene_1.jpg: cannot be read")
    names = {path.name for path in told.repair.steps}
    assert names == {"scene_1.jpg", "scene_1.png", "scene_3.jpg", "scene_3.png"}


def test_a_scaled_mask_is_resized_and_a_cropped_one_refused(tmp_path) -> None:
    draw_pairs(tmp_path)
    write_mask(tmp_path / "masks" / "scene_1.png", scene(1)[1][::2, ::2], "index")
    write_mask(tmp_path / "masks" / "scene_2.png", scene(2)[1][:, :40], "index")
    found = findings_of(tmp_path)
    assert severe(found) == {"masks of another size", "masks of another shape"}
    scaled = found["masks of another size"]
    assert scaled.repair.steps == {tmp_path / "masks" / "scene_1.png": Fit((40, 56))}
    assert found["masks of another shape"].repair is None
    assert found["masks of another shape"].files == ("masks/scene_2.png: (40, 40), its image (40, 56)",)


def test_exif_is_judged_by_which_way_the_mask_fits(tmp_path) -> None:
    draw_pairs(tmp_path, image_suffix=".jpg")
    folder = tmp_path / "images"
    turned(folder / "scene_0.jpg", 6)  # the mask fits as stored
    turned(folder / "scene_1.jpg", 6, size=(56, 40), number=1)  # the mask fits upright
    turned(folder / "scene_2.jpg", 3, number=2)  # upside down: the size cannot tell
    found = findings_of(tmp_path)
    assert severe(found) == {"turned by EXIF", "turned by EXIF, doubtful"}
    assert found["turned by EXIF"].repair.steps == {folder / "scene_0.jpg": Unturn()}
    assert found["turned by EXIF, doubtful"].repair is None
    assert found["turned by EXIF, read upright"].files == ("images/scene_1.jpg",)


def test_other_bands_and_other_bits(tmp_path) -> None:
    draw_pairs(tmp_path)
    Image.open(tmp_path / "images" / "scene_1.png").convert("L").save(tmp_path / "images" / "scene_1.png")
    deep = scene(2)[0].astype(np.uint16) * 257
    (tmp_path / "images" / "scene_2.png").unlink()
    write_image(tmp_path / "images" / "scene_2.tif", deep)
    found = findings_of(tmp_path)
    assert severe(found) == {"images of different bands", "images of different bit depths"}
    assert found["images of different bands"].files == ("scene_1: 1",)
    assert found["images of different bit depths"].files == ("scene_2: 16 bits",)


def test_copies_within_and_across_splits(tmp_path) -> None:
    draw_pairs(tmp_path, number=8, layout="split_folders")  # train 0 1 2 3, test 4 6, val 5 7
    for kind in ("images", "labels"):
        shutil.copy(tmp_path / "train" / kind / "scene_0.png", tmp_path / "train" / kind / "copy.png")
        shutil.copy(tmp_path / "train" / kind / "scene_1.png", tmp_path / "val" / kind / "leak.png")
    shutil.copy(tmp_path / "train" / "images" / "scene_2.png", tmp_path / "train" / "images" / "other.png")
    shutil.copy(tmp_path / "train" / "labels" / "scene_3.png", tmp_path / "train" / "labels" / "other.png")
    found = findings_of(tmp_path)
    assert severe(found) == {"duplicates", "duplicates across splits", "one image, several labels"}
    assert {path.name for path in found["duplicates"].repair.steps} == {"scene_0.png"}
    leaked = found["duplicates across splits"].repair.steps
    assert {path.relative_to(tmp_path).as_posix() for path in leaked} == {
        "train/images/scene_1.png",  # what judges stays
        "train/labels/scene_1.png",
    }
    assert found["one image, several labels"].repair is None


def test_one_mask_for_two_images(tmp_path) -> None:
    draw_pairs(tmp_path)
    shutil.copy(tmp_path / "masks" / "scene_0.png", tmp_path / "masks" / "scene_1.png")
    found = findings_of(tmp_path)
    assert severe(found) == {"one mask for several images"}
    assert found["one mask for several images"].files == ("scene_0 = scene_1",)


def test_near_copies_across_splits_are_a_warning(tmp_path) -> None:
    draw_pairs(tmp_path, layout="split_folders", size=(64, 64))
    image = np.asarray(Image.open(tmp_path / "train" / "images" / "scene_0.png")).astype(int)
    write_image(tmp_path / "val" / "images" / "near.png", (image + 3).clip(0, 255).astype(np.uint8))
    write_mask(tmp_path / "val" / "labels" / "near.png", scene(0, (64, 64))[1] * 0 + 1, "index")
    found = findings_of(tmp_path)
    assert severe(found) == {"look-alikes across splits"}
    assert "near (val)" in found["look-alikes across splits"].files[0]


@pytest.mark.parametrize("content", [{}, {"notes.md": "nothing"}])
def test_folders_without_images_are_said_to_be_so(tmp_path, content) -> None:
    (tmp_path / "below").mkdir()
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    found = findings_of(tmp_path)
    assert "format not recognised" in found and found["format not recognised"].severity == "fault"


def test_images_without_any_mask_are_looked_at_all_the_same(tmp_path) -> None:
    for number in range(3):
        write_image(tmp_path / f"{number}.png", scene(number)[0])
    (tmp_path / "1.png").write_bytes(b"no image")
    found = findings_of(tmp_path)
    assert {"format not recognised", "unreadable files"} <= set(found)
