from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as peer

from pixelwise.core.errors import DataError
from pixelwise.data.drawings.runs import Runs, unpack_lengths
from pixelwise.data.readers.coco import coco
from pixelwise.data.readers.coco_panoptic import coco_panoptic
from pixelwise.ops.polygons import fill
from tests.data.drawings.written import (
    LEAF,
    SIZE,
    STONE,
    coco_annotation,
    coco_file,
    draw_images,
    flat,
    truth,
    write_json,
)


def write(root: Path, *annotations: dict, name: str = "_annotations.coco.json", **more) -> None:
    draw_images(root)
    write_json(root / name, coco_file(list(annotations), **more))


def packed(mask: np.ndarray) -> dict:
    text = peer.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()
    return {"size": list(mask.shape), "counts": text}


def test_compressed_masks_and_crowds(tmp_path: Path) -> None:
    stone = coco_annotation(1, 90, packed(truth() == 2), iscrowd=1)
    write(tmp_path, stone, coco_annotation(2, 3, [flat(LEAF)]))
    reader = coco(tmp_path)
    only = (truth() == 2) & ~_leaf()  # crowds lie below everything
    assert np.array_equal(reader[0].labels == 255, only) and (reader[0].labels == 1).sum() == 200
    assert "1 of 2 annotations are crowds: they do not count (crowds=count)." in reader.notes
    assert np.array_equal(coco(tmp_path, crowds="count")[0].labels == 2, only)


def test_parts_of_an_annotation_are_joined(tmp_path: Path) -> None:
    write(tmp_path, coco_annotation(1, 3, [flat(LEAF), flat(STONE)]))
    assert (coco(tmp_path)[0].labels == 1).sum() == 200 + 150 - 50


def test_small_things_lie_on_top_unless_told(tmp_path: Path) -> None:
    write(tmp_path, coco_annotation(1, 90, [flat(STONE)]), coco_annotation(2, 3, [flat(LEAF)]))
    assert np.array_equal(coco(tmp_path)[0].labels, truth())
    assert (coco(tmp_path, order="file")[0].labels == 1).sum() == 200


def test_gaps_between_numbers_are_closed_and_names_that_stand_twice_are_one(tmp_path: Path) -> None:
    twice = [{"id": n, "name": name} for n, name in ((0, "stone"), (3, "leaf"), (90, "stone"), (91, "leaf"))]
    write(
        tmp_path, coco_annotation(1, 3, [flat(LEAF)]), coco_annotation(2, 91, [flat(STONE)]), categories=twice
    )
    reader = coco(tmp_path)
    assert reader.classes.names == ("background", "leaf", "stone")
    assert (reader[0].labels > 0).sum() == 300 and reader[0].labels.unique().numel() == 2
    assert any(note.startswith("number 0, 'stone', is drawn nowhere and left out") for note in reader.notes)
    assert "the numbers 3, 91 are all called 'leaf': they are one class." in reader.notes


def test_a_family_that_is_drawn_nowhere_is_left_out(tmp_path: Path) -> None:
    family = [{"id": 0, "name": "things", "supercategory": "none"}]
    family += [{"id": 3, "name": "leaf", "supercategory": "things"}]
    write(tmp_path, coco_annotation(1, 3, [flat(LEAF)]), categories=family)
    assert coco(tmp_path).classes.names == ("background", "leaf")


def test_boxes_are_painted_whole_and_said_so(tmp_path: Path) -> None:
    write(tmp_path, coco_annotation(1, 3, [], bbox=[10, 5, 20, 10]))
    reader = coco(tmp_path)
    assert reader[0].labels.sum() == 200
    assert "1 of 1 annotations have a box only, which is painted whole." in reader.notes
    write(tmp_path, coco_annotation(1, 3, [], bbox=[10, 5, -20, 10]))
    with pytest.raises(DataError, match=r"annotations\[0\].bbox: a box of 10.0 rows and -20.0 columns"):
        coco(tmp_path)


