import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models.segformer import segformer
from tests.models._disturbed import disturbed, parameters


@pytest.mark.parametrize(
    ("encoder", "width", "count"), [("mit_b0", 256, 3_752_694), ("mit_b2", 768, 27_461_974)]
)
def test_as_many_parameters_as_the_library_transformers_counts(encoder, width, count) -> None:
    """Its SegformerForSemanticSegmentation with 150 classes; the paper says 3.8 and 27.5 million."""
    with torch.device("meta"):
        assert parameters(segformer(3, 150, encoder=encoder, width=width)) == count


def test_all_levels_are_joined_at_stride_4() -> None:
    model = segformer(3, 2, width=4).eval()
    seen: list[tuple[int, ...]] = []
    model.decoder.join.register_forward_pre_hook(lambda _layer, given: seen.append(tuple(given[0].shape)))
    model(torch.rand(1, 3, 64, 96))
    assert seen == [(1, 16, 16, 24)]


@pytest.mark.parametrize("size", [(1, 1), (17, 23), (60, 60)])
def test_any_size_and_bands_with_its_own_encoder(size) -> None:
    assert segformer(5, 3, width=4).eval()(torch.rand(1, 5, *size)).shape == (1, 3, *size)


def test_every_parameter_learns_with_its_own_encoder() -> None:
    model = segformer(3, 2, width=4)
    model(torch.randn(2, 3, 64, 64)).square().mean().backward()
    assert all(weights.grad is not None and weights.grad.any() for weights in model.parameters())


def test_exported_is_equal_with_its_own_encoder() -> None:
    model, images = segformer(3, 2, width=4).eval(), torch.rand(1, 3, 40, 64)
    exported = torch.export.export(model, (images,)).module()
    torch.testing.assert_close(exported(images), model(images))


@pytest.mark.oracle
def test_says_what_the_library_transformers_says_with_the_same_weights() -> None:
    library = pytest.importorskip("transformers")
    theirs = disturbed(
        library.SegformerForSemanticSegmentation(library.SegformerConfig(num_labels=5))
    ).double()
    with torch.no_grad():
        for weights in theirs.parameters():
            weights.add_(0.1 * torch.randn_like(weights))
    ours = segformer(3, 5).double().eval()
    ours.load_state_dict(_state(theirs))
    for layer in ours.modules():
        if isinstance(layer, nn.LayerNorm):
            layer.eps = 1e-5  # of every norm of theirs; the published networks have 1e-6 in most, as ours
    images = torch.rand(2, 3, 64, 96, dtype=torch.float64)
    with torch.no_grad():
        wanted = F.interpolate(theirs(images).logits, size=(64, 96), mode="bilinear")
        found = ours(images)
    assert wanted.std() > 0.1
    torch.testing.assert_close(found, wanted)


PLACES = {  # theirs, ours
    "segformer.stages.": "encoder.body.stages.",
    "patch_embeddings.proj": "patches",
    "patch_embeddings.layer_norm": "before",
    "layernorm_before": "norms.0",
    "layernorm_after": "norms.1",
    "attention.q_proj": "attention.query",
    "attention.o_proj": "attention.out",
    "attention.sequence_reduction.sequence_reduction": "attention.shrink",
    "attention.sequence_reduction.layer_norm": "attention.norm",
    "mlp.fc1": "perceptron.widen",
    "mlp.dwconv.dwconv": "perceptron.mix",
    "mlp.fc2": "perceptron.narrow",
    "decode_head.linear_fuse": "decoder.join.0.0",
    "decode_head.batch_norm": "decoder.join.0.1",
    "decode_head.classifier": "decoder.classifier",
}


def _state(theirs: nn.Module) -> dict[str, Tensor]:
    """Their weights under our names."""
    state: dict[str, Tensor] = {}
    for name, weight in theirs.state_dict().items():
        if "k_proj" in name:
            value = theirs.state_dict()[name.replace("k_proj", "v_proj")]
            name, weight = name.replace("k_proj", "key_value"), torch.cat([weight, value])
        elif "v_proj" in name:
            continue
        elif "linear_projections" in name:
            name = name.replace("decode_head.linear_projections", "decoder.linear").replace(".proj.", ".")
            weight = weight[..., None, None] if weight.dim() == 2 else weight
        elif name == "decode_head.linear_fuse.weight":
            weight = torch.cat(weight.chunk(4, dim=1)[::-1], dim=1)  # theirs joins the deepest level first
        for their_place, our_place in PLACES.items():
            name = name.replace(their_place, our_place)
        state[name.replace(".layer_norm.", ".after.")] = weight
    return state
