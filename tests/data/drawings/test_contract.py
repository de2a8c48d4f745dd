from pathlib import Path

import numpy as np
import pytest
import torch

from pixelwise.core.errors import DataError
from pixelwise.data.readers.labelme import labelme
from tests.data.drawings.written import (
    LEAF,
    SIZE,
    STONE,
    draw_images,
    labelme_file,
    labelme_shape,
    truth,
    write_json,
)


def write(root: Path, *labels: str) -> None:
    draw_images(root)
    shapes = [labelme_shape(label, points) for label, points in zip(labels, (LEAF, STONE), strict=False)]
    write_json(root / "scene_0.json", labelme_file("scene_0", shapes))


def test_classes_are_the_labels_in_order_and_said_aloud(tmp_path: Path) -> None:
    write(tmp_path, "class 10", "class 9")
    reader = labelme(tmp_path)
    assert reader.classes.names == ("background", "class 9", "class 10")
    assert "the labels found are the classes: class 9, class 10." in reader.notes


def test_told_classes_keep_their_order(tmp_path: Path) -> None:
    write(tmp_path, "leaf", "stone")
    reader = labelme(tmp_path, classes=("stone", "leaf", "sand"))
    assert reader.classes.names == ("background", "stone", "leaf", "sand")
    assert np.array_equal(reader[0].labels, np.array([0, 2, 1])[truth()])
    assert "1 of 4 classes are never drawn: sand." in reader.notes


def test_background_may_be_drawn_named_and_left_out(tmp_path: Path) -> None:
    write(tmp_path, "leaf", "soil")
    soil = labelme(tmp_path, background="soil", classes=("leaf", "soil"))
    assert soil.classes.names == ("leaf", "soil") and soil[0].labels[0, 0] == 1
    assert labelme(tmp_path, background="soil").classes.names == ("leaf", "soil")
    bare = labelme(tmp_path, background=None)
    assert bare.classes.names == ("leaf", "soil") and bare[0].labels[0, 0] == 255


def test_a_file_of_classes_in_the_folder_is_obeyed(tmp_path: Path) -> None:
    write(tmp_path, "leaf", "stone")
    rows = "- {name: leaf, value: 7, colour: [0, 255, 0]}\n- {name: stone, value: 9, colour: [1, 2, 3]}\n"
    (tmp_path / "classes.yaml").write_text(f"ignored: [9]\nclasses:\n{rows}")
    reader = labelme(tmp_path)
    assert reader.classes.names == ("background", "leaf") and reader.classes.values == (0, 7)
    assert reader.classes.colours[1] == (0, 255, 0)
    assert np.array_equal(reader[0].labels, np.where(truth() == 2, 255, truth()))


def test_independent_classes_of_a_file_are_planes(tmp_path: Path) -> None:
    write(tmp_path, "leaf", "stone")
    (tmp_path / "classes.yaml").write_text("exclusive: false\nclasses: [leaf, stone]\n")
    reader = labelme(tmp_path)
    assert reader.classes.names == ("leaf", "stone") and not reader.classes.exclusive
    labels = reader[0].labels
    assert labels.dtype == torch.float32 and labels.shape == (2, *SIZE)
    assert labels[0].sum() == 200 and labels[1].sum() == 150 and (labels.sum(0) == 2).sum() == 50


def test_planes_have_a_background(tmp_path: Path) -> None:
    write(tmp_path, "leaf", "soil")
    reader = labelme(tmp_path, planes=True, background="soil", classes=("leaf", "soil"))
    assert reader.classes.names == ("leaf",) and reader[0].labels.sum() == 200
    with pytest.raises(DataError, match="planes have no background"):
        labelme(tmp_path, planes=True, background=None)


def test_a_table_of_classes_says_what_is_void(tmp_path: Path) -> None:
    write(tmp_path, "leaf", "void")
    (tmp_path / "classes.csv").write_text("name,id\nleaf,1\nvoid,2\n")
    reader = labelme(tmp_path)
    assert reader.classes.names == ("background", "leaf")
    assert (reader[0].labels[10:20, 20:35] == 255).all()


def test_contradictions_are_told(tmp_path: Path) -> None:
    write(tmp_path, "leaf", "stone")
    with pytest.raises(DataError, match="'leaf' is both a class and ignored"):
        labelme(tmp_path, classes=("leaf",), ignore=("leaf", "stone"))
    with pytest.raises(DataError, match=r"no class is left in .* Of 2 labels, leaf, stone are ignored"):
        labelme(tmp_path, ignore=("leaf", "stone"))
    with pytest.raises(
        DataError, match=r"1 shapes are labelled 'stone', which is no class\. Classes: background, leaf"
    ):
        labelme(tmp_path, classes=("leaf",))


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "leaf", "stone")
    write_json(tmp_path / "lost.json", labelme_file("lost", []))
    write_json(tmp_path / "scene_1.json", labelme_file("scene_1", [labelme_shape("leaf", [(1, 2)])]))
    with pytest.raises(DataError) as error:
        labelme(tmp_path, classes=("leaf",))
    text = str(error.value)
    assert "lost.json speaks of the image 'lost.png', which is not below" in text
    assert "scene_1.json, shapes[0].points: at least 3 points are wanted here, not 1." in text
    assert "labelled 'stone', which is no class" in text


def test_what_overlaps_lies_outside_or_is_unseen_is_told(tmp_path: Path) -> None:
    draw_images(tmp_path)
    thin = labelme_shape("leaf", ((30.6, 1), (30.6, 9), (30.9, 9), (30.9, 1)))
    far = labelme_shape("leaf", ((30, 50), (30, 70), (35, 70)))
    shapes = [labelme_shape("leaf", LEAF), labelme_shape("stone", STONE), thin, far]
    write_json(tmp_path / "scene_0.json", labelme_file("scene_0", shapes))
    notes = labelme(tmp_path).notes
    assert "1 of 4 shapes reach beyond their image: cut off (scene_0.json)." in notes
    assert any(
        "overlap on" in note and "what stands later in the file lies on top." in note for note in notes
    )
    assert "1 shapes cover no pixel: thinner than one, or outside." in notes
