"""Masks that lie beside what they show."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray

from pixelwise.core.classes import IGNORE_INDEX
from pixelwise.core.errors import DataError
from pixelwise.data.doctor._case import Case, Entry, spread
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, Repair, many
from pixelwise.data.doctor._mixtures import mended
from pixelwise.data.doctor._steps import Move
from pixelwise.data.threads import in_threads

REACH = 16  # pixels that masks are moved in each direction
_LOOKED_AT = 32
_SIDE = 768  # of the middle that is looked at
_FEWEST_IMAGES = 3
_FEWEST_EDGES = 64  # pixels
_CLEAR = 4.0  # spreads by which the best move is better than the rest
_BETTER = 1.15  # than not moving
_AGREE = 0.5  # share of the images
_TOLERANCE = 1.5  # pixels

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How well image and mask agree for each move of the mask.

    Attributes:
        entry: Whose they are.
        agreement: Mean strength of image edges under mask edges, `[2 REACH + 1, 2 REACH + 1]`, for moves of
            -REACH to REACH rows and columns; of mean 0 and spread 1.
        raw: The same before that.
    """

    entry: Entry
    agreement: Float[np.ndarray, "m m"]
    raw: Float[np.ndarray, "m m"]

    def best(self) -> tuple[int, int]:
        """The move with the best agreement."""
        return _move(self.agreement)


def shift(case: Case) -> list[Finding]:
    """One move of all masks by which their outlines fit the images clearly better.

    Outlines of masks are laid over the edges of images at every move up to 16 pixels. It is told only when
    the mean over images has one clear best move, to which at least half of the images agree, each for itself.
    """
    labelled = [entry for entry in case.read_whole() if len(case.seen[entry.number].counts) > 1]
    looked = in_threads(lambda entry: _align(case, entry), spread(labelled, _LOOKED_AT))
    found = [one for one in looked if one is not None]
    if len(found) < _FEWEST_IMAGES:
        return []
    down, right = _move(np.mean([one.agreement for one in found], axis=0))
    if max(abs(down), abs(right)) < 2:
        return []
    agreeing = [one for one in found if np.hypot(*np.subtract(one.best(), (down, right))) <= _TOLERANCE]
    if len(agreeing) < _AGREE * len(found) or not _clear(found, (down, right)):
        return []
    return [_finding(case, found, agreeing, (down, right))]


def _finding(case: Case, found: list[Alignment], agreeing: list[Alignment], move: tuple[int, int]) -> Finding:
    down, right = move
    void = case.void()
    repair = None
    if void is not None:
        steps = {mask: Move(down, right, void) for entry in case.entries for mask in entry.masks}
        said = (
            f"move all masks {_said(down, right)}; the margin that comes in is {void}, which does not count"
        )
        repair = Repair(said, steps)
    return Finding(
        "masks beside their images",
        "fault",
        f"outlines fit the images best when masks are moved {_said(down, right)}; {len(agreeing)} of "
        f"{len(found)} images looked at say so, each for itself.",
        count=len(agreeing),
        files=tuple(one.entry.name for one in agreeing),
        examples=tuple(
            Example((one.entry.number,), f"moved {_said(down, right)}", moved=move)
            for one in agreeing[:SHOWN]
        ),
        repair=repair,
        advice="Find what moved them (a crop, a resize by corners, another grid), and export again."
        if repair
        else "Not repaired: what lies outside needs a number that does not count, and there is none here.",
    )


def _align(case: Case, entry: Entry) -> Alignment | None:
    """The agreement of an entry for every move; None where there is nothing to compare."""
    try:
        image, labels = case.image_of(entry).numpy(), mended(case, entry)
    except DataError:
        return None
    if image.shape[1:] != labels.shape or min(labels.shape) <= 2 * REACH:
        return None
    top, left = (max(0, (side - _SIDE) // 2) for side in labels.shape)
    image, labels = (
        image[:3, top : top + _SIDE, left : left + _SIDE],
        labels[top : top + _SIDE, left : left + _SIDE],
    )
    edges = _outlines(labels)
    inner = np.zeros_like(edges)
    inner[REACH:-REACH, REACH:-REACH] = edges[REACH:-REACH, REACH:-REACH]
    if inner.sum() < _FEWEST_EDGES:
        return None
    strength = _strength(np.nan_to_num(image))
    spectrum = np.fft.rfft2(strength) * np.conj(np.fft.rfft2(inner.astype(np.float32)))
    agreement = np.fft.irfft2(spectrum, s=strength.shape) / inner.sum()
    moves = np.arange(-REACH, REACH + 1)
    raw = agreement[np.ix_(moves, moves)]
    spread_of = float(raw.std())
    return Alignment(entry, (raw - raw.mean()) / spread_of, raw) if spread_of > 1e-9 else None


def _outlines(labels: NDArray[np.int64]) -> Bool[np.ndarray, "h w"]:
    """Pixels on either side of an outline between two classes that count."""
    edges = np.zeros(labels.shape, np.bool_)
    for axis in (0, 1):
        first, second = np.delete(labels, -1, axis), np.delete(labels, 0, axis)
        here = (first != second) & (first != IGNORE_INDEX) & (second != IGNORE_INDEX)
        edges |= np.pad(here, [(0, 1) if a == axis else (0, 0) for a in (0, 1)])
        edges |= np.pad(here, [(1, 0) if a == axis else (0, 0) for a in (0, 1)])
    return edges


def _strength(image: Plane) -> Plane:
    """Strength of the edges of an image, the same for faint and strong ones from some strength on."""
    down, right = np.zeros(image.shape, np.float32), np.zeros(image.shape, np.float32)
    down[:, 1:-1], right[:, :, 1:-1] = image[:, 2:] - image[:, :-2], image[:, :, 2:] - image[:, :, :-2]
    strength = np.sqrt(down**2 + right**2).max(0)
    usual = np.percentile(strength, 90)
    return np.minimum(strength / usual, 2.0).astype(np.float32) if usual > 0 else strength


def _move(agreement: Float[np.ndarray, "m m"]) -> tuple[int, int]:
    row, column = np.unravel_index(int(agreement.argmax()), agreement.shape)
    return int(row) - REACH, int(column) - REACH


def _clear(found: list[Alignment], move: tuple[int, int]) -> bool:
    """Whether the mean over images has one clear peak, well above not moving."""
    mean = np.mean([one.agreement for one in found], axis=0)
    row, column = move[0] + REACH, move[1] + REACH
    far = np.ones(mean.shape, np.bool_)
    far[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4] = False
    clear = (mean[row, column] - np.median(mean[far])) / max(float(mean[far].std()), 1e-9)
    raw = np.mean([one.raw for one in found], axis=0)
    return bool(clear >= _CLEAR and raw[row, column] >= _BETTER * raw[REACH, REACH])


def _said(down: int, right: int) -> str:
    rows = f"{many(abs(down), 'row', 'rows')} {'down' if down > 0 else 'up'}"
    columns = f"{many(abs(right), 'column', 'columns')} {'right' if right > 0 else 'left'}"
    return " and ".join([rows] * bool(down) + [columns] * bool(right))
