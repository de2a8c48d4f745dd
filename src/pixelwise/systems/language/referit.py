"""ReferIt, in the files of the paper's authors."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from pixelwise.core.errors import DataError, raise_faults
from pixelwise.data.drawings.gallery import Gallery, files_below
from pixelwise.data.drawings.plain import Plain, read_json
from pixelwise.data.published.matlab import read_matlab
from pixelwise.systems.language.referred import Entry, Referred

_QUERY = "referit_query_"
_MASK = "segimg_t"


def referit(root: Path, *, splits: Sequence[str] = ("train", "val", "test")) -> Referred:
    """Expressions of the ReferIt game about regions of photographs of IAPR TC-12.

    Layout:
        Below `root`, wherever they lie::

            referit_query_train.json   {"8756_2": ["hut", "the hut on the left"]}      (val, test alike)
            images/8756.jpg
            mask/8756_2.mat            MATLAB 5, `segimg_t` is 0 where the region is

    Args:
        root: Folder that holds everything.
        splits: Which files of expressions to read.

    Raises:
        DataError: Telling everything that is missing or damaged.
    """
    queries = [file for file in files_below(root, ".json") if file.stem in {_QUERY + s for s in splits}]
    if not queries:
        raise DataError(
            f"{root} has no expressions of ReferIt. Looked for {_QUERY}{splits[0]}.json. Give the folder "
            "that has it."
        )
    images, masks = Gallery(root), Gallery(root, (".mat",))
    entries: list[Entry] = []
    faults: list[str] = []
    for query in queries:
        content = read_json(query)
        for region in content.names():
            try:
                entries += _entries(content, region, images, masks)
            except DataError as error:
                faults.append(str(error))
    raise_faults(DataError, f"{len(faults)} regions of {root} cannot be used:", faults)
    return Referred(entries)


def _entries(content: Plain, region: str, images: Gallery, masks: Gallery) -> list[Entry]:
    image = images.find(f"{region.partition('_')[0]}.jpg", content.file)
    mask = partial(_mask, masks.find(f"{region}.mat", content.file))
    split = content.file.stem.removeprefix(_QUERY)
    texts = [text.text() for text in content[region].items()]
    return [Entry(image, text, mask, f"{region}-{place}", split) for place, text in enumerate(texts)]


def _mask(path: Path) -> Bool[np.ndarray, "h w"]:
    found = read_matlab(path).get(_MASK)
    if not isinstance(found, np.ndarray) or found.ndim != 2:
        raise DataError(f"{path} holds no {_MASK!r} of rows and columns. Replace the file.")
    return found == 0
