"""RefCOCO's and ReferIt's files, drawn small; and real expressions, where there are some."""

import json
import os
import pickle

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat

from pixelwise.core.errors import DataError
from pixelwise.systems.language.refer import read_generated, refer
from pixelwise.systems.language.referit import referit
from pixelwise.systems.language.referred import fitted, squared
from pixelwise.systems.language.words import vocabulary

REFS = [
    {
        "ref_id": 7,
        "ann_id": 70,
        "image_id": 1,
        "category_id": 1,
        "split": "train",
        "file_name": "a_70.jpg",
        "sentences": [
            {"sent_id": 0, "sent": "left box", "tokens": ["left", "box"]},
            {"sent_id": 1, "sent": "the box"},
        ],
    },
    {
        "ref_id": 8,
        "ann_id": 71,
        "image_id": 1,
        "split": "testA",
        "sentences": [{"sent_id": 2, "sent": "runs"}],
    },
]


@pytest.fixture
def coco(tmp_path):
    Image.fromarray(np.full((4, 6, 3), 128, np.uint8)).save(tmp_path / "a.jpg")
    instances = {
        "images": [{"id": 1, "file_name": "a.jpg", "height": 4, "width": 6}],
        "categories": [{"id": 1, "name": "box"}],
        "annotations": [
            {"id": 70, "image_id": 1, "category_id": 1, "segmentation": [[0, 1, 2, 1, 2, 3, 0, 3]]},
            # run lengths down the columns, as RefCLEF has them: the second column
            {
                "id": 71,
                "image_id": 1,
                "category_id": 1,
                "segmentation": [{"size": [4, 6], "counts": [4, 4, 16]}],
            },
        ],
    }
    (tmp_path / "instances.json").write_text(json.dumps(instances))
    return tmp_path


def write(folder, *, pickled: bool) -> None:
    if pickled:
        (folder / "refs(unc).p").write_bytes(pickle.dumps(REFS, protocol=2))
    else:
        (folder / "refs(unc).json").write_text(json.dumps(REFS))


@pytest.mark.parametrize("pickled", [True, False])
def test_each_expression_has_its_mask(coco, pickled) -> None:
    write(coco, pickled=pickled)
    found = refer(coco)
    assert [found[number].text for number in range(len(found))] == ["left box", "the box", "runs"]
    assert found.splits == {"train": [0, 1], "testA": [2]}
    box = torch.zeros(4, 6, dtype=torch.bool)
    box[1:3, :2] = True
    column = torch.zeros(4, 6, dtype=torch.bool)
    column[:, 1] = True
    assert torch.equal(found[0].mask, box) and torch.equal(found[2].mask, column)
    assert found[0].image.shape == (3, 4, 6) and len({entry.name for entry in found.entries}) == 3


def test_a_pickle_that_names_anything_is_refused_before_it_is_made(coco) -> None:
    class Evil:
        def __reduce__(self):
            return os.system, ("touch " + str(coco / "owned"),)

    (coco / "refs(unc).p").write_bytes(pickle.dumps([Evil()]))
    with pytest.raises(DataError, match="only plain values are read"):
        refer(coco)
    assert not (coco / "owned").exists()


def test_a_cut_off_pickle_is_told_so(coco) -> None:
    (coco / "refs(unc).p").write_bytes(pickle.dumps(REFS)[:-9])
    with pytest.raises(DataError, match="cannot be read"):
        refer(coco)


def test_generated_expressions_take_the_place_of_peoples(coco) -> None:
    write(coco, pickled=False)
    path = coco / "made.json"
    path.write_text(json.dumps({"predictions": [{"ref_id": 8, "sent": "a column"}]}))
    found = refer(coco, refs="unc", generated=path)
    assert [entry.text for entry in found.entries] == ["a column"]
    assert found.notes == ("1 references have no expression.",)


def test_all_unknown_annotations_are_told_at_once(coco) -> None:
    refs = [REFS[0] | {"ann_id": 1}, REFS[1] | {"image_id": 9}]
    (coco / "refs(unc).json").write_text(json.dumps(refs))
    with pytest.raises(DataError, match=r"2 references .*[\s\S]*annotation 1 .*[\s\S]*image 9"):
        refer(coco)


def test_several_files_of_references_have_to_be_chosen_from(coco) -> None:
    write(coco, pickled=True)
    (coco / "refs(google).p").write_bytes(pickle.dumps(REFS[:1]))
    with pytest.raises(DataError, match="refs="):
        refer(coco)
    assert len(refer(coco, refs="google")) == 2


def test_referit(tmp_path) -> None:
    for folder in ("images", "mask"):
        (tmp_path / folder).mkdir()
    Image.fromarray(np.zeros((3, 5), np.uint8)).save(tmp_path / "images" / "12.jpg")
    inside = np.ones((3, 5), np.uint8)
    inside[1, 2:4] = 0
    savemat(tmp_path / "mask" / "12_1.mat", {"segimg_t": inside})
    (tmp_path / "referit_query_train.json").write_text(json.dumps({"12_1": ["hut", "the hut"]}))
    found = referit(tmp_path)
    assert [entry.text for entry in found.entries] == ["hut", "the hut"] and found.splits == {"train": [0, 1]}
    assert found[1].mask.nonzero().tolist() == [[1, 2], [1, 3]]


def test_referit_tells_what_is_missing(tmp_path) -> None:
    (tmp_path / "referit_query_val.json").write_text(json.dumps({"12_1": ["hut"]}))
    with pytest.raises(DataError, match=r"12\.jpg"):
        referit(tmp_path)
    with pytest.raises(DataError, match="referit_query_train"):
        referit(tmp_path, splits=["train"])


def test_images_are_scaled_into_the_corner_of_a_square() -> None:
    square, scale = fitted(torch.ones(1, 4, 8), 16)
    assert scale == 2.0 and square.shape == (1, 16, 16)
    assert square[:, :8].min() == 1 and square[:, 8:].max() == 0


def test_masks_are_scaled_with_their_images(coco) -> None:
    write(coco, pickled=False)
    sample = squared(refer(coco)[0], 12)
    truth = torch.zeros(12, 12, dtype=torch.bool)
    truth[2:6, :4] = True
    assert torch.equal(sample.mask, truth)


@pytest.mark.real
def test_real_expressions_of_refcoco(real_data) -> None:
    made = read_generated(real_data / "refer_expressions" / "test" / "sample_expressions_testA.json")
    texts = [text for said in made.values() for text in said]
    assert len(made) == 1975 and made[47] == ["man in black"] * 2
    words = vocabulary(texts)
    assert {"left", "right", "man"} <= set(words.words)
    assert all(not words.unknown(text) for text in texts)
