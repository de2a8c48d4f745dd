"""Which samples to learn from, to choose by, and to be judged on."""

from collections.abc import Mapping, Sequence

import torch

from pixelwise.core.errors import DataError
from pixelwise.data.loader import mixed
from pixelwise.data.reader import Reader

Splits = dict[str, list[int]]


def split(
    reader: Reader, *, val: float = 0.15, test: float = 0.15, seed: int = 0
) -> tuple[Splits, list[str]]:
    """Train, val and test samples: those the data bring along, the missing ones drawn by share.

    A split that the data bring is never touched. Without any, samples are drawn at random by the
    seed alone. With a train split but no val, val is drawn out of train.

    Args:
        reader: The data.
        val: Share drawn for choosing the best weights.
        test: Share drawn for the final score, where the data bring no split at all.
        seed: Of the drawing.

    Returns:
        Sample numbers by split name, and one sentence for each decision that was made here.

    Raises:
        DataError: If there are too few samples to learn from one and be judged on another.
    """
    brought = {name: list(numbers) for name, numbers in reader.splits.items() if len(numbers)}
    if not brought:
        return _drawn(len(reader), val, test, seed)
    notes: list[str] = []
    if "train" not in brought:
        raise DataError(
            f"the data bring the splits {', '.join(brought)} but none called train. Name one of them train."
        )
    if "val" not in brought:
        brought["train"], brought["val"] = _parted(brought["train"], val, seed)
        told = f"{len(brought['val'])} of the training images were set aside to choose the best weights (val)"
        notes.append(f"the data bring no val split: {told}.")
    if "test" not in brought:
        notes.append("the data bring no test split: scores are told for val, which also chose the weights.")
    _check(brought)
    return brought, notes


def _drawn(number: int, val: float, test: float, seed: int) -> tuple[Splits, list[str]]:
    if number < 2:
        raise DataError(
            f"{number} labelled images are too few: one to learn from and one to judge by are needed."
        )
    rest, tested = _parted(list(range(number)), test, seed) if number >= 3 else (list(range(number)), [])
    train, chosen = _parted(rest, val / (1 - test), seed + 1)
    splits = {"train": train, "val": chosen, "test": tested}
    told = ", ".join(f"{len(numbers)} {name}" for name, numbers in splits.items() if numbers)
    return {n: s for n, s in splits.items() if s}, [
        f"the data bring no splits: drawn at random by seed {seed}: {told}."
    ]


def _parted(numbers: Sequence[int], share: float, seed: int) -> tuple[list[int], list[int]]:
    """What is left, and the drawn share (at least one, never all); both in their first order."""
    rng = torch.Generator().manual_seed(mixed(seed, len(numbers), 2))
    most = len(numbers) - 1
    chosen = set(
        torch.randperm(len(numbers), generator=rng)[: min(most, max(1, round(share * len(numbers))))].tolist()
    )
    left = [number for place, number in enumerate(numbers) if place not in chosen]
    return left, [number for place, number in enumerate(numbers) if place in chosen]


def _check(splits: Mapping[str, Sequence[int]]) -> None:
    seen: dict[int, str] = {}
    for name, numbers in splits.items():
        for number in numbers:
            if number in seen:
                raise DataError(
                    f"sample {number} lies in both {seen[number]} and {name}. Take it out of one."
                )
            seen[number] = name
