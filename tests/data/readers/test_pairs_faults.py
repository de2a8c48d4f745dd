"""Every way in which pairs can be wrong, by its message."""

import io
import shutil

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.pairs import pairs
from tests.data.drawn import classes_yaml, draw_pairs, scene, write_image, write_mask, write_png


def redraw(root, labels, name="scene_0") -> None:
    write_mask(root / "masks" / f"{name}.png", np.asarray(labels, np.uint8), "index")


def test_a_missing_folder(tmp_path) -> None:
    with pytest.raises(
        DataError, match=r"/no/such does not exist. The path is right as far as .*Check the rest"
    ):
        pairs(tmp_path / "no" / "such")


def test_a_file_and_an_empty_folder(tmp_path) -> None:
    with pytest.raises(DataError, match="is empty"):
        pairs(tmp_path)
    (tmp_path / "notes.md").write_text("")
    with pytest.raises(DataError, match=r"holds no images. Nothing ending in \.bmp"):
        pairs(tmp_path)
    with pytest.raises(DataError, match="is a file"):
        pairs(tmp_path / "notes.md")


def test_images_without_any_mask(tmp_path) -> None:
    for i in range(3):
        write_image(tmp_path / f"{i}.png", scene(i)[0])
    with pytest.raises(
        DataError, match=r"3 image files, but no image has a mask. Looked for folders side by side"
    ):
        pairs(tmp_path)


def test_lonely_files_of_both_sides_are_told_together(tmp_path) -> None:
    draw_pairs(tmp_path)
    (tmp_path / "images" / "scene_1.png").unlink()
    (tmp_path / "masks" / "scene_2.png").unlink()
    (tmp_path / "images" / "scene_3.png").write_bytes(b"no image")
    write_image(tmp_path / "images" / "scene_4.png", scene(4, (40, 50))[0])
    (tmp_path / "classes.yaml").write_text("classes: 3\n")
    with pytest.raises(DataError) as error:
        pairs(tmp_path)
    text = str(error.value)
    assert "1 of 5 images have no mask in images/ and masks/. Missing for: scene_2.png." in text
    assert "1 masks have no image in images/ and masks/. Alone: scene_1.png." in text
    assert "scene_3.png cannot be read as an image. Its 8 bytes are damaged or of another kind" in text
    assert "The image is (40, 50), the mask (40, 56) (rows, columns)" in text
    assert "'classes' must be a list" in text


def test_folders_that_have_no_partner(tmp_path) -> None:
    draw_pairs(tmp_path, layout="split_folders")
    (tmp_path / "val" / "labels").rename(tmp_path / "val" / "labels_old")
    shutil.rmtree(tmp_path / "test" / "images")
    with pytest.raises(DataError) as error:
        pairs(tmp_path)
    assert "images in val/images/ have no masks: no folder of masks belongs to them" in str(error.value)
    assert "test/labels/ holds masks, but no folder of images belongs to it" in str(error.value)


def test_two_files_of_one_stem(tmp_path) -> None:
    draw_pairs(tmp_path)
    Image.open(tmp_path / "images" / "scene_1.png").save(tmp_path / "images" / "scene_1.bmp")
    with pytest.raises(
        DataError, match=r"scene_1.bmp, scene_1.png in images/ mean the same sample. Keep one"
    ):
        pairs(tmp_path)


def test_two_folders_of_masks(tmp_path) -> None:
    draw_pairs(tmp_path)
    draw_pairs(tmp_path, layout="lists")
    for split in ("train", "val", "test"):
        (tmp_path / f"{split}.txt").unlink()
    with pytest.raises(DataError, match=r"could all hold the masks. Choose with masks='annotations'"):
        pairs(tmp_path)
    assert len(pairs(tmp_path, masks="masks")) == 6


def test_lists_that_name_what_is_not_there(tmp_path) -> None:
    draw_pairs(tmp_path, layout="lists")
    with (tmp_path / "train.txt").open("a") as file:
        file.write("images/ghost.png annotations/ghost.png\n")
    with (tmp_path / "val.txt").open("a") as file:
        file.write("images/scene_0.png annotations/scene_0.png\n")
    with pytest.raises(DataError) as error:
        pairs(tmp_path)
    assert "train.txt: 1 of 4 lines name no image with a mask: images/ghost.png" in str(error.value)
    assert "1 images stand in more than one list: scene_0.png (train and val)" in str(error.value)


