"""Which samples to learn from, to choose by, and to be judged on."""

from collections.abc import Callable, Mapping, Sequence

from pixelwise.core.errors import DataError
from pixelwise.data.reader import Reader
from pixelwise.data.splits.grouping import Fits
from pixelwise.data.splits.known import Grouping
from pixelwise.data.splits.parting import fits, numbers, part, shares_of

Splits = dict[str, list[int]]
Group = Callable[[Sequence[int], Fits], Grouping]  # of these samples, so that they can be parted


def split(
    reader: Reader, *, val: float = 0.15, test: float = 0.15, seed: int = 0, group: Group | None = None
) -> tuple[Splits, list[str]]:
    """Train, val and test samples: those the data bring along, the missing ones drawn by share.

    A split that the data bring is never touched. Without any, samples are drawn at random by the
    seed alone, groups never divided. With a train split but no val, val is drawn out of train.

    Args:
        reader: The data.
        val: Share drawn for choosing the best weights. Zero sets none aside: then val is test itself,
            looked at on the way but never chosen by.
        test: Share drawn for the final score, where the data bring no split at all.
        seed: Of the drawing.
        group: Tells which of the samples to draw from belong together; None: each stands for itself. Called
            only when something is drawn.

    Returns:
        Sample numbers by split name, and one sentence for each decision that was made here.

    Raises:
        DataError: If there are too few samples to learn from one and be judged on another.
    """
    splits = {name: list(found) for name, found in reader.splits.items() if len(found)}
    notes: list[str] = []
    if not splits:
        if len(reader) < 2:
            raise DataError(
                f"{len(reader)} labelled images are too few: one to learn from and one to judge by are "
                "needed."
            )
        splits, reason = _drawn(range(len(reader)), shares_of(val, test, len(reader)), seed, group)
        notes.append(f"the data bring no splits: they were drawn at random, by seed {seed}; {reason}.")
    elif "train" in splits and "val" not in splits and val > 0:
        drawn, reason = _drawn(splits["train"], shares_of(val, 0.0, len(splits["train"])), seed + 1, group)
        splits |= drawn
        notes.append(
            f"{len(drawn['val'])} training images were set aside to choose the best weights (val); {reason}."
        )
    return completed(splits, notes), notes


def completed(splits: Splits, notes: list[str]) -> Splits:
    """The splits, checked, with val even where none was set aside; what that means is added to the notes.

    Raises:
        DataError: If there is nothing to learn from or to judge by, or a sample lies in two splits.
    """
    if "train" not in splits:
        raise DataError(
            f"the data bring the splits {', '.join(splits)} but none called train. Call one train."
        )
    if "test" not in splits and "val" not in splits:
        raise DataError("there is nothing to judge by: no val, no test. Set data.val above zero.")
    _check(splits)
    if "test" not in splits:
        notes.append("there is no test split: scores are told for val, which also chose the weights.")
    if "val" not in splits:
        splits["val"] = splits["test"]
        notes.append("no val is set aside: test is looked at on the way, and the last weights are judged.")
    return splits


def _drawn(
    pool: Sequence[int], shares: Mapping[str, float], seed: int, group: Group | None
) -> tuple[Splits, str]:
    """Some samples in parts, and how they were grouped."""
    alone = Grouping(range(len(pool)), [""] * len(pool), "none", "each image stands for itself")
    grouping = alone if group is None else group(pool, lambda found: fits(found, shares, seed))
    parts = part(grouping, shares, seed)
    reason, left = f"grouped by {grouping.rule}: {grouping.reason}", parts.count(None)
    if left:
        reason += f"; {left} images between the parts are left out"
    return {name: [pool[place] for place in places] for name, places in numbers(parts).items()}, reason


def _check(splits: Mapping[str, Sequence[int]]) -> None:
    seen: dict[int, str] = {}
    for name, found in splits.items():
        for number in found:
            if number in seen:
                raise DataError(
                    f"sample {number} lies in both {seen[number]} and {name}. Take it out of one."
                )
            seen[number] = name
