"""Whatever is wrong with a file: an error that names it, in little memory and time, never a traceback.

`make fuzz` tries many more faults, and others each time.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from tests.data.drawn import write_tiff
from tests.data.readers.small import SMALL, Small
from tests.properties._mutations import SECRET, Mutation, apply, mutations, restore
from tests.properties._reading import read

TRIES = int(os.environ.get("PIXELWISE_FUZZ", "0"))  # per data set; 0: the 2,000 of every day, the same ones
EVERY_DAY = 2000 // (len(SMALL) - 2)  # the writers of two may not be installed

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # it speaks of damage before it raises


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that no data set may look into, with pictures to be put where they do not belong."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_text(f"{SECRET} 1 1 1\n[{SECRET}]\n")
    grey = np.arange(56 * 40, dtype=np.uint16).reshape(40, 56)
    for mode in ("1", "L", "P", "RGBA", "CMYK", "I;16"):
        name = f"other_{mode.replace(';', '')}.{'jpg' if mode == 'CMYK' else 'png'}"
        picture = Image.fromarray(grey if mode == "I;16" else (grey % 7).astype(np.uint8))
        (picture if mode == "I;16" else picture.convert(mode)).save(folder / name)
    Image.new("RGB", (3, 1), (1, 2, 3)).save(folder / "other.png")
    Image.new("L", (1, 70000)).save(folder / "other_long.png")
    write_tiff(folder / "other.tif", np.full((40, 56), np.nan, np.float64))
    np.save(folder / "other.npy", np.zeros((0, 3), complex))
    return folder


@pytest.mark.parametrize("small", SMALL, ids=str)
def test_a_damaged_file_is_named_or_read_soundly(small: Small, tmp_path: Path, outside: Path) -> None:
    root = tmp_path / "data"
    root.mkdir()
    small.draw(root)
    contents = {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    refused: list[str] = []

    @settings(
        max_examples=TRIES or EVERY_DAY,
        derandomize=not TRIES,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutations())
    def damage(mutation: Mutation) -> None:
        try:
            done = apply(mutation, [*contents], outside)
            told = read(small, root)
            assert not told or str(root) in told, f"{done}: which file? {told}"
            assert SECRET not in told, f"{done}: {told}"
            refused.append(told)
        finally:
            restore(root, contents)

    assert read(small, root) == ""
    damage()
    assert sum(map(bool, refused)) > len(refused) / 4, "the faults are too mild to be noticed"
