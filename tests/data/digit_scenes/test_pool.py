"""The digits drawn by code."""

import numpy as np

from pixelwise.data.digit_scenes.pool import FONTS, _glyphs, draw_pool, drawn_pools
from pixelwise.data.digit_scenes.scene import tight_edges


def test_every_font_has_every_digit_and_all_differ() -> None:
    glyphs = _glyphs()
    assert len(glyphs) == 10 * len(FONTS)
    ink = glyphs.reshape(len(glyphs), -1).mean(1)
    assert ink.min() > 5
    assert len({glyph.tobytes() for glyph in glyphs}) == len(glyphs)


def test_labels_are_equally_frequent_and_the_same_seed_draws_the_same() -> None:
    pool = draw_pool(200, seed=5)
    assert np.bincount(pool.labels).tolist() == [20] * 10
    assert np.array_equal(pool.images, draw_pool(200, seed=5).images)
    assert not np.array_equal(pool.images, draw_pool(200, seed=6).images)


def test_digits_are_as_large_and_as_grey_as_those_of_mnist() -> None:
    """MNIST: 81 % of the pixels are 0, their mean is 33, and digits fill 20 of 28 pixels."""
    train, test = drawn_pools()
    assert len(train.labels) == 6000 and len(test.labels) == 1000
    for pool in (train, test):
        assert 0.76 < (pool.images == 0).mean() < 0.85
        assert 28 < pool.images.mean() < 42
        edges = np.array([tight_edges(digit) for digit in pool.images])
        assert 17 < (edges[:, 3] - edges[:, 1]).mean() < 23
        assert pool.images.reshape(len(pool.images), -1).max(1).min() > 150


def test_no_two_digits_are_alike() -> None:
    train, test = drawn_pools()
    drawn = [digit.tobytes() for pool in (train, test) for digit in pool.images]
    assert len(set(drawn)) == len(drawn)


def test_digits_can_be_told_apart() -> None:
    """Even by their bare pixels: the nearest digit to train with mostly has the right label."""
    train, test = drawn_pools()
    known, asked = (pool.images.reshape(len(pool.images), -1).astype(np.float32) for pool in (train, test))
    asked = asked[:300]
    distance = (known**2).sum(1) - 2 * asked @ known.T
    assert (train.labels[distance.argmin(1)] == test.labels[:300]).mean() > 0.8
