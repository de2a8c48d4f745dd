"""What is true of the readers of every labelling tool alike."""

import copy
import json
import pickle
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import DataError
from pixelwise.data.reader import Listed, Reader
from pixelwise.data.recognise import recognise
from tests.data.drawings.written import NAMES, TOOLS, truth

CATALOG = Catalog("pixelwise.data.readers", "reader")
ODD = (
    None,
    True,
    -1,
    0,
    1e300,
    10**400,
    float("nan"),
    "",
    "x",
    "../../etc/passwd",
    [],
    {},
    [[]],
    [[1, 2]],
    {"a": 1},
)

each_tool = pytest.mark.parametrize("tool", TOOLS)
SILENT_OF_SIZE = {"via", "yolo", "geojson"}  # their files do not tell the size of images


@each_tool
def test_all_tools_give_the_same_labels(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    reader = CATALOG[tool](tmp_path)
    assert isinstance(reader, Reader) and isinstance(reader, Listed)
    assert reader.classes.names == ("background", "leaf", "stone")
    assert reader.names == NAMES and [file.stem for file in reader.files] == list(NAMES)
    assert np.array_equal(reader[0].labels, truth()) and reader[0].labels.dtype == torch.int64
    assert reader[1].labels.sum() == 0 and reader[0].image.shape == (3, 40, 56)


@each_tool
def test_the_folder_is_recognised(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    assert recognise(tmp_path)[0] == tool


@each_tool
def test_readers_can_be_sent_to_workers(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    reader = pickle.loads(pickle.dumps(CATALOG[tool](tmp_path)))
    assert np.array_equal(reader[0].labels, truth())


@each_tool
def test_what_is_ignored_does_not_count(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    reader = CATALOG[tool](tmp_path, ignore=("stone",))
    wanted = np.where(truth() == 2, 255, truth())
    assert reader.classes.names == ("background", "leaf")
    assert np.array_equal(reader[0].labels, wanted)


@each_tool
def test_unknown_labels_are_errors(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    told = ("background", "ston") if tool == "coco_panoptic" else ("ston",)
    with pytest.raises(
        DataError, match=r"shapes are labelled 'stone', which is no class. Did you mean 'ston'"
    ):
        CATALOG[tool](tmp_path, classes=told, ignore=("leaf",))


@each_tool
def test_a_missing_image_is_named(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    for image in tmp_path.rglob("scene_1.*"):
        if image.suffix in {".png", ".jpg", ".tif"} and "panoptic" not in image.parent.name:
            image.unlink()
    with pytest.raises(DataError, match="scene_1"):
        CATALOG[tool](tmp_path)


@pytest.mark.parametrize("tool", sorted(TOOLS.keys() - SILENT_OF_SIZE))
def test_an_image_of_another_size_is_refused(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    (image,) = [
        p for p in tmp_path.rglob("scene_0.*") if p.suffix in {".png", ".jpg"} and "pan" not in p.parent.name
    ]
    Image.new("RGB", (30, 20)).save(image)
    with pytest.raises(DataError, match=r"\(20, 30\).*\(rows, columns\)"):
        CATALOG[tool](tmp_path)


@each_tool
def test_truncated_files_are_named_and_never_a_traceback(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    for file in _texts(tmp_path):
        whole = file.read_bytes()
        for length in range(0, len(whole), max(1, len(whole) // 3)):
            file.write_bytes(whole[:length])
            _read_or_refuse(tool, tmp_path)
        file.write_bytes(whole)


@each_tool
@pytest.mark.parametrize("most", [6, pytest.param(300, marks=pytest.mark.slow)])
def test_wrong_values_anywhere_are_named_and_never_a_traceback(tool: str, most: int, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    refused = tried = 0
    for file in _texts(tmp_path):
        whole = file.read_text()
        changed = _changed_json(whole) if file.suffix in {".json", ".geojson"} else _changed_words(whole)
        for text in random.Random(0).sample(changed, min(most, len(changed))):
            file.write_text(text)
            refused += _read_or_refuse(tool, tmp_path)
            tried += 1
        file.write_text(whole)
    assert refused > tried / 9


@pytest.mark.parametrize("tool", ["labelme_xml", "cvat", "voc_xml"])
def test_entities_and_document_types_are_refused(tool: str, tmp_path: Path) -> None:
    TOOLS[tool](tmp_path)
    file = next(tmp_path.glob("*.xml"))
    for declared in ('<!ENTITY a "b">', '<!ENTITY a SYSTEM "file:///etc/passwd">'):
        file.write_text(
            f"<!DOCTYPE x [{declared}]>{file.read_text().rpartition(']>')[2] or file.read_text()}"
        )
        with pytest.raises(DataError, match="declares a document type or entities"):
            CATALOG[tool](tmp_path)


@each_tool
def test_no_path_leads_out_of_the_folder(tool: str, tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    TOOLS[tool](inside)
    images = [p for p in inside.rglob("scene_0.*") if p.suffix in {".png", ".jpg", ".tif"}]
    for image in images:
        target = outside / f"{image.parent.name}_{image.name}"
        image.rename(target)
        image.symlink_to(target)
    with pytest.raises(
        DataError, match=r"is a link that leads out of|have no image of their name|has no image"
    ):
        CATALOG[tool](inside)


def _texts(root: Path) -> list[Path]:
    kinds = {".json", ".geojson", ".xml", ".txt", ".yaml"}
    return sorted(path for path in root.rglob("*") if path.suffix in kinds)


def _read_or_refuse(tool: str, root: Path) -> bool:
    try:
        reader = CATALOG[tool](root)
        for number in range(len(reader)):
            assert reader[number].labels is not None
    except DataError as error:
        return str(root) in str(error) or pytest.fail(f"which file? {error}")
    return False


def _changed_json(text: str) -> list[str]:
    """The content with something odd in each of its places."""
    content = json.loads(text)
    return [json.dumps(_with(content, place, value)) for place in _places(content) for value in ODD]


def _changed_words(text: str) -> list[str]:
    """The text with each of its words replaced by something odd."""
    words = sorted(set(re.split(r"[\s<>\"=;,]+", text)) - {""})
    return [text.replace(word, odd) for word in words for odd in ("", "-1", "nan", "9e99", "x")]


def _places(content: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where any value stands in JSON; of long lists of numbers, the first."""
    found = [place] if place else []
    inner = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    for key, value in inner:
        if isinstance(content, list) and isinstance(value, int | float) and key > 1:
            continue
        found += _places(value, (*place, key))
    return found


def _with(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(content)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed
