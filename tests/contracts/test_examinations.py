"""What every examination promises. A new file in data/doctor is tested here without a new line."""

import inspect
from dataclasses import replace
from typing import get_type_hints

import pytest

from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._examine import EXAMINATIONS
from pixelwise.data.doctor._findings import SEVERITIES, Finding
from pixelwise.data.doctor._gather import gather
from tests.data.drawn import draw_folders, draw_pairs

pytestmark = pytest.mark.parametrize("name", EXAMINATIONS.names())


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> list[Case]:
    root = tmp_path_factory.mktemp("sound")
    draw_pairs(root / "pairs")
    draw_folders(root / "folders")
    return [gather(root / "pairs"), gather(root / "folders")]


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> Case:
    root = tmp_path_factory.mktemp("broken")
    draw_pairs(root, layout="split_folders", image_suffix=".jpg")
    for number, path in enumerate(sorted(root.rglob("*.*"))):
        if number % 3 == 0:
            path.write_bytes(path.read_bytes()[: 40 * number])
    return gather(root)


def test_it_takes_a_case_and_returns_findings(name) -> None:
    function = EXAMINATIONS[name]
    assert list(inspect.signature(function).parameters) == ["case"]
    assert get_type_hints(function) == {"case": Case, "return": list[Finding]}
    assert inspect.getdoc(function) and inspect.getdoc(EXAMINATIONS.module(name))


def test_it_says_nothing_worse_than_a_note_of_sound_data(name, sound) -> None:
    for case in sound:
        assert all(finding.severity == "note" for finding in EXAMINATIONS[name](case))


def test_it_goes_on_where_everything_is_broken_and_changes_no_file(name, broken) -> None:
    before = {path: path.read_bytes() for path in broken.root.rglob("*") if path.is_file()}
    nothing = replace(broken, entries=(), headers={}, masks={}, damaged={}, seen={})
    for looked in (broken, nothing):
        for finding in EXAMINATIONS[name](looked):
            assert finding.severity in SEVERITIES and finding.count >= 1
            assert finding.title and finding.saying
            assert finding.severity == "note" or finding.repair or finding.advice
    assert {path: path.read_bytes() for path in broken.root.rglob("*") if path.is_file()} == before
