import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.pairs import pairs, recognise
from tests.data.drawn import (
    ENCODINGS,
    LAYOUTS,
    classes_yaml,
    draw_pairs,
    scene,
    split_of,
    truth,
    write_image,
    write_mask,
)

SPLIT_LAYOUTS = ("split_folders", "folder_splits", "annot", "lists", "names")


def number_of(name: str) -> int:
    return int(name.rsplit("_", 1)[-1])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_drawn_is_read_in_every_layout(layout, tmp_path) -> None:
    draw_pairs(tmp_path, layout=layout, image_suffix=".jpg" if layout == "stems" else ".png")
    reader = pairs(tmp_path)
    assert len(reader) == 6 and recognise(tmp_path).fits
    for sample in (reader[i] for i in range(6)):
        number = number_of(sample.name)
        assert np.array_equal(sample.labels, truth(number, "index"))
        if layout != "stems":
            assert np.array_equal((sample.image * 255).round().byte(), scene(number)[0].transpose(2, 0, 1))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_splits_are_those_of_folders_and_lists(layout, tmp_path) -> None:
    draw_pairs(tmp_path, layout=layout, image_suffix=".jpg" if layout == "stems" else ".png")
    reader = pairs(tmp_path)
    if layout not in SPLIT_LAYOUTS:
        assert reader.splits == {}
        return
    assert list(reader.splits) == ["train", "val", "test"]
    for split, numbers in reader.splits.items():
        assert {split_of(number_of(reader.names[i]), 6) for i in numbers} == {split}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_drawn_is_read_in_every_encoding(encoding, tmp_path) -> None:
    draw_pairs(tmp_path, encoding=encoding)
    reader = pairs(tmp_path)
    for sample in (reader[i] for i in range(6)):
        assert sample.labels.dtype == torch.int64
        assert np.array_equal(sample.labels, truth(number_of(sample.name), encoding))
    assert any("inferred from" in note or "inferred from the colours" in note for note in reader.notes)


@pytest.mark.parametrize("encoding", ["index", "palette", "colour", "tiff", "index16", "nibbles"])
def test_a_file_of_classes_is_obeyed_in_every_encoding(encoding, tmp_path) -> None:
    draw_pairs(tmp_path, encoding=encoding)
    (tmp_path / "classes.yaml").write_text(classes_yaml(colours=True))
    reader = pairs(tmp_path)
    assert reader.classes.names == ("ground", "disc", "square") and reader.notes == ()
    for sample in (reader[i] for i in range(6)):
        assert np.array_equal(sample.labels, scene(number_of(sample.name))[1])


@pytest.mark.parametrize("suffix", [".jpg", ".bmp", ".gif", ".webp", ".tif", ".npy"])
def test_images_may_have_another_extension_than_masks(suffix, tmp_path) -> None:
    draw_pairs(tmp_path, number=2, image_suffix=suffix)
    sample = pairs(tmp_path)[0]
    assert sample.image.shape == (3, 40, 56) and sample.image.min() >= 0 and 0.5 < sample.image.max() <= 1


def test_names_of_folders_and_suffix_can_be_told(tmp_path) -> None:
    for i in range(2):
        image, labels = scene(i)
        write_image(tmp_path / "left" / "deep" / f"a{i}.png", image)
        write_mask(tmp_path / "right" / f"a{i}-truth.png", labels, "index")
    assert len(pairs(tmp_path, images="left/deep", masks="right", suffix="-truth")) == 2
    with pytest.raises(DataError, match=r"no folder 'wrong' \(masks=\) with image files. Folders: left/deep"):
        pairs(tmp_path, masks="wrong")


def test_both_sides_may_carry_a_word(tmp_path) -> None:
    for i in range(2):
        image, labels = scene(i)
        write_image(tmp_path / "images" / f"image_{i}.png", image)
        write_mask(tmp_path / "masks" / f"mask_{i}.png", labels, "index")
        write_image(tmp_path / "globe" / f"{i}_sat.jpg", image)
        write_mask(tmp_path / "globe" / f"{i}_mask.png", labels, "index")
    assert len(pairs(tmp_path, images="images", masks="masks")) == 2
    (tmp_path / "images").rename(tmp_path / ".images")
    (tmp_path / "masks").rename(tmp_path / ".masks")
    assert pairs(tmp_path).names == ("0_sat", "1_sat")


def test_names_are_unique_though_stems_repeat(tmp_path) -> None:
    for split in ("train", "val"):
        draw_pairs(tmp_path / split, number=2)
    assert pairs(tmp_path).names == (
        *("train/images/scene_0", "train/images/scene_1"),
        *("val/images/scene_0", "val/images/scene_1"),
    )


def test_files_come_in_the_order_of_their_numbers(tmp_path) -> None:
    draw_pairs(tmp_path, number=12)
    assert pairs(tmp_path).names == tuple(f"scene_{i}" for i in range(12))


