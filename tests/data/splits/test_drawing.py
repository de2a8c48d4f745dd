"""Groups to parts: shares kept, classes balanced, deterministic; leaks found, and only those."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pixelwise.core.errors import DataError
from pixelwise.data.images import read_image
from pixelwise.data.likeness import look
from pixelwise.data.splits.drawing import draw, in_runs
from pixelwise.data.splits.known import Grouping, Known
from pixelwise.data.splits.leaks import leaks
from pixelwise.data.splits.parting import part
from pixelwise.data.splits.written import SplitFile, data_digest, numbers_of, read_split

SHARES = {"train": 0.7, "val": 0.15, "test": 0.15}


def test_single_images_are_drawn_to_the_very_share() -> None:
    parts = draw(range(200), SHARES, 0)
    assert [parts.count(name) for name in SHARES] == [140, 30, 30]
    assert draw(range(200), SHARES, 0) == parts != draw(range(200), SHARES, 1)


@given(sizes=st.lists(st.integers(1, 20), min_size=3, max_size=40), seed=st.integers(0, 99))
def test_no_part_is_empty_and_none_far_too_large(sizes, seed) -> None:
    groups = [group for group, size in enumerate(sizes) for _ in range(size)]
    parts = draw(groups, SHARES, seed)
    assert set(parts) == set(SHARES)
    for name, share in SHARES.items():
        assert parts.count(name) <= share * len(groups) + max(sizes)


def test_a_rare_class_is_shared_out() -> None:
    """Ten of two hundred images show class 2: by chance alone, val has none in every fifth split."""
    counts = np.ones((200, 3)) * [900, 100, 0]
    counts[::20, 2] = 50
    for seed in range(20):
        parts = np.array(draw(range(200), SHARES, seed, counts))
        assert [int((counts[parts == name, 2] > 0).sum()) for name in SHARES] in (
            [7, 2, 1],
            [7, 1, 2],
            [6, 2, 2],
        )
        assert [int((parts == name).sum()) for name in SHARES] == [140, 30, 30]


def test_classes_are_nearer_to_their_shares_than_by_chance() -> None:
    counts = np.random.default_rng(0).lognormal(0, 1.5, (150, 6))

    def far(parts: list[str]) -> float:
        whole = counts.sum(0) / counts.sum()
        found = [counts[np.array(parts) == name].sum(0) for name in SHARES]
        return max(float(np.abs(np.log(one / one.sum() / whole)).max()) for one in found)

    for seed in range(5):
        assert far(draw(range(150), SHARES, seed, counts)) < 0.05 < 0.2 < far(draw(range(150), SHARES, seed))


@given(number=st.integers(3, 60), seed=st.integers(0, 99))
def test_runs_are_runs(number, seed) -> None:
    parts = in_runs([0] * number, [float(n) for n in range(number)], SHARES, seed)
    assert set(parts) == set(SHARES)
    assert sum(one != other for one, other in pairwise(parts)) == 2


def test_what_links_two_parts_is_taken_from_the_earlier() -> None:
    order = [float(n) for n in range(10)]
    grouping = Grouping([0] * 10, ["a"] * 10, "place", "", order, [(n, n + 1) for n in range(9)])
    parts = part(grouping, {"train": 0.4, "val": 0.3, "test": 0.3}, 0)
    cut = parts if parts[0] == "train" else parts[::-1]
    assert cut == ["train"] * 3 + [None, "val", "val", None, "test", "test", "test"]


def noise(number: int) -> torch.Tensor:
    return torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(number))


def test_a_copy_on_the_other_side_is_a_leak() -> None:
    looks = [look(noise(n)) for n in (0, 1, 2, 3, 1)]
    found = leaks(Known(list("abcde"), looks), ["train", "train", "val", "test", "test"])
    assert found == [
        "this split leaks: 2 images show the same as one of another part: b (train) and e (test)."
    ]
    assert leaks(Known(list("abcde"), looks), ["train", "test", "val", "test", "test"]) == []


@pytest.mark.parametrize("alike", [True, False], ids=["frames of videos", "only named alike"])
def test_groups_on_both_sides_are_leaks_where_the_images_confirm_them(alike) -> None:
    names = [f"v{video}_{frame:03d}" for video in range(4) for frame in range(10)]
    looks = [
        look((noise(video) if alike else 0) + (0.7 if alike else 1.0) * noise(100 + 10 * video + frame))
        for video in range(4)
        for frame in range(10)
    ]
    apart = ["train" if name < "v3" else "test" for name in names]
    mixed = ["test" if name.endswith(("8", "9")) else "train" for name in names]
    assert leaks(Known(names, looks), apart) == []
    found = leaks(Known(names, looks), mixed)
    assert len(found) == alike
    if alike:
        assert "4 of 4 groups of images lie in several parts: v0 in train and test" in found[0]


@pytest.mark.real
def test_the_published_split_of_camvid_leaks(real_data) -> None:
    """Two of its four videos were cut in two; train, val and test each hold frames of a shared one."""
    files = [
        (part, file)
        for part in ("train", "val", "test")
        for file in sorted((real_data / "camvid" / part).glob("*.jpg"))[::4]
    ]
    known = Known([file.stem for _, file in files], [look(read_image(file)) for _, file in files])
    (told,) = leaks(known, [part for part, _ in files])
    assert (
        "2 of 4 groups of images lie in several parts: 0001TP in train and test, 0016E5 in train and val"
        in told
    )
    kept = [number for number, (part, file) in enumerate(files) if "Seq05VD" in file.stem or part == "train"]
    sound = Known([known.names[n] for n in kept], [known.looks[n] for n in kept])
    assert leaks(sound, [files[n][0] for n in kept]) == []


def test_a_split_file_is_what_was_written_and_edits_are_said(tmp_path) -> None:
    file = SplitFile({"train": ["a", "b"], "val": ["c"]}, "name", "by names", 3, "d1g", ["d"], [])
    path = tmp_path / "split.yaml"
    path.write_text(file.to_yaml())
    assert read_split(path) == file and not read_split(path).edited
    parts, notes = numbers_of(read_split(path), ["c", "b", "a", "d"], path)
    assert parts == {"train": [2, 1], "val": [0]} and len(notes) == 1
    path.write_text(file.to_yaml().replace("- c\n", "- c\n  - e\n"))
    assert read_split(path).edited
    _, notes = numbers_of(read_split(path), ["c", "b", "f"], path)
    assert any("its hash does not fit" in note for note in notes)
    assert any("2 images of" in note and "no longer there: a, e" in note for note in notes)
    assert any("1 images stand in no part" in note and note.endswith(": f.") for note in notes)
    with pytest.raises(DataError, match=r"is of other data: of its images in train, none is there"):
        numbers_of(file, ["c", "x"], path)
    path.write_text(file.to_yaml().replace("- c\n", "- a\n"))
    with pytest.raises(DataError, match="names 1 images more than once: a"):
        read_split(path)
    path.write_text("train: [a]\n")
    with pytest.raises(DataError, match="no lists of names under `parts`"):
        read_split(path)
    path.write_text("a: [")
    with pytest.raises(DataError, match="cannot be read as a split"):
        read_split(path)


def test_the_digest_of_data_is_of_names_and_bytes_in_any_order(tmp_path) -> None:
    files = [tmp_path / name for name in "ab"]
    for file in files:
        file.write_bytes(file.name.encode())
    digest = data_digest(["a", "b"], files)
    assert data_digest(["b", "a"], files[::-1]) == digest
    files[1].write_bytes(b"c")
    assert data_digest(["a", "b"], files) != digest and data_digest(["a", "c"], None) != digest
