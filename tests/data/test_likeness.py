"""Near-duplicates: found whatever was done to a copy, and nothing else; all pairs, without comparing all."""

from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from pixelwise.data.images import read_image
from pixelwise.data.likeness import alike, look, near_codes

from .drawn import scene


def picture(number: int) -> torch.Tensor:
    """Smooth patches, as in a photograph."""
    rng = torch.Generator().manual_seed(number)
    return F.interpolate(torch.rand(1, 3, 7, 9, generator=rng), (120, 160), mode="bicubic")[0].clamp(0, 1)


def noisy(image: torch.Tensor) -> torch.Tensor:
    return (image + 0.02 * torch.randn(image.shape, generator=torch.Generator().manual_seed(1))).clamp(0, 1)


COPIES = {
    "the same": lambda image: image.clone(),
    "smaller": lambda image: F.interpolate(image[None], (60, 80), mode="area")[0],
    "larger": lambda image: F.interpolate(image[None], (300, 400), mode="bilinear")[0],
    "darker": lambda image: image * 0.7,
    "less contrast": lambda image: 0.3 + 0.4 * image,
    "noisy": noisy,
    "cut by two pixels": lambda image: image[:, 2:, 2:],
}


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES.keys())
def test_copies_are_found_and_others_are_not(change) -> None:
    images = [picture(number) for number in range(12)]
    found = alike([look(image) for image in [*images, change(images[5])]])
    assert found.tolist() == [[5, 12]]


def test_mirrored_and_other_drawn_scenes_are_not_alike() -> None:
    images = [torch.from_numpy(scene(number, (80, 96))[0]).permute(2, 0, 1) / 255 for number in range(40)]
    assert not len(alike([look(image) for image in [*images, *(image.flip(-1) for image in images)]]))


def test_images_without_contrast_are_like_no_other() -> None:
    flat = [torch.zeros(3, 40, 40), torch.ones(3, 40, 40), torch.full((3, 40, 40), 0.5)]
    assert all(look(image).flat for image in flat)
    assert not len(alike([look(image) for image in [*flat, *flat]]))
    assert not look(picture(0) * 0.05).flat  # dark is not flat


def test_many_copies_of_one_image_are_paired_with_the_first() -> None:
    looks = [look(picture(0))] * 3000
    assert alike(looks).tolist() == [[0, number] for number in range(1, 3000)]


@given(seed=st.integers(0, 2**16), number=st.integers(0, 60), flips=st.integers(0, 12))
def test_all_near_codes_are_found_as_by_comparing_all(seed, number, flips) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 2**64, number, dtype=np.uint64)
    for copy in range(number // 2):  # near ones do not occur by chance
        bits = rng.choice(64, flips, replace=False)
        codes[number - 1 - copy] = codes[copy] ^ np.uint64(sum(1 << int(bit) for bit in bits))
    slow = [
        [a, b] for a, b in combinations(range(number), 2) if (int(codes[a]) ^ int(codes[b])).bit_count() <= 7
    ]
    assert near_codes(codes).tolist() == slow


@pytest.mark.real
def test_frames_of_videos_are_alike_only_within_their_video(real_data) -> None:
    files = sorted((real_data / "camvid" / "train").glob("*.jpg"))
    pairs = alike([look(read_image(file)) for file in files])
    videos = [file.name.split("_")[0] for file in files]
    assert len(pairs) > 50 and all(videos[a] == videos[b] for a, b in pairs)
