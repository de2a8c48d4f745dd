"""Scenes of several digits: the smallest data set that needs segmentation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from annotated_types import Ge, Le, Lt
from jaxtyping import Float, Int
from torch import Tensor

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, raise_faults
from pixelwise.core.sample import Sample
from pixelwise.data.digit_scenes.idx import missing_files, read_pools
from pixelwise.data.digit_scenes.layouts import InOneGo, OneByOne
from pixelwise.data.digit_scenes.pool import FONTS, drawn_pools
from pixelwise.data.digit_scenes.scene import SIDE, Pool, Rules, paint, tight_edges
from pixelwise.data.reader import Recognition


def digits(
    root: Path | None = None,
    *,
    train: Annotated[int, Ge(1)] = 1000,
    test: Annotated[int, Ge(0)] = 200,
    size: tuple[Annotated[int, Ge(SIDE)], Annotated[int, Ge(SIDE)]] = (60, 60),
    min_digits: Annotated[int, Ge(0)] = 2,
    max_digits: Annotated[int, Ge(1)] = 4,
    num_classes: Annotated[int, Ge(1), Le(10)] = 3,
    max_overlap: Annotated[float, Ge(0), Le(1)] = 0.2,
    overlap: Literal["sum", "iou"] = "sum",
    target: Literal["grey", "binary", "box"] = "grey",
    exclusive: bool = False,
    keep_erasing: bool = False,
    bands: Literal[1, 3] = 1,
    noise: Annotated[float, Ge(0)] = 0.0,
    seed: Annotated[int, Ge(0), Lt(2**32)] = 1,
    generator: Literal["original", "modern"] = "original",
) -> "DigitScenes":
    """Several digits on a black canvas, and for each pixel how much of which digit it is (MNIST-extended).

    Digits are 28×28 pixels and lie anywhere on the canvas; where they overlap their grey levels add up
    to at most 1. The same arguments give the same scenes. With the handwritten digits of MNIST, the defaults
    are, number by number, the data set of the published tutorial. Scenes are painted when asked for; in
    memory are only the digits, and with "original" where they lie.

    Where a digit is grey, so is its plane. If every pixel above 0 is counted as true, as Keras does, even
    a prediction that equals such targets has a recall of only 0.71; count those above 0.5.

    Layout:
        Without `root` the digits are drawn by code from the fonts that matplotlib brings along. Else the
        folder holds four IDX files of unsigned bytes, packed or not, as MNIST, Fashion-MNIST and KMNIST
        are published:

            root/
            ├── train-images-idx3-ubyte.gz     60,000 digits of 28×28, 0 is background
            ├── train-labels-idx1-ubyte.gz     which digit each is
            ├── t10k-images-idx3-ubyte.gz      10,000 digits that only test scenes are made of
            └── t10k-labels-idx1-ubyte.gz

        Names with a dot (`train-images.idx3-ubyte`) are understood too.

    Args:
        root: Folder of the IDX files; None for digits drawn by code.
        train: How many scenes to train with.
        test: How many scenes to test with, made of other digits.
        size: Of the canvas (rows, columns).
        min_digits: The fewest digits in a scene.
        max_digits: The most digits in a scene. Where a digit finds no room in 1001 tries, it and those
            after it are left out.
        num_classes: Only digits below this number occur.
        max_overlap: How much two 28×28 patches may overlap.
        overlap: How that is measured: "sum" shared pixels over the sum of both areas, as the original
            does (0.5 for identical patches), "iou" over their union.
        target: What a digit adds to the plane of its class: its "grey" levels; a "binary" 0 or 1 (more
            than half grey); or 1 all over its patch, the "box".
        exclusive: Integer labels instead of planes: class 0 is background, digit d is d + 1, the digit
            placed first wins, and background is where no plane is more than 0.5.
        keep_erasing: With `exclusive`, repeat a fault of the original: a second digit of a class erases
            the first.
        bands: Bands of the image; three alike (but for the noise) for models that want colour.
        noise: Standard deviation of Gaussian noise on the image, which stays in 0..1.
        seed: What the chance starts from.
        generator: "original" draws all scenes in the original's order from the generator it used;
            "modern" draws each from its own, so that scene i does not depend on `train`, `test`.

    Raises:
        DataError: If files are missing or damaged, or the options contradict each other.

    Reference:
        LeCun, Cortes & Burges, "The MNIST database of handwritten digits", 1998; Luke Tonin, "MNIST
        Extended: A simple dataset for image segmentation and object localisation".
    """
    rules = Rules(
        size, min_digits, max_digits, num_classes, max_overlap, overlap, target, exclusive, keep_erasing
    )
    faults = _faults(rules, train, test, noise, seed)
    pools, damage = (drawn_pools(), []) if root is None else read_pools(root)
    raise_faults(DataError, "cannot make scenes of digits:", faults + damage)
    counts = (train, test)
    layouts = InOneGo(pools, counts, rules, seed) if generator == "original" else OneByOne(pools, rules, seed)
    notes = layouts.notes
    if root is None:
        drawn = f"the digits are drawn by code from {len(FONTS)} fonts, not written by hand."
        notes = (f"{drawn} Name a folder of MNIST files for handwritten ones.", *notes)
    return DigitScenes(pools, counts, rules, layouts, bands=bands, noise=noise, seed=seed, notes=notes)


class DigitScenes:
    """Scenes of digits, first those to train with, then those to test with; painted when asked for."""

    def __init__(
        self,
        pools: Sequence[Pool],
        counts: tuple[int, int],
        rules: Rules,
        layouts: InOneGo | OneByOne,
        *,
        bands: int,
        noise: float,
        seed: int,
        notes: tuple[str, ...],
    ) -> None:
        names = tuple(str(digit) for digit in range(rules.num_classes))
        self.classes = Classes(("background", *names)) if rules.exclusive else Classes(names, exclusive=False)
        train, test = counts
        self.splits = {"train": range(train)} | ({"test": range(train, train + test)} if test else {})
        self.notes = notes
        self._pools, self._counts, self._rules, self._layouts = pools, counts, rules, layouts
        self._bands, self._noise, self._seed = bands, noise, seed

    def __len__(self) -> int:
        return sum(self._counts)

    def __getitem__(self, index: int) -> Sample:
        split, number = self._address(index)
        image, planes = paint(self._layouts.scene(split, number), self._pools[split], self._rules)
        if self._bands > 1:
            image = image.repeat(self._bands, 1, 1)
        if self._noise:
            image = self._noisy(image, split, number)
        labels = _indices(planes) if self._rules.exclusive else planes
        return Sample(image, labels, f"{('train', 'test')[split]}-{number:05d}")

    def boxes(self, index: int, *, tight: bool = False) -> tuple[Int[Tensor, "n 4"], Int[Tensor, " n"]]:
        """Boxes of a scene's digits, in the order of their placing, and which digit each is.

        Args:
            index: Which scene.
            tight: Around what is drawn of each digit, not around its whole 28×28 patch.

        Returns:
            xmin, ymin, xmax, ymax in pixels, the last two exclusive; and the digits, from 0 in any case.
        """
        split, number = self._address(index)
        pool, whole = self._pools[split], (0, 0, SIDE, SIDE)
        boxes: list[tuple[int, int, int, int]] = []
        labels: list[int] = []
        for digit, x, y in self._layouts.scene(split, number):
            left, upper, right, lower = tight_edges(pool.images[digit]) if tight else whole
            boxes.append((x + left, y + upper, x + right, y + lower))
            labels.append(int(pool.labels[digit]))
        return torch.tensor(boxes, dtype=torch.int64).reshape(-1, 4), torch.tensor(labels, dtype=torch.int64)

    def _address(self, index: int) -> tuple[int, int]:
        """Split and number of a scene."""
        if not 0 <= index < len(self):
            raise IndexError(f"scene {index} of {len(self)}")
        train = self._counts[0]
        return (0, index) if index < train else (1, index - train)

    def _noisy(self, image: Float[Tensor, "c h w"], split: int, number: int) -> Float[Tensor, "c h w"]:
        random = np.random.default_rng((self._seed, split, number, 1))
        added = random.standard_normal(image.shape, np.float32) * np.float32(self._noise)
        return (image + torch.from_numpy(added)).clamp(0, 1)


def recognise(root: Path) -> Recognition:
    """Whether the folder holds the four IDX files of MNIST or one of its likes."""
    missing = missing_files(root)
    if missing:
        return Recognition(False, missing[0])
    return Recognition(True, f"{root} holds images and labels of train and t10k as IDX files, as MNIST does.")


def _indices(planes: Float[Tensor, "k h w"]) -> Int[Tensor, "h w"]:
    """Class of each pixel: 0 where no plane is more than one half."""
    most, which = planes.max(0)
    return (which + 1).where(most > 0.5, 0)


def _faults(rules: Rules, train: int, test: int, noise: float, seed: int) -> list[str]:
    low, high = rules.min_digits, rules.max_digits
    checks = (
        (train >= 1, f"train={train}: at least one scene is needed."),
        (test >= 0, f"test={test}: must not be negative."),
        (
            min(rules.size) >= SIDE,
            f"size={rules.size}: a digit of {(SIDE, SIDE)} (rows, columns) must fit in.",
        ),
        (low >= 0, f"min_digits={low}: must not be negative."),
        (high >= max(1, low), f"max_digits={high}: must be at least 1 and at least min_digits={low}."),
        (1 <= rules.num_classes <= 10, f"num_classes={rules.num_classes}: must be in 1..10."),
        (0 <= rules.max_overlap <= 1, f"max_overlap={rules.max_overlap}: must be in 0..1."),
        (noise >= 0, f"noise={noise}: must not be negative."),
        (0 <= seed < 2**32, f"seed={seed}: must be in 0..{2**32 - 1}."),
    )
    return [fault for sound, fault in checks if not sound]
