"""Files: whole or not there, whatever happens on the way."""

import errno

import pytest

from pixelwise.core.errors import StorageError
from pixelwise.core.files import write_text, write_with


def test_replaces_and_leaves_nothing_beside(tmp_path) -> None:
    write_text(tmp_path / "deep" / "a.txt", "one")
    write_text(tmp_path / "deep" / "a.txt", "two")
    assert (tmp_path / "deep" / "a.txt").read_text() == "two"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.txt"]
    assert (tmp_path / "deep" / "a.txt").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_old_file(tmp_path) -> None:
    write_text(tmp_path / "a.txt", "safe")

    def full(path):
        path.write_text("ha")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match=r"cannot write .*a\.txt.*No space left.*untouched"):
        write_with(tmp_path / "a.txt", full)
    assert (tmp_path / "a.txt").read_text() == "safe"
    assert len(list(tmp_path.iterdir())) == 1


def test_our_own_bugs_keep_their_face(tmp_path) -> None:
    with pytest.raises(ZeroDivisionError):
        write_with(tmp_path / "a.txt", lambda path: 1 // 0)


def test_what_a_kill_left_is_replaced(tmp_path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_with(tmp_path / "a.txt", lambda path: path.write_text("half") and _raise())
    assert len(list(tmp_path.iterdir())) == 1  # as after kill -9: nobody could clean up
    write_text(tmp_path / "a.txt", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def _raise() -> None:
    raise KeyboardInterrupt
