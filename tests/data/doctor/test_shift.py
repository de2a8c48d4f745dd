"""Masks that lie beside what they show, and those that do not."""

import numpy as np
import pytest
from PIL import Image

from pixelwise.data.doctor._steps import Move, apply_steps
from pixelwise.data.masks.files import read_mask
from tests.data.doctor.looked import findings_of, severe
from tests.data.drawn import scene, write_image

SIZE = (96, 128)


def draw(root, move, number=6) -> None:
    for i in range(number):
        image, labels = scene(i, SIZE)
        write_image(root / "images" / f"scene_{i}.png", image)
        (root / "masks").mkdir(exist_ok=True)
        Image.fromarray(np.roll(labels, move, (0, 1))).save(root / "masks" / f"scene_{i}.png")


@pytest.mark.parametrize("move", [(3, -2), (-5, 0), (0, 9)])
def test_a_shift_of_all_masks_is_found_to_the_pixel_and_undone(move, tmp_path) -> None:
    draw(tmp_path, move)
    found = findings_of(tmp_path, reader="pairs")
    assert severe(found) == {"masks beside their images"}
    steps = found["masks beside their images"].repair.steps
    assert set(steps.values()) == {Move(-move[0], -move[1], 255)}
    path = tmp_path / "masks" / "scene_2.png"
    mended = read_mask(apply_steps(path, tmp_path / "out" / "a.png", [steps[path]])).pixels
    inner = (slice(10, -10), slice(10, -10))
    assert np.array_equal(mended[inner], scene(2, SIZE)[1][inner])
    assert (mended == 255).sum() == SIZE[0] * SIZE[1] - (SIZE[0] - abs(move[0])) * (SIZE[1] - abs(move[1]))


@pytest.mark.parametrize("move", [(0, 0), (1, 0)])
def test_masks_in_their_places_are_not_spoken_of(move, tmp_path) -> None:
    draw(tmp_path, move)
    assert severe(findings_of(tmp_path, reader="pairs")) == set()


def test_a_few_shifted_masks_are_no_shift_of_all(tmp_path) -> None:
    draw(tmp_path, (0, 0))
    draw(tmp_path, (3, -2), number=2)
    assert "masks beside their images" not in findings_of(tmp_path, reader="pairs")


def test_images_of_noise_say_nothing(tmp_path) -> None:
    draw(tmp_path, (3, -2))
    rng = np.random.default_rng(0)
    for path in (tmp_path / "images").iterdir():
        write_image(path, rng.integers(0, 255, (*SIZE, 3), dtype=np.uint8))
    assert "masks beside their images" not in findings_of(tmp_path, reader="pairs")
