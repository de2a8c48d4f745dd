import numpy as np
import pytest
import torch
from PIL import Image

from pixelwise.core.errors import DataError
from pixelwise.engine.budget import Steps
from pixelwise.workflows.streets import open_streets
from pixelwise.workflows.teach import MASKS


def frames(root, splits: dict[str, int]):
    """A folder like SegNet's CamVid: the upper half sky, the lower half road."""
    for split, number in splits.items():
        for index in range(number):
            for folder, high in ((split, (200, 60)), (f"{split}annot", (0, 3))):
                values = np.repeat(np.array(high, np.uint8), 36)[:, None].repeat(96, 1)
                (root / folder).mkdir(exist_ok=True)
                picture = Image.fromarray(values).convert("RGB" if folder == split else "L")
                picture.save(root / folder / f"0001TP_{split}{index:03d}.png")
    return root


def test_frames_and_masks_are_brought_to_one_size(tmp_path) -> None:
    streets = open_streets(frames(tmp_path, {"train": 2, "test": 1}))
    store = streets.store("train", lambda sample: (sample.labels == 3).long())
    assert store.sizes == [(120, 160)] * 2
    assert store[0].labels.unique(return_counts=True)[1].tolist() == [60 * 160] * 2
    assert len(streets.reader.classes) == 11


def test_a_network_is_taught_and_scored(tmp_path) -> None:
    streets = open_streets(frames(tmp_path, {"train": 8, "test": 1}))
    streets = type(streets)(streets.reader, torch.device("cpu"), (24, 32))
    model = streets.learned(streets.store("train"), MASKS, Steps(2), seed=0)
    assert 0 <= streets.score(model, streets.store("test")) <= 1


def test_a_folder_without_test_frames_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match=r"names no frames for test\. Found train, val\. Add the lists"):
        open_streets(frames(tmp_path, {"train": 2, "val": 1}))
