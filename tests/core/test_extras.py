import pytest

from pixelwise.core.errors import MissingExtraError
from pixelwise.core.extras import need


def test_a_library_that_is_there_is_given() -> None:
    assert need("json", extra="smp", noun="a test").dumps([1]) == "[1]"


def test_a_missing_library_is_told_with_what_installs_it() -> None:
    with pytest.raises(
        MissingExtraError, match=r"model 'smp' needs 'no_such_library'\. Found no such"
    ) as told:
        need("no_such_library", extra="smp", noun="model 'smp'")
    assert str(told.value).endswith("Run: pip install 'pixelwise[smp]'.")
    assert isinstance(told.value, ImportError)


def test_a_library_that_is_broken_keeps_its_own_error(tmp_path, monkeypatch) -> None:
    (tmp_path / "broken_library.py").write_text("import what_it_needs_itself\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="what_it_needs_itself"):
        need("broken_library", extra="smp", noun="a test")