def test_test_images_without_masks_are_left_out_and_said(tmp_path) -> None:
    draw_pairs(tmp_path, layout="split_folders")
    for mask in (tmp_path / "test" / "labels").iterdir():
        mask.unlink()
    reader = pairs(tmp_path)
    assert list(reader.splits) == ["train", "val"]
    assert "2 test images in test/images/ have no masks: left out." in reader.notes


def test_train_alone_is_no_split(tmp_path) -> None:
    draw_pairs(tmp_path, layout="carvana", encoding="carvana_gif", image_suffix=".jpg")
    reader = pairs(tmp_path)
    assert len(reader) == 6 and reader.splits == {}


def test_planes_are_all_classes_but_the_first(tmp_path) -> None:
    draw_pairs(tmp_path)
    reader = pairs(tmp_path, planes=True)
    labels = scene(0)[1]
    assert reader.classes.names == ("class 1", "class 2") and not reader.classes.exclusive
    assert np.array_equal(reader[0].labels, np.stack([labels == 1, labels == 2]).astype(np.float32))
    ignoring = pairs(tmp_path, planes=True, ignore=(2,))
    expected = np.where(labels == 2, -1.0, labels == 1).astype(np.float32)
    assert np.array_equal(ignoring[0].labels, expected[None])


def test_one_plane_for_a_binary_mask(tmp_path) -> None:
    draw_pairs(tmp_path, encoding="binary255")
    reader = pairs(tmp_path, planes=True)
    assert reader.classes.names == ("foreground",) and reader[0].labels.shape == (1, 40, 56)


def test_images_of_different_bands_are_refused_until_told(tmp_path) -> None:
    draw_pairs(tmp_path, number=3)
    Image.fromarray(scene(0)[0]).convert("L").save(tmp_path / "images" / "scene_0.png")
    with pytest.raises(DataError, match=r"images differ in bands: 1 with 1, 2 with 3. Give bands=3"):
        pairs(tmp_path)
    assert {pairs(tmp_path, bands=3)[i].image.shape[0] for i in range(3)} == {3}
    assert {pairs(tmp_path, bands=1)[i].image.shape[0] for i in range(3)} == {1}


def test_pixels_without_a_value_do_not_count(tmp_path) -> None:
    draw_pairs(tmp_path, number=1)
    image = scene(0)[0].astype(np.float32)
    image[:3] = np.nan
    (tmp_path / "images" / "scene_0.png").unlink()
    write_image(tmp_path / "images" / "scene_0.npy", image)
    sample = pairs(tmp_path)[0]
    assert sample.image.isfinite().all() and (sample.image[:, :3] == 0).all()
    assert (sample.labels[:3] == 255).all() and (sample.labels[3:] != 255).all()


def test_a_turned_photograph_meets_its_mask_upright(tmp_path) -> None:
    image, labels = scene(0)
    (tmp_path / "images").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to the right to see it upright
    stored = Image.fromarray(np.rot90(image, 1).copy())
    stored.save(tmp_path / "images" / "a.jpg", quality=95, subsampling=0, exif=exif)
    write_mask(tmp_path / "masks" / "a.png", labels, "index")
    reader = pairs(tmp_path)
    assert reader[0].image.shape == (3, 40, 56)
    assert "1 photographs are turned upright by their EXIF orientation." in reader.notes
    seen = (reader[0].image * 255).numpy().transpose(1, 2, 0)
    assert np.abs(seen - image).mean() < 4


def test_readers_can_be_sent_to_workers(tmp_path) -> None:
    draw_pairs(tmp_path, number=2)
    reader = pickle.loads(pickle.dumps(pairs(tmp_path)))
    assert torch.equal(reader[1].labels, pairs(tmp_path)[1].labels)


@pytest.mark.real
def test_camvid(real_data: Path) -> None:
    reader = pairs(real_data / "camvid")
    assert {split: len(numbers) for split, numbers in reader.splits.items()} == {
        "train": 367,
        "val": 101,
        "test": 233,
    }
    assert len(reader.classes) == 11 and reader.classes.ignored == (11,)
    assert any("another extension than their list says" in note for note in reader.notes)
    assert any("'Unlabelled' (value 11) of classes.csv does not count" in note for note in reader.notes)
    counts = sum(torch.bincount(reader[i].labels.flatten(), minlength=256) for i in range(0, 367, 20))
    shares = counts / counts.sum()
    assert counts[11:255].sum() == 0 and shares[3] == pytest.approx(0.3166, abs=0.03)


@pytest.mark.real
def test_aerial_roads(real_data: Path) -> None:
    reader = pairs(real_data / "aerial_roads_gsi")
    assert len(reader) == 36 and reader.splits == {}
    assert reader.classes.colours == ((0, 0, 0), (255, 120, 80))
    assert any("#ff7850 (9.97%)" in note for note in reader.notes)
    assert reader[0].image.shape == (3, 572, 572) and set(reader[0].labels.unique().tolist()) == {0, 1}
