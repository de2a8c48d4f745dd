"""Words as numbers, by hand."""

import pytest

from pixelwise.core.errors import DataError
from pixelwise.systems.language.words import Vocabulary, read_vocabulary, vocabulary, words_of

KNOWN = Vocabulary(("<pad>", "<unk>", "circle", "left", "the"), length=4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The left circle.", ["the", "left", "circle"]),
        ("  Man's hat, red ", ["man", "'", "s", "hat", ",", "red"]),
        ("left. right.", ["left", ".", "right"]),
        ("", []),
    ],
)
def test_signs_are_words_but_for_the_last_full_stop(text, words) -> None:
    assert words_of(text) == words


def test_expressions_are_filled_up_in_front() -> None:
    assert KNOWN.numbers("the left circle").tolist() == [0, 4, 3, 2]
    assert KNOWN.numbers("").tolist() == [0, 0, 0, 0]


def test_what_goes_beyond_the_length_is_not_heard() -> None:
    assert KNOWN.numbers("the the the left circle").tolist() == [4, 4, 4, 3]


def test_words_never_learnt_are_all_one() -> None:
    assert KNOWN.numbers("the purple circle").tolist() == [0, 4, 1, 2]
    assert KNOWN.known("the purple circle") == ["the", "circle"]
    assert KNOWN.unknown("the purple circle") == ["purple"]


def test_a_vocabulary_counts_its_words() -> None:
    texts = ["red circle", "Red square"]
    assert vocabulary(texts).words == ("<pad>", "<unk>", "circle", "red", "square")
    assert vocabulary(texts, least=2).words == ("<pad>", "<unk>", "red")


def test_a_file_with_a_word_a_line(tmp_path) -> None:
    path = tmp_path / "vocabulary.txt"
    path.write_text("<pad>\n<go>\n<unk>\nhut\n")
    assert read_vocabulary(path).numbers("hut").tolist() == [0] * 19 + [3]


@pytest.mark.parametrize("words", [("a", "b"), ("<pad>", "<unk>", "a", "a")])
def test_no_vocabulary_is_told_so(words) -> None:
    with pytest.raises(DataError, match="this is no vocabulary"):
        Vocabulary(words)
