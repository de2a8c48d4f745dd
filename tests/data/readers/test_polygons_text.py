from pathlib import Path

import numpy as np
import pytest

from pixelwise.core.errors import DataError
from pixelwise.data.readers.polygons_text import polygons_text, recognise, rings
from tests.data.drawings.written import LEAF, SIZE, xy
from tests.data.drawn import scene, write_image

HOLE_LESS = [*xy(LEAF), [10, 5], [40, 20], [50, 20], [50, 30], [40, 30], [40, 20], [40, 20]]


def write(root: Path, content: str) -> None:
    write_image(root / "a.png", scene(0, SIZE)[0])
    (root / "a.txt").write_text(content)


@pytest.mark.parametrize(
    "text", [str(HOLE_LESS), str([tuple(point) for point in HOLE_LESS]), f"\n {HOLE_LESS}\n"]
)
def test_rings_follow_one_another(text: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    reader = polygons_text(tmp_path)
    labels = reader[0].labels
    assert (
        labels.sum() == 200 + 100 and (labels[5:15, 10:30] == 1).all() and (labels[20:30, 40:50] == 1).all()
    )
    assert reader.classes.names == ("background", "object") and recognise(tmp_path).fits
    assert "1 points make no ring: passed over." in reader.notes


def test_rings_by_hand() -> None:
    a, b, c, d = (0, 0), (0, 5), (5, 5), (9, 9)
    found, loose = rings(np.array([a, b, c, a, a, d, b, c, d, b], float))
    assert [ring.tolist() for ring in found] == [[list(a), list(b), list(c)], [list(d), list(b), list(c)]]
    assert loose == 2
    for short in ([a], [a, b], [a, b, a, b]):
        assert rings(np.array(short, float)) == ([], len(short))
    open_ring, loose = rings(np.array([a, b, c], float))
    assert len(open_ring) == 1 and loose == 0


def test_a_hundred_thousand_loose_points_take_no_time() -> None:
    points = np.tile([(0.0, 0.0), (1.0, 1.0)], (50_000, 1))
    assert rings(points) == ([], 100_000)


def test_the_class_has_a_name_and_may_be_a_plane(tmp_path: Path) -> None:
    write(tmp_path, str(HOLE_LESS))
    assert polygons_text(tmp_path, label="nucleus").classes.names == ("background", "nucleus")
    planes = polygons_text(tmp_path, planes=True)
    assert planes.classes.names == ("object",) and planes[0].labels.shape == (1, *SIZE)


@pytest.mark.parametrize(
    "text", ["[[1, 2], [3", "[open('x')]", "[[1, 2, 3]]", "[1, 2]", "[[1, 'a']]", "[[nan, 2]]", "[]"]
)
def test_what_is_no_list_of_points_is_refused_and_never_run(text: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    with pytest.raises(DataError, match=r"a\.txt"):
        polygons_text(tmp_path)


def test_an_outline_without_image_is_named(tmp_path: Path) -> None:
    write(tmp_path, str(HOLE_LESS))
    (tmp_path / "b.txt").write_text(str(HOLE_LESS))
    (tmp_path / "readme.txt").write_text("points of cells")
    with pytest.raises(DataError, match=r"b\.txt has no image of its name"):
        polygons_text(tmp_path)
