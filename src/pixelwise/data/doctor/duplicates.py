"""Images that are there more than once, within a split or across."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

from pixelwise.data.doctor._case import Case, Entry
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, Repair, Severity, many
from pixelwise.data.doctor._steps import LeaveOut
from pixelwise.data.likeness import alike

_PIECE = 1 << 20
_RANKS = {"test": 0, "val": 1}  # what judges is kept
_SPLIT_AGAIN = "Make splits that keep them together: pixelwise split."


def duplicates(case: Case) -> list[Finding]:
    """Equal files, images that look alike, and one mask for several images."""
    groups = [_kept_first(group) for group in _equal(case.entries)]
    labels = {entry.number: _digests(entry.masks, case) for group in groups for entry in group}
    same = [group for group in groups if len({labels[entry.number] for entry in group}) == 1]
    contrary = [group for group in groups if group not in same]
    across = [group for group in same if len({entry.split for entry in group}) > 1]
    within = [group for group in same if group not in across]
    found: list[Finding] = []
    if across:
        saying = (
            f"{many(_copies(across), 'image is', 'images are')} in a second split as well, byte for byte."
        )
        found.append(_finding(case, "duplicates across splits", "fault", saying, across, mend=True))
    if within:
        saying = (
            f"{many(_copies(within), 'image copies', 'images copy')} another in every byte; labels are equal."
        )
        found.append(_finding(case, "duplicates", "warning", saying, within, mend=True))
    if contrary:
        saying = (
            f"{many(_copies(contrary), 'image copies', 'images copy')} another in every byte; labels differ."
        )
        found.append(_finding(case, "one image, several labels", "fault", saying, contrary, mend=False))
    equal = {entry.number for group in groups for entry in group}
    return found + _near(case, equal) + _one_mask(case, equal)


def _finding(
    case: Case, title: str, severity: Severity, saying: str, groups: list[list[Entry]], *, mend: bool
) -> Finding:
    copies = [entry for group in groups for entry in group[1:]]
    steps = {path: LeaveOut() for entry in copies for path in (entry.image, *entry.masks) if path is not None}
    mend = mend and case.raw and not {path for g in groups for path in _files(g[0])} & steps.keys()
    advice = "Not repaired: which of the labels is right is yours to say. Keep one of each."
    return Finding(
        title,
        severity,
        saying,
        count=len(copies),
        files=tuple(" = ".join(_named(entry) for entry in group) for group in groups),
        examples=tuple(Example((g[0].number, g[1].number), _named(g[1])) for g in groups[:SHOWN]),
        repair=Repair("leave out the copies; those of test and val stay", steps) if mend else None,
        advice=_SPLIT_AGAIN
        if mend or "splits" in title
        else advice
        if "labels" in title
        else "Keep one of each.",
    )


def _near(case: Case, equal: set[int]) -> list[Finding]:
    """Images that look alike without being equal."""
    looked = [(entry, look) for entry in case.read_whole() if (look := case.seen[entry.number].look)]
    pairs = [(looked[a][0], looked[b][0]) for a, b in alike([look for _, look in looked]).tolist()]
    pairs = [(a, b) for a, b in pairs if not {a.number, b.number} <= equal]
    across = [(a, b) for a, b in pairs if a.split != b.split]
    found: list[Finding] = []
    for title, severity, chosen, said, advice in (
        (
            "look-alikes across splits",
            "warning",
            across,
            "are in two splits: scores may be too good",
            _SPLIT_AGAIN,
        ),
        (
            "look-alikes",
            "note",
            [pair for pair in pairs if pair not in across],
            "are in one split, or in a set without splits",
            "Nothing to do where they stay together, which drawn splits see to.",
        ),
    ):
        if chosen:
            number = len({entry.number for pair in chosen for entry in pair})
            found.append(
                Finding(
                    title,
                    "warning" if severity == "warning" else "note",
                    f"{number} images{case.of()} look nearly like another; {len(chosen)} such pairs {said}.",
                    count=number,
                    files=tuple(f"{_named(a)} ~ {_named(b)}" for a, b in chosen),
                    examples=tuple(Example((a.number, b.number), _named(b)) for a, b in chosen[:SHOWN]),
                    advice=advice,
                )
            )
    return found


def _one_mask(case: Case, equal: set[int]) -> list[Finding]:
    """One mask, not of a single number, for images that differ."""
    single = [entry for entry in case.read_whole() if len(entry.masks) == 1 and entry.number not in equal]
    rich = [entry for entry in single if len(case.seen[entry.number].counts) > 1]
    groups = _same_bytes([(entry, entry.masks[0]) for entry in rich if entry.masks[0] not in case.damaged])
    groups = [group for group in groups if len({entry.image for entry in group}) > 1]
    if not groups:
        return []
    return [
        Finding(
            "one mask for several images",
            "warning",
            f"{many(_copies(groups), 'mask copies', 'masks copy')} another in every byte; the images differ.",
            count=_copies(groups),
            files=tuple(" = ".join(_named(entry) for entry in group) for group in groups),
            examples=tuple(Example((g[0].number, g[1].number), _named(g[1])) for g in groups[:SHOWN]),
            advice="Not repaired: look whether the mask fits both images, and leave out where it does not.",
        )
    ]


def _equal(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries whose image files hold the same bytes."""
    return _same_bytes([(entry, entry.image) for entry in entries if entry.image and entry.image.is_file()])


def _same_bytes(files: Iterable[tuple[Entry, Path]]) -> list[list[Entry]]:
    """Only files of the same size are read."""
    sizes: defaultdict[int, list[tuple[Entry, Path]]] = defaultdict(list)
    for entry, path in files:
        sizes[path.stat().st_size].append((entry, path))
    equal: defaultdict[bytes, list[Entry]] = defaultdict(list)
    for same in sizes.values():
        for entry, path in same if len(same) > 1 else ():
            equal[_digest(path)].append(entry)
    return [group for group in equal.values() if len(group) > 1]


def _digests(paths: Sequence[Path], case: Case) -> tuple[bytes, ...]:
    return tuple(_digest(path) for path in paths if path not in case.damaged)


def _digest(path: Path) -> bytes:
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.digest()


def _kept_first(group: list[Entry]) -> list[Entry]:
    return sorted(group, key=lambda entry: (_RANKS.get(entry.split or "", 2), entry.number))


def _files(entry: Entry) -> tuple[Path, ...]:
    return tuple(path for path in (entry.image, *entry.masks) if path is not None)


def _named(entry: Entry) -> str:
    return f"{entry.name} ({entry.split})" if entry.split else entry.name


def _copies(groups: Sequence[Sequence[Entry]]) -> int:
    return sum(len(group) - 1 for group in groups)
