import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from pixelwise.core.errors import RecipeError
from pixelwise.models._encoding import Codebook
from pixelwise.models.encoders._door import encoder_named
from pixelwise.models.encoders._encoder import Encoder
from pixelwise.models.fastfcn import JointPyramid, fastfcn
from pixelwise.ops.heads import loss_of_heads
from tests.models._disturbed import parameters

HEADS = ["plain", "pooled", "atrous", "encoding"]


@pytest.mark.parametrize(
    ("channels", "width", "count"), [((512, 1024, 2048), 512, 19_735_552), ((64, 128, 256), 64, 316_544)]
)
def test_as_many_parameters_as_the_formula_says(channels, width, count) -> None:
    with torch.device("meta"):
        join = JointPyramid(channels, width)
    stages = sum(9 * inputs * width + 2 * width for inputs in channels)
    dilated = 4 * (3 * width * 9 + 2 * 3 * width + 3 * width * width + 2 * width)
    assert parameters(join) == stages + dilated == count


def test_joined_features_are_at_stride_8_with_four_times_the_width() -> None:
    join = JointPyramid((6, 7, 9), 5).eval()
    maps = [torch.rand(2, 6, 12, 20), torch.rand(2, 7, 6, 10), torch.rand(2, 9, 3, 5)]
    assert join(maps).shape == (2, 20, 12, 20)


def test_the_dilated_convolutions_keep_the_size() -> None:
    depthwise = [layer[0][0] for layer in JointPyramid((6, 7, 9), 5).dilated]
    assert [layer.dilation[0] for layer in depthwise] == [1, 2, 4, 8]
    assert [layer.padding[0] for layer in depthwise] == [1, 2, 4, 8]
    assert {layer.groups for layer in depthwise} == {15}


def test_stages_are_joined_the_deepest_first() -> None:
    join = JointPyramid((1, 1, 1), 1).eval()
    for stage in join.stages:
        stage[0].weight.data.zero_()[..., 1, 1] = 1
    seen: list[torch.Tensor] = []
    join.dilated[0].register_forward_pre_hook(lambda _layer, given: seen.append(given[0]))
    with torch.no_grad():
        join([torch.full((1, 1, side, side), value) for side, value in [(4, 1.0), (2, 2.0), (1, 3.0)]])
    torch.testing.assert_close(seen[0][0, :, 0, 0], torch.tensor([3.0, 2, 1]), rtol=1e-4, atol=0)


@pytest.mark.parametrize(("encoder", "ratio"), [("resnet50", 0.52), ("resnet101", 0.40)])
def test_joining_costs_less_than_dilating_at_the_papers_widths(encoder, ratio) -> None:
    """Multiply-adds up to stride-8 features of 2048 channels, for an image of 512×512."""

    def multiply_adds(network: nn.Module, *given) -> int:
        with FlopCounterMode(display=False) as counter:
            network(*given)
        return counter.get_total_flops() // 2

    with torch.device("meta"):
        plain = encoder_named(encoder, 3).eval()
        dilated = encoder_named(encoder, 3, output_stride=8).eval()
        join = JointPyramid(plain.channels[-3:], 512).eval()
        image = torch.zeros(1, 3, 512, 512)
        joined = multiply_adds(plain, image) + multiply_adds(join, plain(image)[-3:])
        assert dilated(image)[-1].shape == join(plain(image)[-3:]).shape == (1, 2048, 64, 64)
        assert joined / multiply_adds(dilated, image) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("head", HEADS)
def test_every_head_takes_any_size_and_learns(head) -> None:
    model = fastfcn(3, 2, encoder="test_resnet", width=4, head=head)
    assert model.train()(torch.rand(1, 3, 41, 70)).shape == (1, 2, 41, 70)
    model(torch.randn(2, 3, 48, 48)).square().mean().backward()
    assert all(weights.grad.any() for weights in model.head.parameters())
    assert model.eval()(torch.rand(1, 3, 17, 1)).shape == (1, 2, 17, 1)


