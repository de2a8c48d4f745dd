from pathlib import Path

import pytest

from pixelwise.core.errors import DataError
from pixelwise.data.drawings.gallery import Gallery, files_below, names_of, split_by_path


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def test_images_are_found_by_the_end_of_what_they_are_called(tmp_path: Path) -> None:
    touch(tmp_path, "a/x.png", "b/x.png", "b/y.png")
    gallery, source = Gallery(tmp_path), tmp_path / "labels.json"
    assert gallery.find("C:\\data\\b\\x.png", source) == tmp_path / "b" / "x.png"
    assert gallery.find("/somewhere/else/y.png", source) == tmp_path / "b" / "y.png"
    assert len(gallery) == 3


def test_of_equal_names_the_nearest_to_the_file_is_meant(tmp_path: Path) -> None:
    touch(tmp_path, "train/x.png", "val/x.png", "train2017/z.png", "val2017/z.png")
    gallery = Gallery(tmp_path)
    assert gallery.find("x.png", tmp_path / "val" / "labels.json") == tmp_path / "val" / "x.png"
    file = tmp_path / "annotations" / "instances_val2017.json"
    assert gallery.find("z.png", file) == tmp_path / "val2017" / "z.png"
    with pytest.raises(DataError, match=r"may be .*x\.png, .*x\.png. Rename all but one"):
        gallery.find("x.png", tmp_path / "labels.json")


@pytest.mark.parametrize("called", ["../secret.png", "/etc/secret.png", "", "..", "/"])
def test_nothing_outside_is_ever_found(called: str, tmp_path: Path) -> None:
    touch(tmp_path, "secret.png", "in/a.png")
    with pytest.raises(DataError, match="which is not below"):
        Gallery(tmp_path / "in").find(called, tmp_path / "in" / "labels.json")


def test_links_that_lead_out_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "secret.png", "secret.json", "far/b.png", "in/a.png")
    home = tmp_path / "in"
    (home / "s.png").symlink_to(tmp_path / "secret.png")
    (home / "far").symlink_to(tmp_path / "far")
    (home / "again").symlink_to(home)
    gallery = Gallery(home)
    for name in ("s.png", "b.png"):
        with pytest.raises(DataError, match="is a link that leads out of"):
            gallery.find(name, home / "labels.json")
    assert gallery.files() == [home / "a.png"]
    assert files_below(home, ".json") == []
    (home / "s.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(DataError, match="is a link that leads out of"):
        files_below(home, ".json")


def test_splits_by_folders_and_by_names() -> None:
    root = Path("/data")
    assert split_by_path(root, root / "valid" / "a.json") == "val"
    assert split_by_path(root, root / "annotations" / "instances_train2017.json") == "train"
    assert split_by_path(root, root / "trainer.json") is None


def test_names_are_unique() -> None:
    root = Path("/data")
    assert names_of(root, [root / "a" / "x.png", root / "y.png"]) == ("x", "y")
    assert names_of(root, [root / "a" / "x.png", root / "x.png"]) == ("a/x", "x")
    assert names_of(root, [root / "x.jpg", root / "x.png"]) == ("x.jpg", "x.png")
