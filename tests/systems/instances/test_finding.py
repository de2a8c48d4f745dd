"""Names, boxes, matching and precision by hand, and the parts of the library by consequences."""

import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models.detection._utils import BoxCoder
from torchvision.ops import nms, roi_align, roi_pool

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import CheckpointError, DataError, RecipeError
from pixelwise.data.drawings.runs import Runs, unpack_lengths
from pixelwise.systems.instances import (
    Instances,
    detect,
    find_instances,
    instances,
    open_detector,
    semantic,
    teach,
)
from pixelwise.systems.instances.detector import Detector, keep
from pixelwise.systems.instances.entries import entry
from pixelwise.systems.instances.found import known
from pixelwise.systems.instances.judging import average_precision, judge, matches
from pixelwise.systems.instances.learning import Lesson, batches
from pixelwise.systems.instances.names import coco_names, numbers_of
from pixelwise.systems.instances.network import network_of, resnet50, small
from pixelwise.systems.instances.picture import drawn
from pixelwise.systems.instances.scenes import DIGITS, digit_scenes
from pixelwise.systems.instances.teaching import coco_scenes

DATA = Path(os.environ.get("PIXELWISE_DATA", "../shared/data"))


def things(
    *edges: tuple[int, int, int, int], labels: tuple[int, ...], scores: tuple[float, ...] = ()
) -> Instances:
    masks = torch.zeros(len(edges), 12, 16, dtype=torch.bool)
    for mask, (top, left, bottom, right) in zip(masks, edges, strict=True):
        mask[top:bottom, left:right] = True
    found = known(masks, torch.tensor(labels))
    sure = torch.tensor(scores or (1.0,) * len(edges))
    return Instances(found.boxes, masks, found.labels, tuple(map(str, labels)), sure)


def test_names_with_and_without_gaps() -> None:
    raw, contiguous = coco_names("raw"), coco_names("contiguous")
    assert len(raw) == 91 and raw[0] == contiguous[0] == "background" and raw[90] == "toothbrush"
    assert [number for number, name in enumerate(raw) if name == "N/A"] == [
        *(12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
    ]
    assert len(contiguous) == 81 and contiguous[80] == "toothbrush"
    numbers = numbers_of("contiguous")
    assert numbers[13] == 12 and numbers[90] == 80 and numbers[12] == 0
    assert all(contiguous[numbers[n]] == name for n, name in enumerate(raw) if name != "N/A")
    assert numbers_of("raw") == tuple(range(91))


def test_networks_have_the_weights_they_should() -> None:
    assert sum(each.numel() for each in small(4).parameters()) == 599_413
    with torch.device("meta"):
        assert sum(each.numel() for each in resnet50().parameters()) == 44_454_513
        frozen = network_of("resnet50_frozen", 91, 800)
    learning = [name for name, each in frozen.named_parameters() if each.requires_grad]
    assert not any("bn" in name or "layer1" in name for name in learning)
    assert any("layer2" in name for name in learning)


def test_one_mask_for_all_classes_is_the_same_in_each() -> None:
    predictor = small(4, agnostic=True).roi_heads.mask_predictor
    said = predictor(torch.randn(3, 32, 14, 14))
    assert said.shape == (3, 4, 28, 28)
    torch.testing.assert_close(said[:, 0], said[:, 3])


def test_aligned_bins_of_a_ramp_are_exact_and_pooled_ones_are_not() -> None:
    ramp = (torch.arange(16.0) + 0.5).repeat(16, 1)[None, None]  # the value at a place is its column
    box = torch.tensor([[0.0, 2.3, 4.0, 9.3, 11.0]])
    aligned = roi_align(ramp, box, 7, 1.0, 2, aligned=True)[0, 0, 0]
    torch.testing.assert_close(aligned, 2.3 + torch.arange(7) + 0.5)
    pooled = roi_pool(ramp, box, 7)[0, 0, 0]
    assert (pooled - aligned).abs().max() > 0.2


def test_boxes_survive_their_encoding() -> None:
    coder = BoxCoder((10.0, 10.0, 5.0, 5.0))
    true = torch.tensor([[3.0, 4.0, 20.0, 30.0], [0.0, 0.0, 8.0, 8.0]])
    anchors = torch.tensor([[0.0, 0.0, 16.0, 16.0], [2.0, 2.0, 14.0, 6.0]])
    decoded = coder.decode(coder.encode([true], [anchors])[0], [anchors])[:, 0]
    torch.testing.assert_close(decoded, true)


def test_of_two_boxes_that_overlap_the_surer_stays() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]])
    assert nms(boxes, torch.tensor([0.6, 0.9, 0.5]), 0.5).tolist() == [1, 2]