def test_lists_that_leave_out_or_repeat_say_so(tmp_path) -> None:
    draw_pairs(tmp_path, layout="names")
    (tmp_path / "train.txt").write_text("scene_0\nscene_1\nscene_1\n")
    notes = pairs(tmp_path).notes
    assert "train.txt names 1 images more than once; each is read once." in notes
    assert "1 images with masks stand in no list: left out." in notes


def test_lists_of_something_else_are_not_used_and_said(tmp_path) -> None:
    draw_pairs(tmp_path)
    (tmp_path / "test.txt").write_text("remember to test\n")
    reader = pairs(tmp_path)
    assert len(reader) == 6 and any("test.txt are not used" in note for note in reader.notes)


def test_jpeg_masks(tmp_path) -> None:
    draw_pairs(tmp_path, number=2, encoding="binary255")
    mask = Image.open(tmp_path / "masks" / "scene_0.png")
    mask.load()
    mask.save(tmp_path / "masks" / "scene_0.png", format="JPEG")  # the name lies
    with pytest.raises(
        DataError, match=r"1 of 2 masks are JPEG, which blurs class numbers at every edge: scene_0"
    ):
        pairs(tmp_path)


def test_smoothed_masks(tmp_path) -> None:
    draw_pairs(tmp_path, number=2, encoding="binary255")
    mask = Image.open(tmp_path / "masks" / "scene_0.png")
    mask.resize((560, 400)).resize((56, 40)).save(tmp_path / "masks" / "scene_0.png")
    with pytest.raises(DataError, match=r"edges smoothed|look smoothed"):
        pairs(tmp_path)
    few = np.asarray(Image.open(tmp_path / "masks" / "scene_1.png")).copy()
    redraw(tmp_path, few)
    few[0, :5] = (60, 100, 140, 180, 220)
    redraw(tmp_path, few)
    with pytest.raises(DataError, match=r"the masks look smoothed .*write classes.yaml"):
        pairs(tmp_path)


def test_smoothed_colours(tmp_path) -> None:
    draw_pairs(tmp_path, number=2, encoding="colour")
    mask = Image.open(tmp_path / "masks" / "scene_0.png")
    mask.resize((560, 400), Image.Resampling.BICUBIC).resize((56, 40)).save(
        tmp_path / "masks" / "scene_0.png"
    )
    with pytest.raises(DataError, match="colours, and some look like edges smoothed"):
        pairs(tmp_path)


