"""Which digits a scene holds and where they lie, drawn by chance."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from jaxtyping import Int

from pixelwise.core.errors import DataError
from pixelwise.data.digit_scenes.scene import SIDE, Placed, Pool, Rules

_AREA = SIDE * SIDE
_TRIES = 1001  # to find room for one digit; then the scene is left as it is
_WORDS = 2**32

# How much two patches overlap, by the pixels they share. The first is the original's.
_OVERLAP: dict[str, Callable[[int], float]] = {
    "sum": lambda shared: shared / (_AREA + _AREA),
    "iou": lambda shared: shared / (_AREA + _AREA - shared),
}


class InOneGo:
    """All scenes from one legacy NumPy generator, each number drawn in the original's order.

    First the digits of the two pools, with repetition, as many as there are; then the scenes to train
    with; then the scenes to test with.
    """

    def __init__(self, pools: Sequence[Pool], counts: Sequence[int], rules: Rules, seed: int) -> None:
        random = np.random.RandomState(seed)
        kept = [_kept(pool, rules, random.randint(len(pool.labels), size=len(pool.labels))) for pool in pools]
        dice = Dice(lambda: random.randint(_WORDS, size=4096, dtype=np.uint32).tolist())
        layouts = [_all(dice, indices, count, rules) for indices, count in zip(kept, counts, strict=True)]
        self._placed = [placed for placed, _, _ in layouts]
        self._ends = [ends for _, ends, _ in layouts]
        short = sum(fewer for _, _, fewer in layouts)
        note = f"{short} of {sum(counts)} scenes hold fewer digits than drawn for them: no room was left."
        self.notes: tuple[str, ...] = (note,) if short else ()

    def scene(self, split: int, number: int) -> list[Placed]:
        """The digits of one scene, in the order of their placing."""
        ends = self._ends[split]
        rows = self._placed[split][ends[number] : ends[number + 1]]
        return [Placed._make(row) for row in rows.tolist()]


class OneByOne:
    """Each scene from a generator of its own: scene i is the same however many scenes are asked for."""

    notes: tuple[str, ...] = ()  # lost digits are not known before each scene is drawn

    def __init__(self, pools: Sequence[Pool], rules: Rules, seed: int) -> None:
        self._kept = [_kept(pool, rules, np.arange(len(pool.labels))) for pool in pools]
        self._rules, self._seed = rules, seed
        self._most = _most_shared(rules)

    def scene(self, split: int, number: int) -> list[Placed]:
        """The digits of one scene, in the order of their placing."""
        rules, kept = self._rules, self._kept[split]
        random = np.random.default_rng((self._seed, split, number))
        dice = Dice(lambda: random.integers(_WORDS, size=64, dtype=np.uint32).tolist())
        wanted = rules.min_digits + dice.below(rules.max_digits - rules.min_digits + 1)
        placed = _place(dice, wanted, len(kept), rules, self._most)
        return [Placed(int(kept[index]), x, y) for index, x, y in placed]


class Dice:
    """Whole numbers from random 32-bit words, taken just as NumPy's legacy `randint` takes them.

    It keeps as many low bits of a word as `limit - 1` has, and goes on to the next word while that is
    too much. With words fetched in bulk, a number costs a tenth of a call of `randint`.
    """

    def __init__(self, more: Callable[[], list[int]]) -> None:
        self._next = _flow(more).__next__

    def below(self, limit: int) -> int:
        """A number in 0 .. limit - 1; where there is no choice no word is used."""
        if limit == 1:
            return 0
        mask = (1 << (limit - 1).bit_length()) - 1
        while (number := self._next() & mask) >= limit:
            pass
        return number


def _flow(more: Callable[[], list[int]]) -> Iterator[int]:
    while True:
        yield from more()


def _kept(pool: Pool, rules: Rules, indices: Int[np.ndarray, " n"]) -> Int[np.ndarray, " m"]:
    """Those numbers of the pool whose digits are among the classes."""
    kept = indices[pool.labels[indices] < rules.num_classes]
    if not len(kept):
        raise DataError(
            f"no digits to place. Of {len(indices)} digits none is below {rules.num_classes}. "
            f"Ask for more classes with num_classes, or give a larger pool."
        )
    return kept


def _all(
    dice: Dice, kept: Int[np.ndarray, " m"], count: int, rules: Rules
) -> tuple[Int[np.ndarray, "n 3"], list[int], int]:
    """The digits of `count` scenes in one table, where each scene ends, how many scenes lack digits."""
    most = _most_shared(rules)
    table: list[tuple[int, int, int]] = []
    ends, fewer = [0], 0
    for _ in range(count):
        wanted = rules.min_digits + dice.below(rules.max_digits - rules.min_digits + 1)
        scene = _place(dice, wanted, len(kept), rules, most)
        fewer += len(scene) < wanted
        table += scene
        ends.append(len(table))
    placed = np.array(table, np.int32).reshape(-1, 3)
    placed[:, 0] = kept[placed[:, 0]]
    return placed, ends, fewer


def _most_shared(rules: Rules) -> int:
    """The most pixels two patches may share."""
    overlap = _OVERLAP[rules.overlap]
    return max(shared for shared in range(_AREA + 1) if overlap(shared) <= rules.max_overlap)


def _place(dice: Dice, wanted: int, choices: int, rules: Rules, most: int) -> list[tuple[int, int, int]]:
    """Which of the digits, and the left and upper edge of each; fewer than wanted where room ends."""
    limit_x, limit_y = rules.size[1] - SIDE + 1, rules.size[0] - SIDE + 1
    below = dice.below
    placed: list[tuple[int, int, int]] = []
    for index in [below(choices) for _ in range(wanted)]:
        for _ in range(_TRIES):
            x, y = below(limit_x), below(limit_y)
            if _has_room(x, y, placed, most):
                placed.append((index, x, y))
                break
        else:
            return placed
    return placed


def _has_room(x: int, y: int, placed: list[tuple[int, int, int]], most: int) -> bool:
    """Whether a patch at this corner shares no more pixels than `most` with any other."""
    for _, left, upper in placed:
        across, down = SIDE - abs(x - left), SIDE - abs(y - upper)
        if across > 0 and down > 0 and across * down > most:
            return False
    return True
