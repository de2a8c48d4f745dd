import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from pixelwise.core.errors import CheckpointError, RecipeError
from pixelwise.models.encoders.mix_transformer import _Attention, _Block, mix_transformer

MILLIONS = {"mit_b0": 3.3, "mit_b1": 13.2, "mit_b2": 24.2, "mit_b3": 44.1, "mit_b4": 60.8, "mit_b5": 81.4}


@pytest.mark.parametrize("name", MILLIONS)
def test_as_many_parameters_as_published(name) -> None:
    """Table 1 of the paper, to the hundred thousand or so that it is rounded to."""
    with torch.device("meta"):
        encoder = mix_transformer(3, architecture=name)
    count = sum(weights.numel() for weights in encoder.parameters())
    assert count / 1e6 == pytest.approx(MILLIONS[name], abs=0.05)


def test_feature_maps_are_as_promised() -> None:
    encoder = mix_transformer(5).eval()
    features = encoder(torch.rand(1, 5, 64, 96))
    assert tuple(f.shape[1] for f in features) == encoder.channels == (32, 64, 160, 256)
    assert [tuple(f.shape[2:]) for f in features] == [(64 // s, 96 // s) for s in encoder.strides]


def test_attention_is_torchs_where_nothing_is_shrunken() -> None:
    ours = _Attention(12, 3, 1)
    theirs = nn.MultiheadAttention(12, 3, batch_first=True)
    for layer in (ours.query, ours.key_value, ours.out):
        nn.init.normal_(layer.weight)
        nn.init.normal_(layer.bias)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([ours.query.weight, ours.key_value.weight]))
        theirs.in_proj_bias.copy_(torch.cat([ours.query.bias, ours.key_value.bias]))
        theirs.out_proj.load_state_dict(ours.out.state_dict())
        tokens = torch.randn(2, 20, 12)
        wanted, _ = theirs(tokens, tokens, tokens)
        torch.testing.assert_close(ours(tokens, 4, 5), wanted, rtol=1e-4, atol=1e-5)


def test_keys_and_values_are_shrunken() -> None:
    attention = _Attention(4, 1, 2)
    seen: list[tuple[int, ...]] = []
    attention.key_value.register_forward_hook(lambda _layer, given, _out: seen.append(tuple(given[0].shape)))
    assert attention(torch.rand(1, 24, 4), 4, 6).shape == (1, 24, 4)
    assert seen == [(1, 6, 4)]


def test_the_place_of_a_pixel_is_told_by_the_padding_of_the_convolutions() -> None:
    """The same patch everywhere, and yet the border differs from the middle."""
    finest = mix_transformer(3).eval()(torch.full((1, 3, 64, 64), 0.5))[0][0]
    assert not torch.allclose(finest[:, 0, 0], finest[:, 8, 8], atol=1e-3)


def test_left_out_branches_are_made_up_for_by_the_kept_ones() -> None:
    block = _Block(4, 1, 1, 0.25).train()
    change = torch.ones(4000, 2, 4)
    kept = block._kept(change)
    assert {round(value, 4) for value in kept.unique().tolist()} == {0.0, round(1 / 0.75, 4)}
    assert kept.mean() == pytest.approx(1, abs=0.05)
    assert all(len(image.unique()) == 1 for image in kept[:50])  # a whole image at once
    assert block.eval()._kept(change) is change


def test_deeper_branches_are_left_out_more_often() -> None:
    shares = [block.drop for stage in mix_transformer(3).body.stages for block in stage.blocks]
    assert shares == pytest.approx([0.1 * n / 7 for n in range(8)])


def test_weights_come_back_from_a_file(tmp_path) -> None:
    trained, path = mix_transformer(2).eval(), tmp_path / "weights.safetensors"
    save_file(trained.body.state_dict(), path)
    images = torch.rand(1, 2, 32, 32)
    torch.testing.assert_close(mix_transformer(2, weights=path).eval()(images)[-1], trained(images)[-1])
    with pytest.raises(CheckpointError, match=r"(?s)does not hold the weights of 'mit_b0'.*size mismatch"):
        mix_transformer(3, weights=path)


def test_there_is_nothing_to_download() -> None:
    with pytest.raises(CheckpointError, match="may not be used commercially"):
        mix_transformer(3, weights="pretrained")


def test_another_output_stride_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"ends at stride 32\. Found output_stride=8"):
        mix_transformer(3, output_stride=8)