def test_boxes_are_rows_then_columns_and_end_behind_the_last_pixel() -> None:
    found = things((2, 5, 6, 7), labels=(3,))
    assert found.boxes.tolist() == [[2, 5, 6, 7]]
    told = entry(found, 0)
    assert told["bbox"] == [5, 2, 2, 4] and told["area"] == 8
    runs = Runs((12, 16), unpack_lengths(told["segmentation"]["counts"]), by_columns=True)
    assert (torch.from_numpy(runs.patch().mask.copy()) == found.masks[0]).all()


def test_the_surest_thing_lies_on_top() -> None:
    found = things((0, 0, 4, 4), (2, 2, 6, 6), labels=(1, 2), scores=(0.9, 0.6))
    labels = semantic(found)
    assert labels[3, 3] == 1 and labels[5, 5] == 2 and labels[8, 8] == 0
    assert semantic(things((0, 0, 4, 4), (2, 2, 6, 6), labels=(1, 2), scores=(0.5, 0.6)))[3, 3] == 2


def test_matching_by_hand() -> None:
    true = things((0, 0, 4, 4), (6, 6, 10, 10), labels=(1, 2))
    found = things(
        (0, 0, 4, 3), (0, 0, 4, 4), (6, 6, 10, 10), labels=(1, 1, 1), scores=(0.9, 0.8, 0.7)
    )  # a box three quarters right, the same thing again, and a wrong class
    assert matches(found, true) == [(0, 0, 0.75)]
    assert judge([found], [true]) == {"recall": 0.5, "precision": pytest.approx(1 / 3), "mask_iou": 0.75}


@pytest.mark.oracle
def test_average_precision_is_one_of_the_truth_and_falls_with_what_is_missed() -> None:
    true = [things((0, 0, 4, 4), (6, 6, 10, 10), labels=(1, 1)), things((1, 1, 5, 5), labels=(2,))]
    assert average_precision(true, true) == {"mask_ap": pytest.approx(1), "mask_ap50": pytest.approx(1)}
    half = [things((0, 0, 4, 4), labels=(1,), scores=(0.9,)), true[1]]
    assert average_precision(half, true)["mask_ap50"] == pytest.approx((51 / 101 + 1) / 2)  # 101 recalls
    nothing = [things(labels=()), things(labels=())]
    assert average_precision(nothing, true) == {"mask_ap": 0.0, "mask_ap50": 0.0}


def test_scenes_of_digits_have_tight_boxes_and_few_overlaps() -> None:
    for scene in digit_scenes(12, 0):
        assert 1 <= len(scene.things) <= 4 and scene.image.shape == (3, 64, 64)
        for mask, box in zip(scene.things.masks, scene.things.boxes.int().tolist(), strict=True):
            top, left, bottom, right = box
            assert (
                mask[top].any()
                and mask[bottom - 1].any()
                and mask[:, left].any()
                and mask[:, right - 1].any()
            )
            assert mask.sum() == mask[top:bottom, left:right].sum()
            assert (scene.image[0][mask] > 0.3).all()


def test_things_ride_behind_the_bands_and_come_off_as_targets() -> None:
    scenes = digit_scenes(4, 1)
    batch = next(batches(scenes, batch_size=4, seed=0))
    most = max(len(scene.things) for scene in scenes)
    assert batch.images.shape == (4, 3 + most, 64, 64)
    by_name = {scene.name: scene.things for scene in scenes}
    told: list[dict[str, torch.Tensor]] = []

    class Listening(torch.nn.Module):
        def forward(
            self, images: list[torch.Tensor], targets: list[dict[str, torch.Tensor]]
        ) -> dict[str, torch.Tensor]:
            told.extend(targets)
            return {"b": torch.tensor(2.0), "a": torch.tensor(1.0)}

    assert Lesson(Listening())(batch.images).flatten().tolist() == [1.0, 2.0]
    for name, target in zip(batch.names, told, strict=True):
        assert target["labels"].tolist() == by_name[name].labels.tolist()
        assert (target["masks"] == by_name[name].masks).all()
        assert target["boxes"][:, [1, 0, 3, 2]].tolist() == by_name[name].boxes.tolist()


def test_a_picture_shows_every_thing_in_a_colour_of_its_own() -> None:
    found = things((2, 2, 6, 6), (6, 8, 11, 14), labels=(1, 2), scores=(0.9, 0.6))
    image = torch.zeros(3, 12, 16)
    image[:, :, 15] = 1
    shown = drawn(image, found, times=8)
    assert shown.shape == (96, 128, 3)
    assert (shown[40, 40] != shown[80, 100]).any()
    assert shown[90, 4].tolist() == [0, 0, 0] and shown[90, 124].tolist() == [255, 255, 255]


