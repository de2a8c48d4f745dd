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
        val: Share drawn for choosing the best weights. Zero sets none aside: then val is test itself,
            looked at on the way but never chosen by.
        test: Share drawn for the final score, where the data bring no split at all.
        seed: Of the drawing.

    Returns:
        Sample numbers by split name, and one sentence for each decision that was made here.

    Raises:
        DataError: If there are too few samples to learn from one and be judged on another.
    """
    splits = {name: list(numbers) for name, numbers in reader.splits.items() if len(numbers)}
    notes: list[str] = []
    if not splits:
        splits = _drawn(len(reader), test, seed)
        notes.append(f"the data bring no splits: they were drawn at random, by seed {seed}.")
    if "train" not in splits:
        raise DataError(
            f"the data bring the splits {', '.join(splits)} but none called train. Call one train."
        )
    if "val" not in splits and val > 0:
        share = val if reader.splits else val / (1 - test)  # of what is left
        splits["train"], splits["val"] = _parted(splits["train"], share, seed + 1)
        notes.append(f"{len(splits['val'])} training images were set aside to choose the best weights (val).")
    if "test" not in splits and "val" not in splits:
        raise DataError("there is nothing to judge by: no val, no test. Set data.val above zero.")
    _check(splits)
    if "test" not in splits:
        notes.append("there is no test split: scores are told for val, which also chose the weights.")
    if "val" not in splits:
        splits["val"] = splits["test"]
        notes.append("no val is set aside: test is looked at on the way, and the last weights are judged.")
    return splits, notes


def _drawn(number: int, test: float, seed: int) -> Splits:
    if number < 2:
        raise DataError(
            f"{number} labelled images are too few: one to learn from and one to judge by are needed."
        )
    if number < 3 or not test:
        return {"train": list(range(number))}
    left, tested = _parted(list(range(number)), test, seed)
    return {"train": left, "test": tested}


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