@pytest.mark.parametrize("head", HEADS)
def test_every_head_can_be_exported(head) -> None:
    model, images = fastfcn(3, 2, encoder="test_resnet", width=4, head=head).eval(), torch.rand(1, 3, 40, 64)
    exported = torch.export.export(model, (images,)).module()
    torch.testing.assert_close(exported(images), model(images))


def test_heads_have_the_papers_widths() -> None:
    with torch.device("meta"):
        heads = {name: fastfcn(3, 2, encoder="resnet50", width=512, head=name).head for name in HEADS}
    assert heads["plain"][0][0].out_channels == heads["pooled"][0].join[0].out_channels == 512
    assert heads["atrous"][0].join[0][0].out_channels == 256
    assert [branch[0].dilation[0] for branch in heads["atrous"][0].branches[1:-1]] == [12, 24, 36]
    assert heads["atrous"][0].join[1].p == 0.5
    assert heads["encoding"].encode[1].codewords.shape == (32, 512)


def test_corners_of_coarse_logits_meet_those_of_the_image() -> None:
    model = fastfcn(3, 2, encoder="test_resnet", width=4).eval()
    coarse: list[torch.Tensor] = []
    model.head.register_forward_hook(lambda _layer, _given, out: coarse.append(out))
    logits = model(torch.rand(1, 3, 64, 64))
    for row in (0, -1):
        for column in (0, -1):
            torch.testing.assert_close(logits[..., row, column], coarse[0][..., row, column])


def test_the_code_of_features_by_hand() -> None:
    """Two codewords, 0 and 4; scales so large that each feature goes to the nearer one alone."""
    book = Codebook(1, 2)
    with torch.no_grad():
        book.codewords.copy_(torch.tensor([[0.0], [4.0]]))
        book.scale.fill_(-100)
        code = book(torch.tensor([[[[1.0, 0.5], [3.0, 4.0]]]]))
    torch.testing.assert_close(code, torch.tensor([[[1.5], [-1.0]]]))


def test_the_code_of_features_is_a_sum_over_shares() -> None:
    book, features = Codebook(5, 3), torch.rand(2, 5, 4, 6)
    wanted = torch.zeros(2, 3, 5)
    with torch.no_grad():
        for image in range(2):
            for pixel in features[image].flatten(1).T:
                apart = pixel - book.codewords
                shares = (book.scale * apart.square().sum(1)).softmax(0)
                wanted[image] += shares[:, None] * apart
        torch.testing.assert_close(book(features), wanted, rtol=1e-4, atol=1e-5)


def test_auxiliary_heads_learn_from_the_labels() -> None:
    model = fastfcn(3, 3, encoder="test_resnet", width=4, head="encoding", auxiliary=0.2, presence=0.2)
    for mode in (True, False):
        said = model.train(mode)(torch.randn(2, 3, 40, 33))
        assert [head.of for head in said.auxiliary] == ["classes", "presence"]
        assert [head.weight for head in said.auxiliary] == [0.2, 0.2]
        assert said.auxiliary[1].scores.shape == (2, 3)
    said = model.train()(torch.randn(2, 3, 40, 33))
    loss_of_heads(F.cross_entropy, said, torch.randint(3, (2, 40, 33))).backward()
    assert all(weights.grad.any() for weights in (*model.side.parameters(), *model.head.present.parameters()))


def test_only_the_encoding_head_learns_presence() -> None:
    with pytest.raises(RecipeError, match="only the head 'encoding' learns which classes are present"):
        fastfcn(3, 2, encoder="test_resnet", presence=0.2)


def test_three_different_strides_are_needed(monkeypatch) -> None:
    flat = Encoder(nn.Identity(), (4, 4, 4), (8, 8, 16))
    monkeypatch.setattr("pixelwise.models.fastfcn.encoder_named", lambda *_given, **_options: flat)
    with pytest.raises(RecipeError, match=r"the last three strides.*\(8, 8, 16\)"):
        fastfcn(3, 2)
