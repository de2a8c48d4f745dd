import pytest

from pixelwise.core.times import as_text, seconds_of


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("1h30m", 5400), (" 1.5H ", 5400)])
def test_reads(text, seconds) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["10", "ten minutes", "", "0s", "5x", "m10", "-3m"])
def test_refuses(text) -> None:
    with pytest.raises(ValueError, match="Write it as 90s, 10m"):
        seconds_of(text)


def test_says() -> None:
    assert [as_text(s) for s in (8.42, 200.0, 7500.0)] == ["8.4 s", "3 min 20 s", "2 h 05 min"]
