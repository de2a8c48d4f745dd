"""Which images belong together: by names, folders, times, places, lists; and what is not a group."""

import re
from itertools import pairwise

import numpy as np
import pytest
import rasterio
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pixelwise.core.errors import DataError, RecipeError
from pixelwise.data.likeness import look
from pixelwise.data.splits.grouping import group
from pixelwise.data.splits.known import Known, merged
from pixelwise.data.splits.names import by_name
from pixelwise.data.splits.parting import fits, part, shares_of
from pixelwise.data.splits.places import Footprint, near

FLAT = look(torch.zeros(3, 8, 8))


def known(names, looks=None, **more) -> Known:
    return Known(names, looks or [FLAT] * len(names), **more)


def auto(facts: Known, seed: int = 0):
    shares = shares_of(0.15, 0.15, len(facts.names))
    found = group(facts, fits=lambda grouping: fits(grouping, shares, seed))
    return found, part(found, shares, seed)


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        ([f"{car}_{view:02d}" for car in ("0cdf5b", "1a2f99", "77c") for view in range(1, 17)], 3),
        ([f"M-34-{m}-c-4-2_{k}" for m in range(41) for k in range(9)], 41),
        ([f"{v}_f{n:05d}" for v in ("0001TP", "0006R0", "Seq05VD") for n in range(30)], 3),
        ([f"patient{p:02d}_slice_{s}" for p in range(9) for s in range(12)], 9),
        (
            [f"{city}_{s:06d}_000019_leftImg8bit" for city in ("aachen", "bochum", "ulm") for s in range(20)],
            3,
        ),
        ([f"clip {c} (3)" for c in range(5) for _ in "ab"], 1),
    ],
)
def test_beginnings_of_names_are_groups(names, groups) -> None:
    assert len(set(by_name(names)[0])) == groups


@pytest.mark.parametrize(
    "names",
    [
        [f"{n}" for n in range(50)],
        [f"{n * 7919:08x}" for n in range(1, 50)],
        [f"cat{n}" for n in range(50)],
        ["sky", "sea", "land"],
        [f"{year}_{n:06d}" for year in (2007, 2008, 2011) for n in range(20)],
        [],
    ],
    ids=["numbers", "hashes", "one word", "words", "years", "none"],
)
def test_names_without_groups_tell_none(names) -> None:
    ways = by_name(names)
    assert all(len(set(way)) == 1 for way in ways)
    found, parts = auto(known(names)) if len(names) > 3 else (group(known(names)), [])
    assert found.rule == "none" and None not in parts


@given(sizes=st.lists(st.integers(1, 12), min_size=4, max_size=30), seed=st.integers(0, 50), by=st.booleans())
def test_a_group_is_never_divided(sizes, seed, by) -> None:
    names = [f"car{car}_{view}" for car, size in enumerate(sizes) for view in range(size)]
    found = group(known(names), r"^(car\d+)_" if by else "auto")
    if found.number < 3:
        return
    parts = part(found, shares_of(0.15, 0.15, len(names)), seed)
    sides = {}
    for label, one in zip(found.groups, parts, strict=True):
        sides.setdefault(label, set()).add(one)
    assert all(len(side) == 1 for side in sides.values()) and set(parts) == {"train", "val", "test"}


def test_images_that_show_the_same_stay_together_by_every_rule() -> None:
    rng = torch.Generator().manual_seed(0)
    images = [torch.rand(3, 8, 8, generator=rng) for _ in range(20)]
    looks = [look(image) for image in [*images, *(0.9 * image for image in images)]]
    facts = known([f"photo{chr(65 + n)}" for n in range(40)], looks)
    for by in ("auto", "none", "photo(.)"):
        found = group(facts, by)
        assert found.number == 20 and "20 pairs of images that show the same" in found.reason
        parts = part(found, shares_of(0.15, 0.15, 40), 3)
        assert parts[:20] == parts[20:]


def test_folders_are_groups(tmp_path) -> None:
    files = [tmp_path / f"site{n % 5}" / f"{n}.png" for n in range(40)]
    found, _ = auto(known([str(n) for n in range(40)], files=files))
    assert found.rule == "folder" and found.number == 5


def test_a_pause_between_photographs_ends_a_group(tmp_path) -> None:
    files = []
    for flight in range(5):
        for shot in range(6):
            exif = Image.Exif()
            exif[0x0132] = f"2026:05:0{flight + 1} 12:00:{2 * shot:02d}"
            files.append(tmp_path / f"{chr(97 + (flight * 7 + shot * 3) % 26)}{flight}x{shot}.jpg")
            Image.new("RGB", (8, 8)).save(files[-1], exif=exif)
    found, parts = auto(known([file.stem + "q" for file in files], files=files))
    assert found.rule == "time" and found.number == 5 and "5 series" in found.reason
    assert set(parts) == {"train", "val", "test"}


def tifs(root, corners, size=10):
    """Rasters of 10×10 m whose upper left corners lie there (x, y)."""
    paths = []
    for number, (x, y) in enumerate(corners):
        paths.append(root / f"{number * 7919:x}.tif")
        shape = {"height": size, "width": size, "count": 1, "dtype": "uint8", "crs": "EPSG:2180"}
        with rasterio.open(
            paths[-1],
            "w",
            driver="GTiff",
            transform=rasterio.Affine(1, 0, 1000 + x, 0, -1, 9000 + y),
            **shape,
        ) as f:
            f.write(np.zeros((1, size, size), np.uint8))
    return paths


