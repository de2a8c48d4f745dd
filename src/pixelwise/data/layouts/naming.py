"""What people call their folders and files: images, masks, splits, suffixes."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

IMAGE_FOLDERS = frozenset(
    {
        "image",
        "images",
        "img",
        "imgs",
        "photo",
        "photos",
        "input",
        "inputs",
        "rgb",
        "jpegimages",
        "tiles",
        "x",
    }
)
MASK_FOLDERS = frozenset(
    {"mask", "masks", "label", "labels", "labelled", "annotation", "annotations", "annot", "annots"}
    | {"gt", "groundtruth", "ground_truth", "ground_truths", "ground-truth", "target", "targets", "y"}
    | {"segmentation", "segmentations", "seg", "segs"}
)
MASK_SUFFIXES = (
    *(
        "_mask",
        "_masks",
        "_m",
        "_L",
        "_gt",
        "_GT",
        "_label",
        "_labels",
        "_seg",
        "_segmentation",
        "_annotation",
    ),
    *("_groundtruth", "_target", "_manual1", "-mask", "-label", ".mask", ".label"),
)
IMAGE_SUFFIXES = ("", "_sat", "_image", "_img", "_rgb", "_im", "-image", "_training", "_test")
SPLITS = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}
SPLIT_ORDER = ("train", "val", "test", None)

_AFFIXED_MASK = re.compile(
    r"^(.+?)(?:[_\- ]?annot(?:ations?)?|[_\- ](?:masks?|labels?|gt|segs?|segmentations?|targets?))$"
)
_AFFIXED_IMAGE = re.compile(r"^(.+?)[_\- ](?:images?|imgs?)$")


@dataclass(frozen=True, slots=True)
class Role:
    """What a folder holds, and what is left of its path without saying so.

    `images/train`, `train/images`, `train_images` and `train` all have the key `("train",)`, and so
    has the folder `trainannot` or `masks/train` that belongs to them.
    """

    kind: str  # images, masks, or plain: nothing says
    key: tuple[str, ...]


def role(parts: Sequence[str], images: str | None = None, masks: str | None = None) -> Role:
    """The role of a folder by its path below the root; given names are the only ones that count."""
    lowered = tuple(part.lower() for part in parts)
    for kind, given, usual in (("masks", masks, MASK_FOLDERS), ("images", images, IMAGE_FOLDERS)):
        start, length = _found(lowered, given, usual)
        if length:
            return Role(kind, lowered[:start] + lowered[start + length :])
    for kind, given, pattern in (("masks", masks, _AFFIXED_MASK), ("images", images, _AFFIXED_IMAGE)):
        if given is not None:
            continue
        for number, part in enumerate(lowered):
            affixed = pattern.match(part)
            if affixed:
                stem = () if affixed[1] in IMAGE_FOLDERS else (affixed[1],)
                return Role(kind, lowered[:number] + stem + lowered[number + 1 :])
    return Role("plain", lowered)


def split_of(parts: Sequence[str]) -> str | None:
    """The split that a folder's path names, as train, val or test."""
    named = [SPLITS[part.lower()] for part in parts if part.lower() in SPLITS]
    return named[0] if named else None


def splits_of(named: Sequence[str | None]) -> dict[str, tuple[int, ...]]:
    """Sample numbers by split; nothing if all samples are in one, because then they are not split."""
    found = [split for split in SPLIT_ORDER if split and split in named]
    if len(set(named)) < 2:
        return {}
    return {split: tuple(i for i, name in enumerate(named) if name == split) for split in found}


def natural(text: str) -> list[tuple[int, str]]:
    """A sort key by which 2 comes before 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text)]


def _found(lowered: tuple[str, ...], given: str | None, usual: Collection[str]) -> tuple[int, int]:
    """Where in the path the name stands, and over how many parts; (0, 0) if nowhere."""
    if given is None:
        at = [number for number, part in enumerate(lowered) if part in usual]
        return (at[0], 1) if at else (0, 0)
    wanted = tuple(given.lower().strip("/").split("/"))
    for start in range(len(lowered) - len(wanted) + 1):
        if lowered[start : start + len(wanted)] == wanted:
            return start, len(wanted)
    return 0, 0
