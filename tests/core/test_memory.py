"""Amounts of memory, typed and told."""

import pytest

from pixelwise.core.memory import as_text, bytes_of


@pytest.mark.parametrize(
    ("text", "amount"),
    [("8G", 8 * 2**30), ("1.5GB", 3 * 2**29), ("512m", 2**29), ("300", 300), ("2 GiB", 2**31), ("1k", 1024)],
)
def test_by_hand(text, amount) -> None:
    assert bytes_of(text) == amount


@pytest.mark.parametrize("text", ["", "G", "much", "-1G", "0G", "8 apples", "1.2.3G"])
def test_what_is_no_amount_is_refused(text) -> None:
    with pytest.raises(ValueError, match="is no amount of memory"):
        bytes_of(text)


def test_told_as_people_read_it() -> None:
    assert [as_text(amount) for amount in (2048, 340 * 2**20, 3 * 2**29, 22 * 2**30)] == [
        "2 KB", "340 MB", "1.5 GB", "22 GB",
    ]  # fmt: skip
