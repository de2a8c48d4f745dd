import io
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.errors import DataError, MissingExtraError
from pixelwise.data.readers.waymo import waymo
from pixelwise.data.recognise import recognise

PANOPTIC = np.array([[2000, 2007, 0], [25000, 9001, 28000]], np.uint16)  # car, car 7, undefined; sky, ...
KEYS = ("key.segment_context_name", "key.frame_timestamp_micros", "key.camera_name")
IMAGE = "[CameraImageComponent].image"
LABEL = "[CameraSegmentationLabelComponent].panoptic_label"


def encoded(array: np.ndarray, form: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, form)
    return file.getvalue()


def draw(root: Path, split: str = "training", drive: str = "d1", labelled: tuple[int, ...] = (1, 4)) -> None:
    """Three moments of five cameras; labels of the second moment, of some cameras, in another order."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [(drive, moment, camera) for moment in (10, 20, 30) for camera in (1, 2, 3, 4, 5)]
    photos = [encoded(np.full((2, 3, 3), 10 * m // 10 + c, np.uint8), "PNG") for _, m, c in rows]
    seen = [(drive, 20, camera) for camera in reversed(labelled)]
    tables = {
        "camera_image": {**columns(rows), IMAGE: photos},
        "camera_segmentation": {
            **columns(seen),
            LABEL: [encoded(PANOPTIC, "PNG")] * len(seen),
            f"{LABEL}_divisor": [1000] * len(seen),
        },
    }
    for folder, table in tables.items():
        (root / split / folder).mkdir(parents=True, exist_ok=True)
        parquet.write_table(
            pyarrow.table(table), root / split / folder / f"{drive}.parquet", row_group_size=4
        )


def columns(rows: list[tuple[str, int, int]]) -> dict[str, list[object]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(KEYS)}


def test_labels_are_joined_with_their_images(tmp_path) -> None:
    draw(tmp_path)
    draw(tmp_path, "validation", "d2", labelled=(3,))
    data = waymo(tmp_path)
    assert len(data) == 3 and data.splits == {"train": (0, 1), "val": (2,)}
    sample = data[0]
    assert sample.name == "d1_20_4"
    assert sample.image.shape == (3, 2, 3)
    assert (sample.image * 255).round().unique().tolist() == [24]  # moment 20, camera 4
    names = [[data.classes.names[i] if i != 255 else "-" for i in row] for row in sample.labels.tolist()]
    assert names == [["car", "car", "-"], ["sky", "pedestrian", "static"]]
    assert (data[2].image * 255).round().unique().tolist() == [23]
    assert pickle.loads(pickle.dumps(data))[1].name == "d1_20_1"
    assert recognise(tmp_path)[0] == "waymo"


def test_cameras_may_be_chosen(tmp_path) -> None:
    draw(tmp_path)
    assert [sample.name for sample in waymo(tmp_path, cameras=("front",))] == ["d1_20_1"]
    with pytest.raises(DataError, match="no frame of side_right has labels"):
        waymo(tmp_path, cameras=("side_right",))


def test_all_faults_are_told_at_once(tmp_path) -> None:
    draw(tmp_path)
    for drive in ("d2", "d3"):
        draw(tmp_path, drive=drive)
    (tmp_path / "training/camera_image/d2.parquet").unlink()
    (tmp_path / "training/camera_segmentation/d3.parquet").write_bytes(b"PAR1 no")
    images = tmp_path / "training/camera_image"
    (images / "d1.parquet").unlink()
    draw(tmp_path, "other", "d0")
    (tmp_path / "other/camera_image/d0.parquet").rename(images / "d1.parquet")
    with pytest.raises(DataError) as error:
        waymo(tmp_path / "training")
    told = str(error.value)
    assert "d2.parquet has no images." in told
    assert "d3.parquet cannot be read as Parquet" in told
    assert "2 labels of" in told and "have no image: d1_20_4, d1_20_1." in told


def test_a_missing_column_is_named(tmp_path) -> None:
    draw(tmp_path)
    (tmp_path / "training/camera_image/d1.parquet").replace(
        tmp_path / "training/camera_segmentation/d1.parquet"
    )
    draw(tmp_path, "validation")
    (tmp_path / "validation/camera_image/d1.parquet").rename(tmp_path / "training/camera_image/d1.parquet")
    with pytest.raises(DataError, match=r"lacks the columns \[CameraSegmentationLabelComponent\]"):
        waymo(tmp_path / "training")


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch) -> None:
    (tmp_path / "camera_segmentation").mkdir()
    (tmp_path / "camera_segmentation" / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert recognise(tmp_path)[0] == "waymo"
    with pytest.raises(MissingExtraError, match=r"reader 'waymo' needs 'pyarrow'.*pixelwise\[waymo\]"):
        waymo(tmp_path)
