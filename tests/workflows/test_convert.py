"""Converting: nothing appears before all is well, and what a form cannot say is said."""

import json

import pytest
from PIL import Image
from typer.testing import CliRunner

from pixelwise.cli.main import app
from pixelwise.core.errors import DataError, RecipeError, StorageError, UnknownNameError
from pixelwise.data.writers import pairs as pairs_writer
from pixelwise.workflows.convert import convert
from tests.data.drawn import SPLITS
from tests.data.writers.sources import SOURCES, crowds, drawing, masks


def entries(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_damaged_files_are_told_and_nothing_is_left(tmp_path) -> None:
    masks(tmp_path / "source")
    for number in (0, 2):
        path = tmp_path / "source" / "train" / "masks" / f"part {number}.png"
        Image.new("L", (32, 24), 99).save(path)
    with pytest.raises(DataError) as error:
        convert(tmp_path / "source", tmp_path / "made", to="coco", quiet=True)
    assert "2 of 4 samples cannot be used, and nothing was written" in str(error.value)
    assert "part 0.png" in str(error.value) and "part 2.png" in str(error.value)
    assert entries(tmp_path) == ["source"]


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch) -> None:
    def full(*_, **__) -> None:
        raise OSError(28, "No space left on device")

    masks(tmp_path / "source")
    monkeypatch.setattr(pairs_writer, "write_png", full)
    with pytest.raises(StorageError, match="No space left on device"):
        convert(tmp_path / "source", tmp_path / "made", to="pairs", quiet=True)
    assert entries(tmp_path) == ["source"]


def test_a_folder_that_holds_something_is_not_touched(tmp_path) -> None:
    masks(tmp_path / "source")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine.txt").write_text("mine")
    with pytest.raises(RecipeError, match="is not empty, and nothing is overwritten"):
        convert(tmp_path / "source", tmp_path / "made", to="voc", quiet=True)
    assert entries(tmp_path / "made") == ["mine.txt"]


def test_an_empty_folder_is_filled_and_what_a_kill_left_is_replaced(tmp_path) -> None:
    masks(tmp_path / "source")
    (tmp_path / "made").mkdir()
    (tmp_path / ".made.part").mkdir()
    (tmp_path / ".made.part" / "half.png").write_bytes(b"half")
    convert(tmp_path / "source", tmp_path / "made", to="pairs", quiet=True)
    assert entries(tmp_path) == ["made", "source"]
    assert entries(tmp_path / "made") == ["classes.yaml", "images", "masks"]


def test_it_does_not_write_into_what_it_reads(tmp_path) -> None:
    masks(tmp_path / "source")
    with pytest.raises(RecipeError, match="which is read"):
        convert(tmp_path / "source", tmp_path / "source" / "made", to="pairs", quiet=True)


def test_a_form_that_is_not_there_is_named_with_those_that_are(tmp_path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'coco'"):
        convert(tmp_path, tmp_path / "made", to="cocoo", quiet=True)


def test_images_whose_files_would_have_one_name_are_refused(tmp_path) -> None:
    for folder in ("train/x", "train_x"):
        for kind in ("images", "masks"):
            path = tmp_path / "source" / kind / folder / "a.png"
            path.parent.mkdir(parents=True)
            Image.new("L", (8, 8), 0).save(path)
    Image.new("L", (8, 8), 1).save(tmp_path / "source" / "masks" / "train" / "x" / "a.png")
    with pytest.raises(DataError, match="several images would get files of one name: images_train_x_a"):
        convert(tmp_path / "source", tmp_path / "made", to="pairs", quiet=True)
    assert entries(tmp_path) == ["source"]


@pytest.mark.parametrize(
    ("source", "form", "said"),
    [
        (
            "masks",
            "labelme",
            "holes: 4 polygons of labelme would need some, and are masks of the same pixels.",
        ),
        ("masks", "cvat", "that void does not count: only classes.yaml says so; cvat takes it for a class."),
        ("masks", "voc", "the values 0, 40, 80 of the classes: voc has 0, 1, 2."),
        ("masks", "voc", "spaces in the names of images: they are _."),
        ("without_background", "voc", "the values 7 of pixels that do not count: all are 255."),
        ("drawing", "yolo", "which shapes are one thing: 1 things of several outlines fall apart."),
        ("drawing", "coco", "that 1 things go on behind others: their shapes fall apart."),
        ("drawing", "pairs", "the outlines of 8 shapes, finer than pixels, and which of them a pixel shows."),
        ("drawing", "voc", "the outlines of 8 shapes, finer than pixels."),
        ("crowds", "cvat", "that 1 shapes are crowds: their pixels do not count."),
    ],
)
def test_what_a_form_cannot_say_is_said(source, form, said, tmp_path) -> None:
    SOURCES[source](tmp_path / "source")
    done = convert(tmp_path / "source", tmp_path / "made", to=form, quiet=True)
    assert said in done.lost


def test_overlaps_are_counted_and_their_order_is_kept(tmp_path) -> None:
    crowds(tmp_path / "source")
    options = ["data.reader.order=file"]  # the large one later, and so on top
    done = convert(tmp_path / "source", tmp_path / "made", to="coco", settings=options, quiet=True)
    below = 4 * 4  # the small one, covered by the large one
    columns = 20 - 10  # of the crowd, which lies below everything, under 13 rows of the large one
    other = 4 + 3 + 2 + 1  # of a triangle over the crowd, row by row
    assert done.overlaps == below + 13 * columns + other
    assert done.reader == {"name": "coco", "order": "file"}


def test_splits_that_are_only_in_names_of_files_are_noticed(tmp_path) -> None:
    for number, name in enumerate(("test_1", "b", "c")):
        for kind in ("images", "masks"):
            path = tmp_path / "source" / kind / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture = Image.new("L", (8, 8), 0)
            picture.putpixel((number, 1), 1)
            picture.save(path)
    done = convert(tmp_path / "source", tmp_path / "made", to="labelme", quiet=True)
    assert done.lost == ("the splits: its reader finds others in the names of files. Rename these.",)


def test_the_command_tells_what_it_did_and_how_to_read_it(tmp_path) -> None:
    SOURCES["without_background"](tmp_path / "source")
    made = tmp_path / "made"
    result = CliRunner().invoke(app, ["convert", str(tmp_path / "source"), str(made), "--to", "labelstudio"])
    assert result.exit_code == 0
    assert "4 images, 3 classes" in result.stderr and "label_studio cannot say holes" in result.stderr
    assert f"pixelwise train --data {made} --set data.reader.background=null" in result.stderr


def test_the_result_as_json(tmp_path) -> None:
    drawing(tmp_path / "source")
    command = ["convert", str(tmp_path / "source"), str(tmp_path / "made"), "--to", "coco", "--json"]
    result = CliRunner().invoke(app, command)
    told = json.loads(result.stdout)
    assert (told["form"], told["images"], told["shapes"]) == ("coco", 3, 8)
    assert told["splits"].keys() <= set(SPLITS) and told["splits"] == {"train": 2, "test": 1}
    assert told["reader"] == {"name": "coco", "order": "file"}


def test_faults_leave_with_code_two(tmp_path) -> None:
    result = CliRunner().invoke(
        app, ["convert", str(tmp_path / "none"), str(tmp_path / "made"), "--to", "coco"]
    )
    assert result.exit_code == 2
    assert "does not exist" in result.stderr
