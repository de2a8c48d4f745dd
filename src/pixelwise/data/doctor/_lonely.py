"""Images without a mask, and masks without an image, in folders where others have theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pixelwise.data.layouts.known import Pair, Parts
from pixelwise.data.layouts.naming import split_of


@dataclass(frozen=True, slots=True)
class Lonely:
    """Files whose partner is missing."""

    images: tuple[Path, ...] = ()
    masks: tuple[Path, ...] = ()

    def without(self, files: Sequence[Path]) -> list[Path]:
        """The files that are not lonely."""
        left_out = {*self.images, *self.masks}
        return [file for file in files if file not in left_out]


def lonely_files(root: Path, files: Mapping[Parts, Sequence[Path]], pairs: Sequence[Pair]) -> Lonely:
    """Unpaired files in the folders of paired ones; test images may have no mask, twins are not alone."""
    image_homes, mask_homes = {pair.image.parent for pair in pairs}, {pair.mask.parent for pair in pairs}
    twins = {file.parent / file.stem for pair in pairs for file in (pair.image, pair.mask)}
    endings = {pair.mask.stem.removeprefix(pair.image.stem) for pair in pairs if _one_folder(pair)}
    kinds = {pair.mask.suffix for pair in pairs if _one_folder(pair)}
    images: list[Path] = []
    masks: list[Path] = []
    for file in (file for here in files.values() for file in here):
        if file.parent / file.stem in twins:
            continue
        mask = file.parent in mask_homes
        if mask and file.parent in image_homes:
            mask = any(file.stem.endswith(e) for e in endings) if endings - {""} else file.suffix in kinds
        if mask:
            masks.append(file)
        elif file.parent in image_homes and split_of(file.relative_to(root).parts[:-1]) != "test":
            images.append(file)
    return Lonely(tuple(images), tuple(masks))


def _one_folder(pair: Pair) -> bool:
    return pair.image.parent == pair.mask.parent