def coco_folder(root: Path) -> Path:
    from PIL import Image

    (root / "train").mkdir(parents=True)
    entries = []
    for number in range(3):
        Image.new("RGB", (40, 30), (40 * number, 90, 120)).save(root / "train" / f"{number}.png")
        for part, left in enumerate((2, 20)):
            ring = [left, 4, left + 12, 4, left + 12, 16, left, 16]
            own = {"id": 2 * number + part + 1, "image_id": number, "category_id": 3 + 4 * part, "iscrowd": 0}
            entries.append(own | {"segmentation": [ring], "bbox": [left, 4, 12, 12], "area": 144})
    entries.append(
        {"id": 99, "image_id": 0, "category_id": 3, "iscrowd": 1, "bbox": [0, 20, 40, 10], "area": 400}
        | {"segmentation": {"size": [30, 40], "counts": [20, 10] + [20, 10] * 39}}
    )
    content = {
        "images": [{"id": n, "file_name": f"{n}.png", "width": 40, "height": 30} for n in range(3)],
        "categories": [{"id": 3, "name": "cup"}, {"id": 7, "name": "plate"}],
        "annotations": entries,
    }
    (root / "train" / "_annotations.coco.json").write_text(json.dumps(content))
    return root


def test_a_set_of_coco_becomes_things_without_crowds(tmp_path: Path) -> None:
    scenes, names = coco_scenes(coco_folder(tmp_path))
    assert names == ("background", "cup", "plate") and len(scenes) == 3
    assert scenes[0].things.boxes.tolist() == [[4, 2, 16, 14], [4, 20, 16, 32]]
    assert scenes[0].things.labels.tolist() == [1, 2] and scenes[0].things.masks.sum().item() == 288


def test_from_a_set_of_coco_to_files(tmp_path: Path) -> None:
    root = coco_folder(tmp_path / "set")
    file = teach(tmp_path / "run", root=root, steps=2, batch_size=2)
    found = find_instances(file.parent, [root / "train"], out=tmp_path / "out", least_score=0.05)
    assert [each.image.name for each in found] == ["0.png", "1.png", "2.png"]
    for each in found:
        assert each.labels.is_file() and each.picture.is_file()
        assert sum(each.things.values()) == len(json.loads(each.instances.read_text()))
    assert len(detect(found[0].image, file, least_score=0.05)) == sum(found[0].things.values())
    with pytest.raises(RecipeError, match=r"3 predictions are there already"):
        find_instances(file, [root / "train"], out=tmp_path / "out")


@pytest.mark.real
def test_a_real_set_of_coco_is_read(tmp_path: Path) -> None:
    root = DATA / "labelling_tools" / "roboflow_facades"
    if not root.is_dir():
        pytest.skip(f"no real data at {root}; PIXELWISE_DATA names the folder that holds it")
    scenes, names = coco_scenes(root)
    assert len(scenes) == 24 and {"background", "window", "car"} <= set(names)
    assert sum(len(scenes[number].things) for number in (0, 1)) > 20


@pytest.mark.slow
def test_weights_of_coco_begin_a_network_of_other_classes(tmp_path: Path) -> None:
    learnt = network_of("resnet50_frozen", 91, 800)
    older = {name.replace("_blocks.0.0.", "_blocks.0."): each for name, each in learnt.state_dict().items()}
    save_file(older, tmp_path / "learnt.safetensors")
    network = resnet50(5, weights=str(tmp_path / "learnt.safetensors"))
    body, deep = "backbone.body.layer4.2.conv3.weight", "roi_heads.box_head.fc6.weight"
    for name in (body, deep):
        assert (network.state_dict()[name] == learnt.state_dict()[name]).all()
    assert network.state_dict()["roi_heads.box_predictor.cls_score.weight"].shape[0] == 5
    save_file({"nothing": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="does not hold the weights"):
        resnet50(5, weights=str(tmp_path / "other.safetensors"))


def test_a_kept_detector_says_what_it_said(tmp_path: Path) -> None:
    torch.manual_seed(0)
    detector = Detector(small(len(DIGITS)).eval(), DIGITS)
    keep(tmp_path / "instances.safetensors", detector)
    image = digit_scenes(1, 0)[0].image
    before, after = (each.detect(image, least_score=0.05) for each in (detector, open_detector(tmp_path)))
    torch.testing.assert_close(before.scores, after.scores)
    assert before.names == after.names


def test_faults_are_told(tmp_path: Path) -> None:
    from pixelwise.engine.checkpoint import Checkpoint, save

    save(tmp_path / "other.safetensors", Checkpoint({"model/a": torch.zeros(1)}, {"system": "language"}))
    with pytest.raises(CheckpointError, match=r"not trained to find instances.*'language'"):
        open_detector(tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="no checkpoint"):
        open_detector(tmp_path)
    with pytest.raises(DataError):
        find_instances(tmp_path, [tmp_path / "none.png"], out=tmp_path)


def test_the_system_is_in_the_catalog_under_its_name() -> None:
    assert Catalog("pixelwise.systems", "system", folders=True)["instances"] is instances
