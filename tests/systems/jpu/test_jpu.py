"""Sizes, weights and work of the networks, scenes, and what a pyramid learns that stride 32 cannot."""

import pytest
import torch

from pixelwise.core.catalog import Catalog
from pixelwise.models.fastfcn import JointPyramid
from pixelwise.systems.jpu import jpu
from pixelwise.systems.jpu.cost import multiply_adds, seconds, share
from pixelwise.systems.jpu.experiment import stores, taught
from pixelwise.systems.jpu.network import KINDS, Stages, features, small, whole
from pixelwise.systems.jpu.scenes import CLASSES, FineScenes
from pixelwise.workflows.teach import score


def parameters(module: torch.nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())


def test_the_pyramid_has_as_many_weights_as_the_formula_says() -> None:
    with torch.device("meta"):
        assert parameters(JointPyramid((512, 1024, 2048), 512)) == 19_735_552
    pyramid = JointPyramid((64, 128, 256), 64)
    assert parameters(pyramid) == 316_544
    maps = [torch.randn(2, channels, side, side) for channels, side in ((64, 12), (128, 6), (256, 3))]
    assert pyramid(maps).shape == (2, 4 * 64, 12, 12)


def test_dilated_stages_keep_stride_8_and_the_weights_of_halving_ones() -> None:
    images = torch.randn(1, 3, 96, 96)
    halving, dilated = Stages(dilated=False), Stages(dilated=True)
    assert [features.shape[-1] for features in halving(images)] == [24, 12, 6, 3]
    assert [features.shape[-1] for features in dilated(images)] == [24, 12, 12, 12]
    assert parameters(halving) == parameters(dilated)


def test_heads_are_alike_in_all_three() -> None:
    heads = [small(kind, 4) for kind in KINDS]
    sizes = [
        parameters(net.head if kind == "joined" else net.decoder)
        for kind, net in zip(KINDS, heads, strict=True)
    ]
    assert sizes[0] == sizes[1] == sizes[2]
    for net in heads:
        assert net(torch.randn(2, 3, 96, 96)).shape == (2, 4, 96, 96)


def test_work_of_one_convolution_by_hand() -> None:
    with torch.device("meta"):
        layer = torch.nn.Conv2d(3, 8, 3, padding=1)
    assert multiply_adds(layer) == 3 * 8 * 9 * 512 * 512 / 1e9


def test_at_the_width_of_resnets_joined_stages_take_less_than_seven_tenths_of_the_work() -> None:
    with torch.device("meta"):
        work = {kind: multiply_adds(features(kind)) for kind in KINDS}
        deeper = {kind: multiply_adds(whole(kind, 21, architecture="resnet101")) for kind in KINDS}
    assert work["joined"] < 0.7 * work["dilated"] and work["stride 32"] < work["joined"]
    assert deeper["joined"] < 0.7 * deeper["dilated"]


def test_networks_are_timed_in_turn() -> None:
    told = seconds({"one": torch.nn.Conv2d(3, 1, 1), "other": torch.nn.Conv2d(3, 1, 1)}, times=2)
    assert {name: len(each) for name, each in told.items()} == {"one": 2, "other": 2}
    assert share((1.0, 2.0, 9.0), (2.0, 2.0, 3.0)) == 1.0


def test_scenes_are_functions_of_their_number_and_show_every_class() -> None:
    scenes = FineScenes(6, 2, seed=3)
    assert len(scenes) == 8 and list(scenes.splits["test"]) == [6, 7]
    torch.testing.assert_close(scenes[2].image, FineScenes(6, 2, seed=3)[2].image)
    shown = torch.stack([scenes[number].labels for number in range(8)])
    assert shown.unique().tolist() == list(range(len(CLASSES)))
    with pytest.raises(IndexError):
        scenes[8]


@pytest.mark.slow
def test_a_pyramid_learns_what_stride_32_cannot() -> None:
    train, test = stores(0)
    joined, coarse = (score(taught(kind, train, steps=160, seed=0), test) for kind in ("joined", "stride 32"))
    assert joined > coarse + 0.08


def test_the_system_is_in_the_catalog_under_its_name() -> None:
    assert Catalog("pixelwise.systems", "system", folders=True)["jpu"] is jpu
