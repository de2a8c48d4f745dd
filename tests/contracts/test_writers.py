"""What every writer keeps, whatever its form."""

import inspect
from pathlib import Path

import pytest

from pixelwise.core.catalog import Catalog
from pixelwise.data.writers._sheet import Speech
from pixelwise.workflows.convert import WRITERS as CATALOG
from pixelwise.workflows.convert import convert
from tests.data.writers.sources import masks

READERS = Catalog("pixelwise.data.readers", "reader").names()

pytestmark = pytest.mark.parametrize("name", CATALOG.names())


def test_the_function_of_its_name_takes_sheets_a_folder_and_a_legend(name) -> None:
    parameters = inspect.signature(CATALOG[name]).parameters
    assert list(parameters) == ["sheets", "root", "legend"]
    assert inspect.signature(CATALOG[name]).return_annotation is None


def test_it_says_what_it_can_say_and_who_reads_it(name) -> None:
    says = CATALOG.module(name).SAYS
    assert isinstance(says, Speech)
    assert says.reader in READERS


def test_the_docstring_shows_the_layout(name) -> None:
    text = inspect.getdoc(CATALOG[name]) or ""
    assert "Layout:" in text and "Args:" in text


def test_what_it_writes_is_read_without_being_named(name, tmp_path, capsys) -> None:
    masks(tmp_path / "source")
    done = convert(tmp_path / "source", tmp_path / "made", to=name)
    assert done.reader == {"name": CATALOG.module(name).SAYS.reader}
    assert f"Read it with: pixelwise train --data {tmp_path / 'made'}\n" in capsys.readouterr().err


def test_images_take_no_room_where_links_are_possible(name, tmp_path) -> None:
    masks(tmp_path / "source")
    convert(tmp_path / "source", tmp_path / "made", to=name, quiet=True)
    sources = {file.stat().st_ino for file in Path(tmp_path, "source").rglob("images/*.png")}
    assert {file.stat().st_ino for file in Path(tmp_path, "made").rglob("*.png")} >= sources
