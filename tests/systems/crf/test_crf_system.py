"""The parts of DeepLab by hand, and what they are worth on one seed."""

import pytest
import torch
from torch.nn import functional as F

from pixelwise.core.catalog import Catalog
from pixelwise.engine.crf_search import mean_iou_with, scores_with
from pixelwise.models.deeplab_v2 import deeplab_v2
from pixelwise.systems.crf import crf
from pixelwise.systems.crf.blurred import blurred, smooth
from pixelwise.systems.crf.experiment import SETTINGS
from pixelwise.systems.crf.learning import asked, taught
from pixelwise.systems.crf.network import ASPP, ATROUS, STRIDED, network, with_holes
from pixelwise.systems.crf.shapes import SIZE, batches, shapes


@pytest.mark.parametrize("rate", [1, 2, 3])
def test_a_dilated_convolution_is_an_ordinary_one_whose_kernel_has_holes(rate: int) -> None:
    chance = torch.Generator().manual_seed(rate)
    images = torch.randn(1, 3, 12, 14, generator=chance)
    kernel = torch.randn(5, 3, 3, 3, generator=chance)
    dilated = F.conv2d(images, kernel, dilation=rate, padding=rate)
    torch.testing.assert_close(dilated, F.conv2d(images, with_holes(kernel, rate), padding=rate))


def test_holes_instead_of_a_stride_give_what_shifted_strides_give() -> None:
    """Every place of the atrous map is a place of the strided map of the image shifted by its remainder."""
    torch.manual_seed(0)
    images = torch.randn(1, 3, 16, 16)
    first, second = torch.randn(4, 3, 1, 1), torch.randn(2, 4, 3, 3)
    atrous = F.conv2d(F.conv2d(images, first), second, dilation=2, padding=2)
    strided = F.conv2d(F.conv2d(images[..., 1:, 1:], first, stride=2), second, padding=1)
    torch.testing.assert_close(atrous[..., 3:13:2, 3:13:2], strided[..., 1:6, 1:6])


def test_an_image_of_513_pixels_has_65_places_at_stride_8() -> None:
    net = deeplab_v2(3, 2, encoder="resnet18", output_stride=8).eval()
    padded = torch.zeros(1, 3, 520, 520)  # the next multiple of eight, which the net pads to
    assert net.encoder(padded)[-1].shape[-2:] == (65, 65)


def test_holes_cost_no_weights_and_each_rate_costs_a_classifier() -> None:
    sizes = [sum(p.numel() for p in network(parts).parameters()) for parts in (STRIDED, ATROUS, ASPP)]
    assert sizes[0] == sizes[1] and sizes[2] - sizes[1] == 3 * (9 * 64 * 4 + 4)
    for parts, stride in ((STRIDED, 8), (ATROUS, 4)):
        maps = network(parts).encoder(torch.zeros(1, 3, SIZE, SIZE))
        assert maps[-1].shape[-1] == SIZE // stride


def test_blur_keeps_a_constant_and_the_sum_of_a_dot() -> None:
    torch.testing.assert_close(smooth(torch.full((1, 20, 20), 3.0), 2.0), torch.full((1, 20, 20), 3.0))
    dot = torch.zeros(1, 41, 41)
    dot[0, 20, 20] = 1
    assert smooth(dot, 2.0).sum().item() == pytest.approx(1, abs=1e-5)


def test_the_crf_mends_blurred_scores_and_the_spatial_kernel_alone_does_not() -> None:
    scenes = blurred(0, 3)
    found = {name: scores_with(scenes, setting, tolerance=1.0) for name, setting in SETTINGS.items()}
    alone = found["scores alone"]
    for name in ("CRF 4, 67/3", "CRF 10, 80/13"):
        assert found[name].mean_iou > alone.mean_iou + 0.08
        assert found[name].boundary_f > alone.boundary_f + 0.15
    assert abs(found["spatial kernel alone"].mean_iou - alone.mean_iou) < 0.03


def test_shapes_are_drawn_anew_for_each_seed_and_their_colours_tell_nothing() -> None:
    samples = shapes(0, 40)
    assert torch.equal(samples[3].image, shapes(0, 40)[3].image)
    assert not torch.equal(samples[3].image, shapes(1, 40)[3].image)
    labels = torch.stack([sample.labels for sample in samples])
    shares = labels.flatten().bincount(minlength=4) / labels.numel()
    assert (shares[1:] > 0.03).all() and shares[0] > 0.4
    batch = next(batches(samples, 5, seed=0))
    assert batch.images.shape == (5, 3, SIZE, SIZE) and batch.labels.shape == (5, SIZE, SIZE)


def test_a_few_steps_teach_where_shapes_are() -> None:
    train, test = shapes(0, 60), shapes(1, 12)
    before = mean_iou_with(asked(network(ASPP).eval(), test), None)
    after = mean_iou_with(asked(taught(ASPP, train, 0, 60), test), None)
    assert after > before + 0.15, (before, after)


def test_the_system_is_in_the_catalog_under_its_name() -> None:
    assert Catalog("pixelwise.systems", "system", folders=True)["crf"] is crf


@pytest.mark.slow
def test_what_must_hold_holds_on_one_seed_of_the_reduced_experiment() -> None:
    found = crf(seeds=[0], quick=True, tell=lambda words: None)
    assert [margin.words for margin in found.margins if not margin.holds] == []
