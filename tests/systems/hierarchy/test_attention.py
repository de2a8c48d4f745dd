"""Valves: by hand, open, shifted, and beside the other ways to heed a region."""

import pytest
import torch
from torch import nn

from pixelwise.systems.hierarchy.attention import Valve, attending
from pixelwise.systems.hierarchy.network import paper, small

BANDS = 3


def with_region(images: torch.Tensor, region: torch.Tensor) -> torch.Tensor:
    return torch.cat([images, region.expand(len(images), 1, *images.shape[-2:])], 1)


def region(rows: slice, columns: slice) -> torch.Tensor:
    inside = torch.zeros(1, 1, 16, 16)
    inside[..., rows, columns] = 1
    return inside


def test_by_hand() -> None:
    layer = nn.Conv2d(1, 1, 1)
    nn.init.constant_(layer.weight, 2.0)
    nn.init.constant_(layer.bias, 1.0)
    valve = Valve(layer)
    nn.init.constant_(valve.relevance.weight, 0.5)
    nn.init.constant_(valve.relevance.bias, 0.25)
    images = torch.tensor([[[[3.0, 5.0]], [[1.0, 0.0]]]])  # a row of two pixels; the first is in the region
    # features 7 and 11; relevance 0.25 + 0.5 for each pixel of the region next to it
    assert valve(images).tolist() == [[[[7 * 0.75, 11 * 0.75]]]]


def test_open_valves_do_nothing_whatever_the_region() -> None:
    images = torch.rand(2, BANDS, 16, 16)
    gated, bare = small(BANDS, 4, way="valve").eval(), small(BANDS, 4, way="nothing").eval()
    bare.first.layer.load_state_dict(gated.first.layer.state_dict())
    bare.body.load_state_dict(gated.body.state_dict())
    for inside in (region(slice(2, 9), slice(3, 8)), torch.zeros(1, 1, 16, 16)):
        given = with_region(images, inside)
        torch.testing.assert_close(gated(given), bare(given))


def test_a_shifted_region_changes_what_is_said_only_through_the_valves() -> None:
    net, images = small(BANDS, 4).eval(), torch.rand(1, BANDS, 16, 16)
    here, there = region(slice(2, 8), slice(2, 8)), region(slice(8, 14), slice(8, 14))
    assert torch.equal(net(with_region(images, here)), net(with_region(images, there)))  # weights of 0
    nn.init.normal_(net.first.relevance.weight)
    assert not torch.allclose(net(with_region(images, here)), net(with_region(images, there)))
    net.first.relevance.weight.data.zero_()
    assert torch.equal(net(with_region(images, here)), net(with_region(images, there)))


def test_the_papers_start_is_near_zero() -> None:
    torch.manual_seed(0)
    relevance = attending("valve", nn.Conv2d(BANDS, 64, 3, padding=1), "paper").relevance
    values = torch.cat([relevance.weight.flatten(), relevance.bias])
    assert values.numel() == 640  # as many numbers as in the paper
    assert values.abs().max() <= 0.02 and values.mean().abs() < 0.002
    assert values.std().item() == pytest.approx(0.0088, abs=0.001)  # 0.01 less what is cut off


def test_what_is_cut_out_hides_the_rest_and_valves_do_not() -> None:
    images, other = torch.rand(1, BANDS, 16, 16), torch.rand(1, BANDS, 16, 16)
    inside = region(slice(4, 12), slice(4, 12))
    changed = torch.where(inside > 0, images, other)  # the same inside, another image outside
    for way, hides in (("product", True), ("valve", False), ("band", False), ("nothing", False)):
        net = small(BANDS, 4, way=way).eval()
        same = torch.equal(net(with_region(images, inside)), net(with_region(changed, inside)))
        assert same == hides, way


def test_a_band_starts_as_the_layer_it_widens() -> None:
    layer = nn.Conv2d(BANDS, 5, 3, padding=1)
    images = torch.rand(1, BANDS, 16, 16)
    wider = attending("band", layer)
    torch.testing.assert_close(wider(with_region(images, torch.zeros(1, 1, 16, 16))), layer(images))
    inside = region(slice(4, 12), slice(4, 12))
    assert not torch.allclose(wider(with_region(images, inside)), layer(images))


def test_as_many_parameters_as_the_paper_has() -> None:
    with torch.device("meta"):
        net = paper(BANDS, 24)
    vgg = 14_714_688
    dense = 7 * 7 * 512 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 24 + 24
    decoder = 4 * 4 * 512 * 24 + 512 + 4 * 4 * 256 * 512 + 256 + 16 * 16 * 24 * 256 + 24
    assert sum(p.numel() for p in net.parameters()) == vgg + 640 + dense + decoder
    assert sum(p.numel() for p in net.first.parameters()) == 3 * 3 * 3 * 64 + 64 + 640


def test_vgg_behind_open_valves_is_vgg() -> None:
    gated, bare = (paper(BANDS, 4, width=2, way=way).eval() for way in ("valve", "nothing"))
    bare.first.layer.load_state_dict(gated.first.layer.state_dict())
    bare.body.load_state_dict(gated.body.state_dict())
    images = with_region(torch.rand(1, BANDS, 40, 50), torch.ones(1, 1, 40, 50))
    torch.testing.assert_close(gated(images), bare(images))
    assert gated(images).shape == (1, 4, 40, 50)


def test_pretrained_layers_are_taken_and_dense_ones_start_anew(tmp_path) -> None:
    from safetensors.torch import save_file

    from pixelwise.models.fcn import fcn

    vgg = fcn(BANDS, 2, width=2)
    named, place = {}, 0
    for stage in vgg.stages:
        for layer in stage:
            named |= {f"features.{place}.{key}": value for key, value in layer.state_dict().items()}
            place += 1
        place += 1
    save_file(named, tmp_path / "vgg.safetensors")
    net = paper(BANDS, 4, width=2, weights=str(tmp_path / "vgg.safetensors"))
    assert torch.equal(net.first.layer.weight, vgg.stages[0][0].weight)
    assert torch.equal(net.body.stages[0][0].weight, vgg.stages[0][2].weight)
    assert net.body.six.weight.abs().max() <= 0.04
