"""Classes: a label contract that contradicts itself is refused, and survives being written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError

names = st.lists(st.text("abcdefgh ", min_size=1), min_size=1, max_size=40, unique=True)


@given(names=names, exclusive=st.booleans())
def test_written_and_read_is_the_same(names, exclusive) -> None:
    classes = Classes(tuple(names), exclusive=exclusive, ignored=(255,))
    assert Classes.from_dict(classes.to_dict()) == classes


@given(names=names)
def test_every_class_has_a_colour_of_its_own(names) -> None:
    assert len(set(Classes(tuple(names)).colours)) == len(names)


def test_all_contradictions_are_told_at_once() -> None:
    with pytest.raises(DataError) as error:
        Classes(("a", "a"), values=(1, 2, 3), ignored=(2,))
    text = str(error.value)
    assert "the name 'a' stands twice" in text
    assert "2 names but 3 values" in text
    assert "the value 2 is both a class and ignored" in text


def test_too_many_classes_for_a_byte_are_refused() -> None:
    with pytest.raises(DataError, match="300 classes, at most 255"):
        Classes(tuple(map(str, range(300))))


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        ({}, "'classes' must be a list"),
        ({"classes": [{"nome": "a"}]}, "class 0: .* has no name"),
        ({"classes": [{"name": "a", "color": [0, 0, 0]}]}, "unknown key 'color'"),
        ({"classes": [{"name": "a", "colour": [0, 0, 300]}]}, "colour must be three numbers"),
        ({"classes": [{"name": "a", "value": "x"}]}, "value must be a whole number"),
        ({"clases": [], "classes": ["a"]}, "unknown key 'clases'"),
    ],
)
def test_a_wrong_file_is_told_in_words(plain, told) -> None:
    with pytest.raises(DataError, match=told):
        Classes.from_dict(plain)


def test_foreground_of_binary_is_one_plane() -> None:
    plane = Classes(("background", "cell"), values=(0, 255)).foreground()
    assert plane.names == ("cell",) and plane.values == (255,) and not plane.exclusive