def test_rasters_that_overlap_or_touch_are_one_group(tmp_path) -> None:
    corners = [(100 * block + 10 * tile, 0) for block in range(5) for tile in range(2)]  # two touch in each
    files = tifs(tmp_path, corners)
    found, _ = auto(known([file.stem for file in files], files=files))
    assert found.rule == "place" and found.groups == [0, 0, 2, 2, 4, 4, 6, 6, 8, 8]


def test_tiles_of_one_raster_are_cut_into_blocks_that_do_not_touch(tmp_path) -> None:
    corners = [(10 * column, 10 * row) for row in range(10) for column in range(20)]
    files = tifs(tmp_path, corners)
    found, parts = auto(known([file.stem for file in files], files=files))
    assert "1 group of images overlap or touch on Earth; cut into" in found.reason
    assert {"train", "val", "test", None} == set(parts)
    for a, one in enumerate(parts):
        for b, other in enumerate(parts):
            if one and other and one != other:
                assert max(abs(corners[a][axis] - corners[b][axis]) for axis in (0, 1)) >= 20


def test_tiles_at_the_border_of_two_rasters_are_left_out(tmp_path) -> None:
    """Two neighbouring rasters in each of three places, each cut in two: a list tells which are of which."""
    corners = [(1000 * place + 10 * tile, 0) for place in range(3) for tile in range(4)]
    files = tifs(tmp_path, corners)
    rows = [f"{file.stem},raster{number // 2}\n" for number, file in enumerate(files)]
    (tmp_path / "groups.csv").write_text("name,group\n" + "".join(rows))
    found = group(known([file.stem for file in files], files=files, root=tmp_path))
    assert found.rule == "groups.csv" and found.number == 6
    for seed in range(9):
        parts = part(found, shares_of(0.3, 0.3, 12), seed)
        for place in range(3):
            left, right = parts[4 * place + 1], parts[4 * place + 2]
            assert left == right or None in (left, right)


def test_groups_csv_is_believed_before_all(tmp_path) -> None:
    names = [f"a_{n}" for n in range(30)]
    (tmp_path / "groups.csv").write_text("name,group\n" + "".join(f"a_{n},site{n % 6}\n" for n in range(30)))
    found, _ = auto(known(names, root=tmp_path))
    assert found.rule == "groups.csv" and found.number == 6
    with pytest.raises(DataError, match=r"does not name 1 images: b_0\. Add their lines"):
        group(known([*names, "b_0"], root=tmp_path))
    (tmp_path / "groups.csv").write_text("image;patient\n")
    with pytest.raises(DataError, match="has no columns name and group"):
        group(known(names, root=tmp_path))


def test_two_videos_are_cut_into_runs_and_one_video_is_known_by_its_frames() -> None:
    two = known([f"v{v}_{n}" for v in "ab" for n in range(100)])
    found, parts = auto(two)
    assert "cut into runs" in found.reason and parts.count(None) == 4  # one at each of two cuts of two videos
    rng = torch.Generator().manual_seed(1)
    long = torch.nn.functional.interpolate(
        torch.rand(1, 3, 6, 60, generator=rng), (24, 1200), mode="bicubic"
    )[0]
    frames = [look(long[:, :, 10 * n : 10 * n + 64]) for n in range(100)]  # a camera that pans
    found, parts = auto(known([f"frame_{n}" for n in range(100)], frames))
    assert "cut into runs" in found.reason
    changes = sum(a != b for a, b in pairwise(parts))
    assert changes <= 4 and set(parts) == {"train", "val", "test", None}
    shuffled = [frames[n] for n in torch.randperm(100, generator=rng).tolist()]
    assert auto(known([f"photo_{n}" for n in range(100)], shuffled))[0].rule == "none"


def test_what_cannot_be_grouped_is_said() -> None:
    facts = known(["one", "two", "three", "four"])
    with pytest.raises(DataError, match="cannot be grouped by name"):
        group(facts, "name")
    with pytest.raises(DataError, match=r"is not in 3 of 4 names: one, two, four"):
        group(facts, "(th)")
    with pytest.raises(RecipeError, match=r"is no rule and no pattern.*Rules: auto, name"):
        group(facts, "(")
    one = group(known(["a1", "a2", "a3", "a4"]), "(a)")
    with pytest.raises(DataError, match="1 groups cannot make 3 parts"):
        part(one, shares_of(0.2, 0.2, 4), 0)


@given(seed=st.integers(0, 2**16), number=st.integers(0, 25))
def test_touching_is_what_comparing_all_finds(seed, number) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 12, (number, 2))
    sizes = rng.integers(1, 4, (number, 2))
    prints = [
        Footprint("ab"[n % 2], (float(y), float(x), float(y + h), float(x + w)), 1.0)
        for n, ((y, x), (h, w)) in enumerate(zip(corners, sizes, strict=True))
    ]
    slow = {
        (a, b)
        for a in range(number)
        for b in range(a + 1, number)
        if a % 2 == b % 2
        and all(
            corners[a][i] <= corners[b][i] + sizes[b][i] and corners[b][i] <= corners[a][i] + sizes[a][i]
            for i in (0, 1)
        )
    }
    assert {(min(pair), max(pair)) for pair in near(prints)} == slow


@given(links=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_merged_is_reachability(links) -> None:
    near = np.eye(20, dtype=bool)
    for a, b in links:
        near[a, b] = near[b, a] = True
    for _ in range(20):
        near = near @ near
    assert merged(20, links) == [int(np.flatnonzero(row)[0]) for row in near]


def test_patterns_may_have_a_group_or_none() -> None:
    assert group(known(["ab1", "ab2", "cd3"]), "[a-z]+").labels == ["ab", "ab", "cd"]
    assert re.fullmatch("2 groups by the pattern .*", group(known(["ab1", "ab2", "cd3"]), "^(.)").reason)
