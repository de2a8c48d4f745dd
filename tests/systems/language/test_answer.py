"""A network kept in a file and asked again."""

import numpy as np
import pytest
import torch
from PIL import Image

from pixelwise.core.errors import CheckpointError, DataError, RecipeError
from pixelwise.engine.checkpoint import Checkpoint, save
from pixelwise.systems.language.answer import FILE, Answering, drawn, find_meant, keep, open_answering
from pixelwise.systems.language.network import small
from pixelwise.systems.language.scenes import draw
from pixelwise.systems.language.teaching import teach
from pixelwise.systems.language.words import vocabulary


@pytest.fixture
def answering():
    words = vocabulary(["left red circle"], length=4)
    net = small(3, len(words), length=4, head="pointwise").eval()
    return Answering(net, words, 16, options={"head": "pointwise"})


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)).save(path)
    return path


def test_what_is_kept_answers_the_same(answering, tmp_path) -> None:
    keep(tmp_path / FILE, answering)
    opened = open_answering(tmp_path)
    image = draw(1, 0)[0].image
    assert opened.words == answering.words and opened.size == 16
    for text in ("red circle", "left"):
        assert torch.equal(opened.mask(image, text), answering.mask(image, text))


def test_masks_have_the_size_of_their_images(answering) -> None:
    assert answering.mask(torch.rand(3, 21, 40), "left circle").shape == (21, 40)


def test_labels_and_a_picture_for_each_image(answering, photo, tmp_path) -> None:
    keep(tmp_path / FILE, answering)
    (done,) = find_meant(tmp_path, [photo], "the left circle", out=tmp_path / "out")
    labels = np.array(Image.open(done.labels))
    assert labels.shape == (20, 30) and done.share == pytest.approx(labels.mean())
    assert done.unknown == ("the",) and done.overlay.is_file()
    with pytest.raises(RecipeError, match="are there already"):
        find_meant(tmp_path, [photo], "left", out=tmp_path / "out")
    assert find_meant(tmp_path, [photo], "left", out=tmp_path / "out", overwrite=True)[0].text == "left"


def test_words_never_learnt_are_not_guessed_at(answering, photo, tmp_path) -> None:
    keep(tmp_path / FILE, answering)
    with pytest.raises(DataError, match=r"no word of 'purple elephant' was learnt.*circle"):
        find_meant(tmp_path, [photo], "purple elephant", out=tmp_path / "out")


def test_damaged_images_are_told_after_the_others_are_done(answering, photo, tmp_path) -> None:
    keep(tmp_path / FILE, answering)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"\x89PNG")
    with pytest.raises(DataError, match="1 images done, 1 could not be"):
        find_meant(tmp_path, [photo, bad], "left", out=tmp_path / "out")
    assert (tmp_path / "out" / "labels" / "photo.png").is_file()


def test_runs_of_other_kinds_are_refused(tmp_path) -> None:
    save(tmp_path / FILE, Checkpoint({"model/a": torch.zeros(1)}, {"system": "hierarchy"}))
    with pytest.raises(CheckpointError, match="'hierarchy'"):
        open_answering(tmp_path)
    with pytest.raises(CheckpointError, match="no checkpoint"):
        open_answering(tmp_path / "nowhere")


def test_a_run_is_taught_kept_and_asked(photo, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("pixelwise.systems.language.teaching._DRAWN", 40)
    file = teach(tmp_path / "run", steps=2)
    assert file.is_file()
    (done,) = find_meant(tmp_path / "run", [photo], "left circle", out=tmp_path / "out")
    assert 0 <= done.share <= 1


def test_the_picture_says_what_was_asked() -> None:
    mask = torch.zeros(48, 48, dtype=torch.bool)
    with_words, without = (drawn(torch.zeros(3, 48, 48), mask, text) for text in ("left circle", ""))
    assert with_words.size == without.size
    assert with_words.tobytes() != without.tobytes()
