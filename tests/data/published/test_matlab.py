"""MATLAB files, with SciPy as the oracle."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelwise.core.errors import DataError
from pixelwise.data.published.matlab import read_matlab

scipy_io = pytest.importorskip("scipy.io")

KINDS = ("uint8", "int16", "uint16", "int32", "float32", "float64", "int64")


def write(path: Path, packed: bool) -> dict[str, np.ndarray]:
    """Numbers of all kinds, and a cell of structures."""
    numbers = {kind: np.arange(6).reshape(2, 3).astype(kind) for kind in KINDS}
    cells = np.empty((1, 2), object)
    for number in range(2):
        cells[0, number] = {"Segmentation": np.full((2, 3), number + 1, np.uint16), "Name": "a"}
    content = {**numbers, "cells": cells, "text": "left out", "flags": np.array([[True, False]])}
    scipy_io.savemat(path, content, do_compression=packed)
    return numbers


@pytest.mark.parametrize("packed", [True, False])
def test_numbers_cells_and_structures(packed, tmp_path) -> None:
    numbers = write(tmp_path / "a.mat", packed)
    found = read_matlab(tmp_path / "a.mat")
    for kind, expected in numbers.items():
        assert np.array_equal(found[kind], expected)
    assert [cell[0]["Segmentation"].tolist() for cell in found["cells"]] == [[[1] * 3] * 2, [[2] * 3] * 2]
    assert np.array_equal(found["flags"], [[1, 0]])
    assert "text" not in found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), packed=st.booleans())
def test_damage_is_told_and_ends_nothing(data, packed, tmp_path) -> None:
    write(tmp_path / "a.mat", packed)
    content = bytearray((tmp_path / "a.mat").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "b.mat").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(DataError):  # anything else fails
        assert all(isinstance(name, str) for name in read_matlab(tmp_path / "b.mat"))


def test_a_missing_file_is_told(tmp_path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_matlab(tmp_path / "a.mat")