def test_numbered_objects(tmp_path) -> None:
    draw_pairs(tmp_path, number=1)
    redraw(tmp_path, np.arange(40 * 56).reshape(40, 56) // 50)
    with pytest.raises(DataError, match=r"45 different values .* objects numbered one by one \(instances\)"):
        pairs(tmp_path)


def test_masks_of_one_value(tmp_path) -> None:
    draw_pairs(tmp_path, number=2)
    for name in ("scene_0", "scene_1"):
        redraw(tmp_path, np.zeros((40, 56)), name)
    with pytest.raises(DataError, match=r"all masks hold the same single value: 0 \(100.00%\)"):
        pairs(tmp_path)


def test_some_masks_0_1_and_others_0_255(tmp_path) -> None:
    draw_pairs(tmp_path, number=2, encoding="binary255")
    redraw(tmp_path, scene(0)[1] > 0)
    with pytest.raises(DataError, match="some masks are written 0/255 and others 0/1"):
        pairs(tmp_path)
    assert pairs(tmp_path, ignore=(255,)).classes.values == (0, 1)


def test_bits_beside_bytes_mean_black_and_white(tmp_path) -> None:
    draw_pairs(tmp_path, number=2, encoding="binary255")
    write_mask(tmp_path / "masks" / "scene_0.png", scene(0)[1], "bits")
    reader = pairs(tmp_path)
    assert reader.classes.values == (0, 255)
    assert np.array_equal(reader[0].labels, scene(0)[1] > 0)
    assert np.array_equal(reader[1].labels, scene(1)[1] > 0)


def test_255_beside_classes_does_not_count(tmp_path) -> None:
    draw_pairs(tmp_path, number=2)
    labels = scene(0)[1]
    labels[0] = 255
    redraw(tmp_path, labels)
    reader = pairs(tmp_path)
    assert reader.classes.ignored == (255,) and reader.classes.values == (0, 1, 2)
    assert np.array_equal(reader[0].labels, labels)
    assert any("255 is ignored (1.25%)" in note for note in reader.notes)


def test_gaps_are_kept(tmp_path) -> None:
    draw_pairs(tmp_path, number=2)
    for i in range(2):
        redraw(tmp_path, scene(i)[1] * 85, f"scene_{i}")
    reader = pairs(tmp_path)
    assert reader.classes.names == ("value 0", "value 85", "value 170")
    assert np.array_equal(reader[1].labels, scene(1)[1])


def test_palettes_in_another_order_are_read_by_their_colours(tmp_path) -> None:
    draw_pairs(tmp_path, number=2, encoding="carvana_gif")
    labels = scene(0)[1] > 0
    turned = Image.fromarray((~labels).astype(np.uint8)).convert("P")
    turned.putdata((~labels).astype(int).ravel().tolist())
    turned.putpalette([255, 255, 255, 0, 0, 0])
    (tmp_path / "masks" / "scene_0.gif").unlink()
    turned.save(tmp_path / "masks" / "scene_0.png")
    reader = pairs(tmp_path)
    assert any("palettes differ between masks" in note for note in reader.notes)
    assert np.array_equal(reader[0].labels, labels)
    assert np.array_equal(reader[1].labels, scene(1)[1] > 0)
    (tmp_path / "classes.yaml").write_text("classes: [ground, thing]\n")
    with pytest.raises(DataError, match=r"palettes differ between masks: index 0 is #"):
        pairs(tmp_path)


def test_a_palette_in_another_order_than_the_classes(tmp_path) -> None:
    draw_pairs(tmp_path, number=2, encoding="palette")
    rows = "square,60,40,222\ndisc,255,120,80\nground,0,0,0\n"
    (tmp_path / "class_dict.csv").write_text(f"name,r,g,b\n{rows}")
    reader = pairs(tmp_path)
    assert np.array_equal(reader[0].labels, 2 - scene(0)[1])
    assert any("not in the order of the classes" in note for note in reader.notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda m: (m > 0) * 255,
            r"holds values of no class. Found 255 on .*%.*written 0 and 255: give .*value: 255",
        ),
        (
            lambda m: np.where(m == 2, 255, m),
            r"Found 255 .* known: 0, 1, 2. 255 often marks pixels that do not count",
        ),
        (lambda m: np.where(m == 2, 7, m), r"Found 7 .* Add the missing classes to classes.yaml"),
        (lambda m: np.arange(m.size).reshape(m.shape) % 40, r"So many look like edges smoothed"),
    ],
)
def test_values_of_no_class(change, message, tmp_path) -> None:
    draw_pairs(tmp_path, number=2)
    (tmp_path / "classes.yaml").write_text(classes_yaml())
    redraw(tmp_path, change(scene(0)[1].astype(int)))
    reader = pairs(tmp_path)
    with pytest.raises(DataError, match=message):
        reader[0]
    assert reader[1].labels.max() == 2


def test_colours_of_no_class_and_classes_without_colours(tmp_path) -> None:
    draw_pairs(tmp_path, number=2, encoding="colour")
    (tmp_path / "classes.yaml").write_text(classes_yaml())
    with pytest.raises(DataError, match=r"holds colours \(#3c28de, #ff7850\), while .* gives no colours"):
        pairs(tmp_path)
    (tmp_path / "classes.yaml").unlink()
    (tmp_path / "label_colors.txt").write_text("0 0 0\tground\n255 120 80\tdisc\n")
    with pytest.raises(
        DataError, match=r"holds colours of no class. Found #3c28de on .*known: #000000, #ff7850"
    ):
        pairs(tmp_path)[0]


def test_classes_of_one_colour(tmp_path) -> None:
    draw_pairs(tmp_path, number=1, encoding="colour")
    (tmp_path / "label_colors.txt").write_text("0 0 0 a\n0 0 0 b\n")
    with pytest.raises(DataError, match="#000000 stands for several classes"):
        pairs(tmp_path)


