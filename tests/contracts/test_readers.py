"""What every reader keeps, whatever its name."""

import inspect
from pathlib import Path
from typing import get_type_hints

import pytest

from pixelwise.core.catalog import Catalog
from pixelwise.data.reader import Reader, Recognition
from pixelwise.data.recognise import recognise
from tests.data.readers.small import SMALL

CATALOG = Catalog("pixelwise.data.readers", "reader")
PROMISED = ("classes", "splits", "notes", "__len__", "__getitem__")

every_reader = pytest.mark.parametrize("name", CATALOG.names())


@every_reader
def test_it_has_a_small_data_set_to_be_tested_and_damaged_with(name) -> None:
    assert name in {small.reader for small in SMALL}, "draw one in tests/data/readers/small.py"


@pytest.mark.parametrize("small", SMALL, ids=str)
def test_its_small_data_set_is_its_own_and_read(small, tmp_path) -> None:
    small.draw(tmp_path)
    assert recognise(tmp_path)[0] == small.reader
    reader = CATALOG[small.reader](tmp_path, **small.options)
    assert isinstance(reader, Reader) and len(reader) > 0
    assert sorted(number for numbers in reader.splits.values() for number in numbers) in (
        [],
        [*range(len(reader))],
    )
    for index in range(len(reader)):
        sample = reader[index]
        assert sample.name and sample.labels is not None
        assert sample.labels.shape[-2:] == sample.image.shape[-2:]


@every_reader
def test_the_function_of_its_name_takes_a_root_and_checked_options(name) -> None:
    parameters = list(inspect.signature(CATALOG[name]).parameters.values())
    assert parameters[0].name == "root"
    assert all(option.kind is inspect.Parameter.KEYWORD_ONLY for option in parameters[1:])
    hints = get_type_hints(CATALOG[name], include_extras=True)
    assert all(parameter.name in hints for parameter in parameters)
    assert all(option.default is not inspect.Parameter.empty for option in parameters[1:])


@every_reader
def test_the_reader_it_returns_keeps_its_promises(name) -> None:
    made = get_type_hints(CATALOG[name])["return"]
    assert made is not Reader, "say which reader it is"
    source = inspect.getsource(made)
    assert [word for word in PROMISED if not hasattr(made, word) and f"self.{word} =" not in source] == []


@every_reader
def test_the_docstring_shows_the_layout_and_every_option(name) -> None:
    text = inspect.getdoc(CATALOG[name]) or ""
    assert "Layout:" in text and "Raises:" in text
    options = list(inspect.signature(CATALOG[name]).parameters)
    assert [option for option in options if f"{option}:" not in text] == []


@every_reader
def test_it_says_whether_it_fits_and_never_fails(name, tmp_path) -> None:
    recognise = CATALOG.module(name).recognise
    assert list(inspect.signature(recognise).parameters) == ["root"]
    (tmp_path / "readme.txt").write_text("nothing to read here\n")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "a.png").write_bytes(b"\x89PNG")
    for folder in (tmp_path, broken, tmp_path / "nowhere", tmp_path / "readme.txt", Path("/dev/null")):
        answer = recognise(folder)
        assert isinstance(answer, Recognition) and not answer.fits
        assert len(answer.reason) > 10
