import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F
from torchvision.models.vgg import make_layers

from pixelwise.models.fusenet import fusenet
from pixelwise.ops.heads import Heads, loss_of_heads

NARROW = [2, 2, "M", 4, 4, "M", 8, 8, 8, "M", 16, 16, 16, "M", 16, 16, 16, "M"]


@pytest.mark.parametrize(("k", "count"), [(13, 44_172_493), (37, 44_186_341), (40, 44_188_072)])
def test_as_many_parameters_as_the_formula_of_the_paper_gives(k, count) -> None:
    with torch.device("meta"):
        model = fusenet(4, k)
    assert sum(weights.numel() for weights in model.parameters()) == count


def test_depth_and_colours_both_matter() -> None:
    model, images = fusenet(4, 2, width=2).eval(), torch.rand(1, 4, 32, 32)
    logits = model(images)
    for band in range(4):
        other = images.clone()
        other[:, band] = torch.rand(32, 32)
        assert not torch.allclose(model(other), logits)


def test_only_the_last_band_is_depth() -> None:
    model, images = fusenet(4, 2, width=2).eval(), torch.rand(1, 4, 32, 32)
    seen: list[torch.Tensor] = []
    model.colours[0].register_forward_hook(lambda _layer, given, _out: seen.append(given[0]))
    model.depth[0].register_forward_hook(lambda _layer, given, _out: seen.append(given[0]))
    model(images)
    depth, colours = seen
    assert torch.equal(colours, images[:, :3])
    assert torch.equal(depth, images[:, 3:])


def test_a_deaf_depth_branch_leaves_the_colours_alone() -> None:
    model, images = fusenet(4, 2, width=2).eval(), torch.rand(1, 4, 32, 32)
    for stage in model.depth:
        nn.init.zeros_(stage[-2].weight)  # the gain of the last norm
        nn.init.constant_(stage[-2].bias, -1)
    features = images[:, :3]
    for stage in model.colours:
        features = F.max_pool2d(stage(features), 2)
    deepest, _ = model._down(images)
    torch.testing.assert_close(deepest, features)


def test_places_are_those_of_the_sum() -> None:
    model, images = fusenet(2, 2, width=2).eval(), torch.rand(1, 2, 32, 32)
    both = model.colours[0](images[:, :1]) + model.depth[0](images[:, 1:])
    _, places = model._down(images)
    assert torch.equal(places[0], F.max_pool2d(both, 2, return_indices=True)[1])


def test_drops_after_the_three_deepest_poolings_and_the_three_deepest_stages_up() -> None:
    model = fusenet(4, 2, width=2)
    seen: list[int] = []
    model.dropout.register_forward_hook(lambda _layer, _given, out: seen.append(out.shape[-1]))
    model(torch.rand(2, 4, 64, 64))
    assert model.dropout.p == 0.5
    assert seen == [8, 8, 4, 4, 2, 4, 8, 16]  # the first four: colours and depth


def test_coarser_logits_stand_for_the_image_and_not_for_its_padding() -> None:
    said = fusenet(4, 3, width=2, auxiliary=1.0).eval()(torch.rand(2, 4, 40, 50))
    assert isinstance(said, Heads)
    assert said.logits.shape == (2, 3, 40, 50)
    shapes = [tuple(head.scores.shape) for head in said.auxiliary]
    assert shapes == [(2, 3, 3, 4), (2, 3, 5, 7), (2, 3, 10, 13), (2, 3, 20, 25)]
    assert {(head.of, head.weight) for head in said.auxiliary} == {("classes", 1.0)}


def test_the_loss_reaches_the_coarser_classifiers() -> None:
    model = fusenet(4, 3, width=2, auxiliary=0.5)
    labels = torch.randint(3, (2, 40, 50))
    loss_of_heads(F.cross_entropy, model(torch.rand(2, 4, 40, 50)), labels).backward()
    assert len(model.coarse) == 4
    assert all(weights.grad.any() for weights in model.coarse.parameters())


def test_no_coarser_classifiers_without_a_weight() -> None:
    assert not list(fusenet(4, 3, width=2).coarse.parameters())


def test_both_ways_down_take_the_weights_of_vgg(tmp_path) -> None:
    layers = make_layers(NARROW, batch_norm=True)
    path = tmp_path / "vgg.safetensors"
    save_file({f"features.{name}": values for name, values in layers.state_dict().items()}, path)
    model = fusenet(4, 2, width=2, weights=str(path)).eval()
    grey = torch.rand(2, 1, 8, 8)
    assert torch.equal(model.colours[0][0].weight, layers[0].weight)
    assert torch.equal(model.depth[4][6].weight, model.colours[4][6].weight)
    assert torch.equal(model.depth[4][6].weight, layers[40].weight)
    first = layers[0](grey.expand(-1, 3, -1, -1))  # three times what the mean of the kernels says
    bias = layers[0].bias[:, None, None]
    torch.testing.assert_close(3 * (model.depth[0][0](grey) - bias), first - bias)
