"""Sound data in every layout and encoding: nothing is said, and the contract is the reader's own."""

import numpy as np
import pytest
from PIL import Image

from pixelwise.core.classes import Classes
from pixelwise.data.readers.pairs import pairs
from pixelwise.workflows._repair import contract_text
from tests.data.doctor.looked import case_of, findings_of, severe
from tests.data.drawn import ENCODINGS, LAYOUTS, classes_yaml, draw_folders, draw_pairs


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_clean(layout, tmp_path) -> None:
    draw_pairs(tmp_path, layout=layout, image_suffix=".jpg")
    found = findings_of(tmp_path)
    assert severe(found) == set()
    assert set(found) <= {"how masks are written", "look-alikes"}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_contract_is_the_one_that_the_reader_concludes(encoding, tmp_path) -> None:
    draw_pairs(tmp_path, encoding=encoding)
    case, read = case_of(tmp_path), pairs(tmp_path)
    assert case.classes == read.classes
    for entry, sample in zip(case.entries, read, strict=True):
        assert np.array_equal(case.labels_of(entry), sample.labels)
        shares = {number: int(pixels) for number, pixels in case.seen[entry.number].counts.items()}
        assert sum(shares.values()) == sample.labels.numel()


@pytest.mark.parametrize("encoding", ["index", "binary255", "palette", "colour", "tiff"])
def test_what_is_written_down_means_what_was_concluded(encoding, tmp_path) -> None:
    draw_pairs(tmp_path, encoding=encoding)
    before = [sample.labels for sample in pairs(tmp_path)]
    (tmp_path / "classes.yaml").write_text(contract_text(case_of(tmp_path)))
    after = pairs(tmp_path)
    assert all(np.array_equal(one, sample.labels) for one, sample in zip(before, after, strict=True))
    assert severe(findings_of(tmp_path)) == set()


def test_a_name_is_written_so_that_it_is_read_again(tmp_path) -> None:
    draw_pairs(tmp_path)
    (tmp_path / "classes.yaml").write_text('classes: ["no: # [x]", "yes", "3"]')
    case = case_of(tmp_path)
    (tmp_path / "classes.yaml").write_text(contract_text(case))
    assert pairs(tmp_path).classes.names == ("no: # [x]", "yes", "3")
    assert isinstance(case.classes, Classes)


def test_folders_of_objects_are_clean_and_merged(tmp_path) -> None:
    draw_folders(tmp_path)
    case = case_of(tmp_path)
    assert (case.reader, len(case.entries), case.raw) == ("folders", 3, False)
    assert severe(findings_of(tmp_path)) == set()
    assert set(np.unique(case.labels_of(case.entries[0]))) == {0, 1}


def test_counts_and_headers_are_those_of_the_files(tmp_path) -> None:
    draw_pairs(tmp_path, number=2, size=(40, 56))
    Image.fromarray(np.zeros((40, 56), np.uint8)).save(tmp_path / "masks" / "scene_0.png")
    case = case_of(tmp_path)
    assert case.seen[0].counts == {0: 40 * 56}
    assert {header.size for header in case.headers.values()} == {(40, 56)}
    assert case.totals()[0] == 40 * 56 + case.seen[1].counts[0]


def test_large_sets_are_sampled_evenly_and_say_so(tmp_path, monkeypatch) -> None:
    draw_pairs(tmp_path, number=12)
    monkeypatch.setattr("pixelwise.data.doctor._gather.PIXELS", 4 * 40 * 56)
    monkeypatch.setattr("pixelwise.data.doctor._gather.FEWEST", 1)
    case = case_of(tmp_path)
    assert sorted(case.seen) == [0, 3, 6, 9]
    assert case.of() == " of 4 looked at"
    assert len(case_of(tmp_path, everything=True).seen) == 12


def test_written_classes_are_obeyed(tmp_path) -> None:
    draw_pairs(tmp_path)
    (tmp_path / "classes.yaml").write_text(classes_yaml())
    assert case_of(tmp_path).classes.names == ("ground", "disc", "square")