def test_a_void_class_of_a_table_does_not_count(tmp_path) -> None:
    draw_pairs(tmp_path, number=1, encoding="colour")
    (tmp_path / "label_colors.txt").write_text("255 120 80 disc\n60 40 222 square\n0 0 0 Void\n")
    reader = pairs(tmp_path)
    labels = scene(0)[1].astype(int)
    assert reader.classes.names == ("disc", "square")
    assert np.array_equal(reader[0].labels, np.array([255, 0, 1])[labels])
    assert any("'Void' (value 2) of label_colors.txt does not count" in note for note in reader.notes)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("classes.yaml", "classes: [", "is no YAML"),
        ("classes.yaml", "- 1", "does not describe classes"),
        ("classes.yaml", "classes: [a]\nignored: none", "'ignored' must be a list of whole numbers"),
        ("classes.yaml", "classes: [{nome: a}]", "has no name"),
        ("classes.csv", "a,b\n1,2", "has no column 'name'"),
        ("classes.csv", "id,name\nx,road", "line 2: 'x,road' is no class"),
        ("classes.csv", "id,name,r,g,b\n1,road,0,0,300", "is not in 0..255"),
        ("label_colors.txt", "1 2 three", "is not «R G B name»"),
        ("label_colors.txt", "\n", "names no classes"),
    ],
)
def test_unreadable_files_of_classes(name, text, message, tmp_path) -> None:
    draw_pairs(tmp_path, number=1)
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=message):
        pairs(tmp_path)


def test_a_missing_file_of_classes(tmp_path) -> None:
    draw_pairs(tmp_path, number=1)
    with pytest.raises(DataError, match=r"nowhere.yaml is missing. classes= must be a file"):
        pairs(tmp_path, classes=tmp_path / "nowhere.yaml")


def test_independent_classes_of_a_file_leave_out_the_background(tmp_path) -> None:
    draw_pairs(tmp_path, number=1)
    rows = "[{name: disc, value: 1}, {name: square, value: 2}]"
    (tmp_path / "classes.yaml").write_text(f"exclusive: false\nclasses: {rows}\n")
    sample = pairs(tmp_path)[0]
    assert np.array_equal(sample.labels, np.stack([scene(0)[1] == 1, scene(0)[1] == 2]).astype(np.float32))


def test_a_truncated_image_is_named(tmp_path) -> None:
    draw_pairs(tmp_path, number=1, image_suffix=".jpg")
    path = tmp_path / "images" / "scene_0.jpg"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"scene_0.jpg cannot be read as an image. .*the file was cut off"):
        pairs(tmp_path)[0]


def test_a_truncated_mask_is_named(tmp_path) -> None:
    draw_pairs(tmp_path, number=2)
    path = tmp_path / "masks" / "scene_0.png"
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(
        DataError, match=r"these masks cannot be read:\n.*scene_0.png cannot be read as an image"
    ):
        pairs(tmp_path)


def test_masks_of_fractions_and_negative_numbers(tmp_path) -> None:
    draw_pairs(tmp_path, number=1, encoding="npy")
    path = tmp_path / "masks" / "scene_0.npy"
    np.save(path, scene(0)[1] / 2)
    with pytest.raises(DataError, match="holds fractions or no numbers"):
        pairs(tmp_path)
    np.save(path, scene(0)[1].astype(np.int16) - 1)
    with pytest.raises(DataError, match=r"hold negative values: -1 .*ignore=\[-1\]"):
        pairs(tmp_path)
    assert set(pairs(tmp_path, ignore=(-1,))[0].labels.unique().tolist()) == {0, 1, 255}


def test_pickled_arrays_are_not_opened(tmp_path) -> None:
    draw_pairs(tmp_path, number=1)
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "images" / "scene_0.png").unlink()
    (tmp_path / "images" / "scene_0.npy").write_bytes(buffer.getvalue())
    with pytest.raises(DataError, match=r"scene_0.npy cannot be read"):
        pairs(tmp_path)


def test_colours_of_16_bits_are_refused_but_greys_read(tmp_path) -> None:
    draw_pairs(tmp_path, number=1)
    labels = scene(0)[1].astype(np.uint16)
    write_png(tmp_path / "masks" / "scene_0.png", np.stack([labels] * 3, -1), depth=16)
    assert np.array_equal(pairs(tmp_path)[0].labels, labels)
    write_png(tmp_path / "masks" / "scene_0.png", np.stack([labels, labels, labels * 0], -1), depth=16)
    with pytest.raises(DataError, match="holds colours of uint16"):
        pairs(tmp_path)
