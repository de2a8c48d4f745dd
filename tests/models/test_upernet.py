import pytest
import torch
from torch.nn import functional as F

from pixelwise.models.upernet import upernet
from pixelwise.ops.heads import loss_of_heads
from tests.models._disturbed import copy_in_order, disturbed, parameters


def test_as_many_parameters_as_the_papers_widths_give() -> None:
    """512 channels everywhere: pooling on stride 32, three lateral levels, all four joined."""
    with torch.device("meta"):
        decoder = upernet(3, 150, encoder="resnet50", width=512).decoder
    norm = 2 * 512
    pooling = 4 * (2048 * 512 + norm) + 9 * (2048 + 4 * 512) * 512 + norm
    lateral = (256 + 512 + 1024) * 512 + 3 * norm
    smooth = 3 * (9 * 512 * 512 + norm)
    joined = 9 * 4 * 512 * 512 + norm
    assert parameters(decoder) == pooling + lateral + smooth + joined + 512 * 150 + 150


def test_scores_at_stride_4() -> None:
    model = upernet(3, 2, encoder="test_resnet", width=4).eval()
    seen: list[tuple[int, ...]] = []
    model.decoder.classifier.register_forward_hook(lambda _layer, _given, out: seen.append(tuple(out.shape)))
    model(torch.rand(1, 3, 64, 96))
    assert seen == [(1, 2, 16, 24)]


def test_a_transformer_under_it_learns_with_an_auxiliary_head() -> None:
    model = upernet(3, 2, encoder="mit_b0", width=4, auxiliary=0.4)
    said = model(torch.randn(2, 3, 40, 33))
    loss_of_heads(F.cross_entropy, said, torch.randint(2, (2, 40, 33))).backward()
    assert all(weights.grad is not None for weights in model.parameters())
    assert all(weights.grad.any() for weights in model.side.parameters())


@pytest.mark.oracle
def test_the_decoder_says_what_that_of_the_library_transformers_says() -> None:
    library = pytest.importorskip("transformers.models.upernet.modeling_upernet")
    ours = upernet(3, 5, encoder="test_convnext", width=8).eval()
    config = library.UperNetConfig(hidden_size=8, num_labels=5)
    theirs = disturbed(library.UperNetHead(config, list(ours.encoder.channels)))
    copy_in_order(theirs.psp_modules, ours.decoder.pool.branches)
    copy_in_order(theirs.bottleneck, ours.decoder.pool.join)
    copy_in_order(theirs.lateral_convs, ours.decoder.lateral)
    copy_in_order(theirs.fpn_convs, ours.decoder.smooth)
    copy_in_order(theirs.fpn_bottleneck, ours.decoder.join)
    ours.decoder.classifier.load_state_dict(theirs.classifier.state_dict())
    with torch.no_grad():
        maps = ours.encoder(torch.rand(1, 3, 96, 64))
        wanted = theirs(maps)
        assert wanted.std() > 0.1
        torch.testing.assert_close(ours.decoder(maps), wanted, rtol=1e-4, atol=1e-5)