def test_splits_and_files_of_several_kinds(tmp_path: Path) -> None:
    for split in ("train", "val"):
        draw_images(tmp_path / f"{split}2017")
        leaf, stone = coco_annotation(1, 3, [flat(LEAF)]), coco_annotation(1, 90, [flat(STONE)])
        write_json(tmp_path / "annotations" / f"instances_{split}2017.json", coco_file([leaf]))
        write_json(tmp_path / "annotations" / f"stuff_{split}2017.json", coco_file([stone]))
    reader = coco(tmp_path)
    assert reader.splits == {"train": (0, 1), "val": (2, 3)}
    assert reader.files[2] == tmp_path / "val2017" / "scene_0.png"
    assert (reader[2].labels == 1).sum() == 200 and (reader[2].labels == 2).sum() == 0
    assert (coco(tmp_path, annotations="stuff")[0].labels == 2).sum() == 150
    with pytest.raises(DataError, match=r"one image is in several files: .* Choose with annotations="):
        coco(tmp_path, annotations="train")


def test_faults_of_entries_are_named(tmp_path: Path) -> None:
    odd = [
        coco_annotation(1, 4, [flat(LEAF)]),
        coco_annotation(2, 3, [flat(LEAF)], image_id=1),
        coco_annotation(3, 3, [flat(LEAF)[:-1]]),
        coco_annotation(4, 3, {"size": [2, 2], "counts": [4]}),
        coco_annotation(5, 3, {"size": list(SIZE), "counts": "0P"}),
    ]
    write(tmp_path, *odd)
    with pytest.raises(DataError) as error:
        coco(tmp_path)
    text = str(error.value)
    assert "annotations[0]: category_id 4 is none of the categories" in text
    assert "annotations[1]: image_id 1 is none of the images" in text
    assert "annotations[2].segmentation[0]: x and y by turns are wanted here, not 7 numbers" in text
    assert "annotations[3].segmentation: the mask is [2, 2], its image [40, 56]" in text
    assert "annotations[4].segmentation.counts: '0P' is no compressed mask" in text


def test_one_number_for_two_names_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "train", coco_annotation(1, 3, [flat(LEAF)]))
    other = [{"id": 3, "name": "moss"}, {"id": 90, "name": "stone"}]
    write(tmp_path / "val", coco_annotation(1, 3, [flat(LEAF)]), categories=other)
    with pytest.raises(DataError, match="number 3 is 'moss' here and 'leaf' elsewhere"):
        coco(tmp_path)


@pytest.mark.real
def test_facades_of_roboflow(real_data: Path) -> None:
    reader = coco(real_data / "labelling_tools" / "roboflow_facades")
    assert sum(len(drawing.shapes) for drawing in reader.drawings) == 795 and len(reader) == 24
    assert len(reader.classes) == 11 and reader.classes.names.count("facade") == 1
    assert "number 0, 'facade', is drawn nowhere and left out: the class is number 3." in reader.notes
    window = reader.classes.names.index("window")
    assert (reader[0].labels == window).float().mean() > 0.1  # though windows lie within facades


@pytest.mark.real
@pytest.mark.oracle
def test_polygons_are_those_of_the_coco_api_but_for_edges(real_data: Path) -> None:
    reader = coco(real_data / "labelling_tools" / "roboflow_facades")
    drawing = reader.drawings[0]
    shared = either = 0
    for shape in drawing.shapes:
        rings = [polygon.outline[:, ::-1].reshape(-1).tolist() for polygon in shape.polygons]
        (one,) = peer.frPyObjects(rings, *drawing.size)  # its decoder warns about NumPy 2
        lengths = unpack_lengths(one["counts"].decode())
        theirs = Runs(drawing.size, lengths, by_columns=True).patch().mask
        ours = fill(shape.polygons, drawing.size)
        shared += (ours & theirs).sum()
        either += (ours | theirs).sum()
    assert shared / either > 0.99


@pytest.mark.real
def test_masks_drawn_and_panoptic_agree(real_data: Path) -> None:
    folder = real_data / "labelling_tools" / "coco_panoptic" / "sample_data"
    drawn, panoptic = coco(folder, annotations="detection"), coco_panoptic(folder)
    for i in range(2):
        ours, theirs = drawn[i].labels, panoptic[i].labels
        assert np.array_equal(ours[theirs < 255], theirs[theirs < 255] + 1)  # one has a background


def _leaf() -> np.ndarray:
    leaf = np.zeros(SIZE, bool)
    leaf[5:15, 10:30] = True
    return leaf
