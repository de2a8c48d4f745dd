import torch

from pixelwise.models._pyramid import summed_from_above
from pixelwise.models.fpn import fpn
from tests.models._disturbed import parameters


def test_as_many_parameters_as_the_papers_widths_give() -> None:
    """256 channels in the pyramid, 128 in the steps; strides 8, 16, 32 take one, two and three steps."""
    with torch.device("meta"):
        decoder = fpn(3, 54, encoder="resnet50").decoder
    lateral = (256 + 512 + 1024 + 2048) * 256 + 4 * 256
    smooth = 4 * (9 * 256 * 256 + 256)
    first = 4 * (9 * 256 * 128 + 128 + 2 * 128)
    further = (1 + 2) * (9 * 128 * 128 + 128 + 2 * 128)
    assert parameters(decoder) == lateral + smooth + first + further + 128 * 54 + 54


def test_32_groups_are_normed_at_the_papers_width() -> None:
    with torch.device("meta"):
        grow = fpn(3, 2, encoder="test_resnet").decoder.grow
    assert {step[0][1].num_groups for level in grow for step in level.steps} == {32}
    assert [len(level.steps) for level in grow] == [1, 1, 2, 3]


def test_any_width_has_groups() -> None:
    assert fpn(3, 2, encoder="test_resnet", width=6).decoder.grow[0].steps[0][0][1].num_groups == 1


def test_every_level_is_grown_to_stride_4() -> None:
    model = fpn(3, 2, encoder="test_resnet", width=4).eval()
    seen: list[tuple[int, ...]] = []
    for level in model.decoder.grow:
        level.register_forward_hook(lambda _layer, _given, out: seen.append(tuple(out.shape)))
    model(torch.rand(1, 3, 64, 96))
    assert seen == [(1, 4, 16, 24)] * 4


def test_coarse_maps_are_added_to_all_finer_ones() -> None:
    fine, middle, coarse = torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 2, 2), torch.full((1, 1, 1, 1), 5.0)
    middle[..., 0, 1] = 2
    found = summed_from_above([fine, middle, coarse], "nearest")
    assert [level.shape for level in found] == [level.shape for level in (fine, middle, coarse)]
    assert found[1].tolist() == [[[[5, 7], [5, 5]]]]
    assert found[0][0, 0].tolist() == [[5, 5, 7, 7], [5, 5, 7, 7], [5, 5, 5, 5], [5, 5, 5, 5]]
