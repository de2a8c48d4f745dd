import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.data.readers.bsds500 import bsds500
from pixelwise.data.recognise import recognise

scipy_io = pytest.importorskip("scipy.io")

DRAWN = [  # by four people
    [[1, 0, 0], [1, 0, 0]],
    [[1, 0, 0], [0, 1, 0]],
    [[1, 0, 0], [1, 0, 0]],
    [[1, 0, 0], [0, 0, 0]],
]


def write_truth(path: Path, drawn: list[list[list[int]]], packed: bool = True) -> None:
    """The way MATLAB has it: a row of cells, each a structure of two arrays."""
    cells = np.empty((1, len(drawn)), object)
    for number, boundaries in enumerate(drawn):
        pixels = np.array(boundaries, np.uint8)
        cells[0, number] = {"Segmentation": (pixels + 1).astype(np.uint16), "Boundaries": pixels}
    path.parent.mkdir(parents=True, exist_ok=True)
    scipy_io.savemat(path, {"groundTruth": cells}, do_compression=packed)


def draw(root: Path) -> None:
    for number, split in enumerate(("train", "val", "test")):
        image = root / "images" / split / f"{number}.jpg"
        image.parent.mkdir(parents=True)
        Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(image)
        (image.parent / "Thumbs.db").write_bytes(b"as it is given out")
        write_truth(root / "groundTruth" / split / f"{number}.mat", DRAWN)


def test_half_of_the_annotators_must_agree_and_fewer_do_not_count(tmp_path) -> None:
    draw(tmp_path / "BSDS500" / "data")
    data = bsds500(tmp_path)
    assert data.classes.names == ("boundary",) and not data.classes.exclusive
    assert data.splits == {"train": (0,), "val": (1,), "test": (2,)}
    assert data[0].labels.tolist() == [[[1, 0, 0], [1, -1, 0]]]
    assert bsds500(tmp_path, agree=0.75)[0].labels.tolist() == [[[1, 0, 0], [-1, -1, 0]]]
    assert bsds500(tmp_path, agree=0.25)[0].labels.tolist() == [[[1, 0, 0], [1, 1, 0]]]
    assert recognise(tmp_path)[0] == "bsds500"
    assert pickle.loads(pickle.dumps(data))[1].labels.tolist() == data[1].labels.tolist()


def test_one_annotator_alone(tmp_path) -> None:
    draw(tmp_path)
    assert bsds500(tmp_path, annotator=1)[0].labels.tolist() == [[[1, 0, 0], [0, 1, 0]]]


def test_all_faults_are_told_at_once(tmp_path) -> None:
    draw(tmp_path)
    write_truth(tmp_path / "groundTruth/train/0.mat", DRAWN[:1])
    write_truth(tmp_path / "groundTruth/val/1.mat", [[[1, 0]], [[1, 0]]])
    write_truth(tmp_path / "groundTruth/val/9.mat", DRAWN)
    (tmp_path / "groundTruth/test/2.mat").write_bytes(b"no MATLAB")
    with pytest.raises(DataError) as error:
        bsds500(tmp_path, annotator=1)
    told = str(error.value)
    assert "0.mat has no annotator 1. 1 people drew it, counted from 0." in told
    assert "1.jpg and 1.mat differ in size. The image is (2, 3), the mask (1, 2)" in told
    assert "1 masks have no image in val/. Alone: 9.mat." in told
    assert "2.mat cannot be read as MATLAB's version 5. Its 9 bytes are damaged" in told


def test_a_file_of_something_else_is_told(tmp_path) -> None:
    draw(tmp_path)
    scipy_io.savemat(tmp_path / "groundTruth/train/0.mat", {"groundTruth": np.eye(2)})
    with pytest.raises(DataError, match=r"0\.mat is no truth of BSDS500\. It holds 0 drawings"):
        bsds500(tmp_path)
