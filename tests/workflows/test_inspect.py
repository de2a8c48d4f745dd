"""The whole journey: a broken folder, what is said of it, the page, and the mended copy."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pixelwise.cli.main import app
from pixelwise.core.errors import DataError, RecipeError
from pixelwise.data.readers.labelme import labelme
from pixelwise.data.readers.pairs import pairs
from pixelwise.workflows.inspect import inspect
from tests.data.drawn import draw_pairs, scene, write_image, write_mask

SIZE = (96, 128)


def look(root, tmp_path, **options):
    return inspect(root, page=tmp_path / "page.html", quiet=True, **options)


def break_it(root) -> None:
    """Everything that can be mended, at once."""
    draw_pairs(root, number=10, size=SIZE, layout="split_folders", image_suffix=".jpg", encoding="binary255")
    train = root / "train"
    (train / "images" / "scene_0.jpg").unlink()
    (train / "labels" / "scene_1.png").write_bytes(b"\x89PNG")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(scene(2, SIZE)[0]).save(train / "images" / "scene_2.jpg", exif=exif, quality=95)
    small = Image.fromarray(np.where(scene(3, SIZE)[1] > 0, 255, 0).astype(np.uint8)).resize((64, 48), 0)
    small.save(train / "labels" / "scene_3.png")
    white = Image.fromarray(np.where(scene(4, SIZE)[1] > 0, 255, 0).astype(np.uint8))
    (train / "labels" / "scene_4.png").unlink()
    white.save(train / "labels" / "scene_4.jpg", quality=80)
    for kind, name in (("images", "scene_5.jpg"), ("labels", "scene_5.png")):
        other = next(path for path in root.rglob(name))
        shutil.copy(other, train / kind / name.replace("scene_5", "leak"))


def test_a_broken_folder_is_mended_and_read(tmp_path) -> None:
    root, copy = tmp_path / "data", tmp_path / "copy"
    break_it(root)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(DataError, match="cannot be used as they are"):
        pairs(root)
    done = look(root, tmp_path, repair_to=copy)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    assert {finding.title for finding in done.findings if finding.severity == "fault"} == {
        "duplicates across splits",
        "edges drawn smoothly",
        "masks damaged by JPEG",
        "masks of another size",
        "masks without an image",
        "turned by EXIF",
        "unreadable files",
    } - {"edges drawn smoothly"}
    assert done.code == 0 and done.repaired.refused == ()
    read = pairs(copy)
    assert read.classes.names == ("background", "foreground")
    for name, number in (("scene_2", 2), ("scene_3", 3), ("scene_4", 4)):
        sample = read[list(read.names).index(name)]
        assert (sample.labels.numpy() != (scene(number, SIZE)[1] > 0)).mean() < 0.01
    assert "leak" not in read.names and "scene_0" not in read.names
    assert (copy / "classes.yaml").is_file()


def test_what_changed_is_told_by_file(tmp_path) -> None:
    root, copy = tmp_path / "data", tmp_path / "copy"
    draw_pairs(root)
    write_mask(root / "masks" / "scene_1.png", scene(1)[1][::2, ::2], "index")
    done = look(root, tmp_path, repair_to=copy)
    assert done.repaired.changed == {"masks/scene_1.png": "resize the masks by nearest neighbour"}
    assert done.repaired.copied == 11
    same = [path for path in root.rglob("*.png") if path.name != "scene_1.png"]
    assert all((copy / path.relative_to(root)).read_bytes() == path.read_bytes() for path in same)


def test_lists_lose_the_lines_of_files_that_are_left_out(tmp_path) -> None:
    root, copy = tmp_path / "data", tmp_path / "copy"
    draw_pairs(root, layout="names")
    (root / "output" / "scene_1.png").write_bytes(b"damaged")
    done = look(root, tmp_path, repair_to=copy)
    assert done.code == 0
    assert (copy / "train.txt").read_text() == "scene_0\nscene_2\n"
    assert done.repaired.changed["train.txt"] == "1 lines left out with their files"


def test_shifted_masks_of_two_values_get_a_third_that_does_not_count(tmp_path) -> None:
    root, copy = tmp_path / "data", tmp_path / "copy"
    for number in range(6):
        image, labels = scene(number, SIZE)
        write_image(root / "images" / f"{number}.png", image)
        moved = np.roll(np.where(labels > 0, 255, 0).astype(np.uint8), (3, -2), (0, 1))
        (root / "masks").mkdir(exist_ok=True)
        Image.fromarray(moved).save(root / "masks" / f"{number}.png")
    done = look(root, tmp_path, repair_to=copy)
    assert done.code == 0
    read = pairs(copy)
    assert read.classes.ignored == (254,) and read.classes.values == (0, 255)
    labels = read[0].labels.numpy()
    assert (labels[-3:] == 255).all() and (labels[:, :2] == 255).all()


def test_the_contract_is_written_once_and_obeyed(tmp_path) -> None:
    root = tmp_path / "data"
    draw_pairs(root)
    done = look(root, tmp_path)
    assert done.code == 0 and done.classes == root / "classes.yaml"
    text = done.classes.read_text()
    done.classes.write_text(text.replace("class 1", "disc"))
    assert look(root, tmp_path).classes is None
    assert pairs(root).classes.names == ("class 0", "disc", "class 2")
    done.classes.unlink()
    assert look(root, tmp_path, write_classes=False).classes is None
    assert not (root / "classes.yaml").exists()


def test_the_page_stands_alone_and_shows_every_finding(tmp_path) -> None:
    root = tmp_path / "data <b>"
    break_it(root)
    done = look(root, tmp_path)
    text = (tmp_path / "page.html").read_text()
    assert all(finding.title[1:] in text for finding in done.findings)
    assert "data &lt;b&gt;" in text and "<b>" not in text.split("<h1>")[1][:60]
    assert "http://" not in text and "https://" not in text and 'src="data:image' in text


def test_folders_that_must_not_be_written_to_are_refused(tmp_path) -> None:
    root = tmp_path / "data"
    draw_pairs(root)
    with pytest.raises(RecipeError, match="lie within each other"):
        look(root, tmp_path, repair_to=root / "copy")
    with pytest.raises(RecipeError, match="is only read"):
        inspect(root, page=root / "page.html", quiet=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("mine")
    with pytest.raises(RecipeError, match="is not empty, and nothing is overwritten"):
        look(root, tmp_path, repair_to=tmp_path / "full")


@pytest.mark.parametrize(("kind", "code"), [("clean", 0), ("warnings", 1), ("faults", 2)])
def test_the_exit_code_says_how_bad_it_is(kind, code, tmp_path) -> None:
    root = tmp_path / "data"
    draw_pairs(root)
    if kind == "warnings":
        Image.new("RGB", (56, 40), (9, 9, 9)).save(root / "images" / "scene_1.png")
    if kind == "faults":
        (root / "images" / "scene_1.png").unlink()
    ran = CliRunner().invoke(app, ["inspect", str(root), "--page", str(tmp_path / "p.html"), "--json"])
    assert ran.exit_code == code
    said = json.loads(ran.stdout)
    assert said["code"] == code and said["facts"]["Images"].startswith(f"{6 - (kind == 'faults')}")


def test_the_terminal_says_what_is_wrong_and_what_is_proposed(tmp_path) -> None:
    root = tmp_path / "data"
    draw_pairs(root)
    (root / "images" / "scene_1.png").unlink()
    ran = CliRunner().invoke(app, ["inspect", str(root), "--page", str(tmp_path / "p.html")])
    assert ran.exit_code == 2
    for words in ("masks without an image", "masks/scene_1.png", "repair: leave them out", "1 fault."):
        assert words in ran.stdout, words


def test_a_folder_that_is_not_there_is_an_error_in_words(tmp_path) -> None:
    ran = CliRunner().invoke(app, ["inspect", str(tmp_path / "nowhere")])
    assert ran.exit_code == 2 and "does not exist" in ran.output


def test_classes_of_drawings_are_written_and_mean_the_same(tmp_path) -> None:
    root = tmp_path / "data"
    for number in range(3):
        write_image(root / f"{number}.png", scene(number)[0])
        shapes = [
            {"label": label, "points": [[x, 4], [x + 12, 4], [x + 12, 20]], "shape_type": "polygon"}
            for label, x in (("tree", 4), ("house", 30))
        ]
        stated = {"imagePath": f"{number}.png", "imageData": None, "imageHeight": 40, "imageWidth": 56}
        (root / f"{number}.json").write_text(json.dumps({"shapes": shapes, **stated}))
    before = labelme(root)
    done = look(root, tmp_path)
    assert done.code == 0 and done.classes == root / "classes.yaml"
    after = labelme(root)
    assert after.classes.names == before.classes.names == ("background", "house", "tree")
    assert all(np.array_equal(after[i].labels, before[i].labels) for i in range(3))
