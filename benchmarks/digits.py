"""How long 1,000 + 200 scenes of digits take, against the published generator: python -m benchmarks.digits.

Both start from the 70,000 digits of MNIST as unsigned bytes in memory (reading the files counts for
neither), draw the pool, place the digits and paint. The published way ends with float64 arrays. Ours
paints a scene when it is asked for: timed are making the reader, asking it for every sample once (float32
tensors of image and planes), and collecting these in one tensor each. Both ways are compared number by
number.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import torch

from benchmarks._machine import MNIST, circumstances
from pixelwise.data.digit_scenes.idx import read_pools
from pixelwise.data.digit_scenes.layouts import InOneGo
from pixelwise.data.digit_scenes.scene import Pool, Rules
from pixelwise.data.readers.digits import DigitScenes
from tests.data.readers.digits_reference import extended

COUNTS = (1000, 200)
SEED = 1
RULES = Rules(
    size=(60, 60),
    min_digits=2,
    max_digits=4,
    num_classes=3,
    max_overlap=0.2,
    overlap="sum",
    target="grey",
    exclusive=False,
    keep_erasing=False,
)


def published(pools: list[Pool]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The data set as the published generator makes it."""
    return extended(
        *((pool.images, pool.labels) for pool in pools),
        COUNTS,
        seed=SEED,
        size=RULES.size,
        min_digits=RULES.min_digits,
        max_digits=RULES.max_digits,
        num_classes=RULES.num_classes,
        max_overlap=RULES.max_overlap,
        overlap=RULES.overlap,
        target_options={"box": False, "exclusive": False},
    )


def reader(pools: list[Pool]) -> DigitScenes:
    """The reader, with everything drawn and nothing painted yet."""
    layouts = InOneGo(pools, COUNTS, RULES, SEED)
    return DigitScenes(pools, COUNTS, RULES, layouts, bands=1, noise=0.0, seed=SEED, notes=())


def every_sample(pools: list[Pool]) -> None:
    """The reader, and each of its samples once."""
    for _ in reader(pools):
        pass


def collected(pools: list[Pool]) -> tuple[torch.Tensor, torch.Tensor]:
    """All images and all planes."""
    samples = reader(pools)
    images = np.empty((len(samples), 1, *RULES.size), np.float32)  # NumPy's, for its memory in huge pages
    planes = np.empty((len(samples), RULES.num_classes, *RULES.size), np.float32)
    for index, sample in enumerate(samples):
        images[index] = sample.image.numpy()
        planes[index] = sample.labels.numpy()
    return torch.from_numpy(images), torch.from_numpy(planes)


def seconds(function: Callable[[list[Pool]], Any], pools: list[Pool]) -> float:
    """How long one call takes."""
    start = perf_counter()
    function(pools)
    return perf_counter() - start


def compare(pools: list[Pool]) -> None:
    """Stop if the two ways do not give the same numbers."""
    images, planes = collected(pools)
    theirs = published(pools)
    pairs = [(images, [image for image, _ in theirs]), (planes, [target for _, target in theirs])]
    for tensor, arrays in pairs:
        expected = np.concatenate(arrays).transpose(0, 3, 1, 2).astype(np.float32)
        if not np.array_equal(tensor.numpy(), expected):
            sys.exit("the two ways give different numbers")


def main() -> None:
    """Time both in turn and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mnist", type=Path, default=MNIST)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    pools, faults = read_pools(arguments.mnist)
    if faults:
        sys.exit("\n".join(faults))
    compare(pools)
    ways = {
        "published": published,
        "reader": reader,
        "reader, every sample": every_sample,
        "reader, all collected": collected,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(arguments.runs):
        for name, way in ways.items():
            times[name].append(seconds(way, pools))
    medians = {name: median(values) for name, values in times.items()}
    print(circumstances())
    print("identical numbers: yes")
    for name, value in medians.items():
        print(f"{name:22} {value * 1e3:7.1f} ms   ratio {value / medians['published']:.3f}")


if __name__ == "__main__":
    main()
