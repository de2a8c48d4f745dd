import torch
from torch.nn import functional as F

from pixelwise.models._pyramid import PooledPyramid
from pixelwise.models.pspnet import pspnet
from pixelwise.ops.heads import loss_of_heads
from tests.models._disturbed import parameters


def test_as_many_parameters_as_the_papers_widths_give() -> None:
    """Four 1×1 convolutions to a quarter of the channels, a 3×3 from twice the channels, a classifier."""
    with torch.device("meta"):
        model = pspnet(3, 21, encoder="resnet50")
    pooled = 4 * (2048 * 512 + 2 * 512)
    joined = 9 * 4096 * 512 + 2 * 512
    assert parameters(model.decoder) == pooled + joined + 512 * 21 + 21


def test_each_pooled_map_holds_the_means_of_its_parts() -> None:
    pyramid = PooledPyramid(1, 1, 1, (1, 2)).eval()
    for branch in pyramid.branches:
        torch.nn.init.ones_(branch.reduce.weight)
    features = torch.arange(16.0).reshape(1, 1, 4, 4)
    seen: list[torch.Tensor] = []
    pyramid.join.register_forward_pre_hook(lambda _layer, given: seen.append(given[0]))
    with torch.no_grad():
        pyramid(features)
    assert seen[0].shape == (1, 3, 4, 4)
    torch.testing.assert_close(seen[0][:, :1], features)
    torch.testing.assert_close(seen[0][:, 1:2], torch.full((1, 1, 4, 4), 7.5), rtol=1e-4, atol=0)
    quarters = torch.tensor([[[[2.5, 4.5], [10.5, 12.5]]]])
    wanted = F.interpolate(quarters, size=(4, 4), mode="bilinear")
    torch.testing.assert_close(seen[0][:, 2:], wanted, rtol=1e-4, atol=0)


def test_a_batch_of_one_can_be_trained_on() -> None:
    model = pspnet(3, 2, encoder="test_resnet", width=4, bins=(1, 3)).train()
    model(torch.randn(1, 3, 40, 24)).square().mean().backward()
    assert all(weights.grad.isfinite().all() for weights in model.parameters())
    whole, parts = model.decoder.head[0].branches
    assert whole.norm.num_batches_tracked == 0  # one value has no variance to go by
    assert parts.norm.num_batches_tracked == 1


def test_the_auxiliary_head_learns_from_the_labels() -> None:
    model = pspnet(3, 2, encoder="test_resnet", width=4, auxiliary=0.4)
    said = model(torch.randn(2, 3, 40, 33))
    loss_of_heads(F.cross_entropy, said, torch.randint(2, (2, 40, 33))).backward()
    assert said.auxiliary[0].weight == 0.4
    assert all(weights.grad.any() for weights in model.side.parameters())
