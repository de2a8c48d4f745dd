import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.models.pidnet import _Agreement, _Join, _LightJoin, pidnet
from pixelwise.ops.heads import Heads, loss_of_heads

# The paper prints 7.6 and 36.9 million parameters for S and L; M has 28.5 million in the authors' code. Ours
# lack what a norm makes idle: 2·width biases in the stem and 48·width shifts before the pyramid.
SIZES = [("s", 7_624_115, 47.2), ("m", 28_535_315, 177.3), ("l", 36_936_371, 274.9)]


@pytest.mark.parametrize(("size", "parameters", "billions"), SIZES)
def test_as_large_and_as_much_work_as_the_authors_code(size, parameters, billions) -> None:
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        model = pidnet(3, 19, size=size).eval()
        model(torch.empty(1, 3, 1024, 2048))
    assert sum(weights.numel() for weights in model.parameters()) == parameters
    assert counter.get_total_flops() / 2e9 == pytest.approx(billions, abs=0.05)


def test_the_large_one_takes_means_one_after_the_other() -> None:
    small, large = pidnet(3, 2, width=4).pyramid, pidnet(3, 2, size="l", width=4).pyramid
    assert small.wide is not None and len(small.deep) == 0
    assert large.wide is None and len(large.deep) == 4
    features = torch.rand(2, 64, 5, 7)
    for pyramid in (small, large):
        assert pyramid(features).shape == (2, 16, 5, 7)


def test_where_details_and_context_agree_the_context_is_taken() -> None:
    mix = _Agreement(2, 2).eval()
    for part in (mix.of_details, mix.of_context):
        torch.nn.init.eye_(part[0].weight[:, :, 0, 0])
        part[1].eps = 0.0
    details = torch.tensor([0.0, 30.0]).view(1, 1, 1, 2).expand(1, 2, 1, 2)
    context = torch.full((1, 2, 1, 2), 10.0)
    mixed = mix(details, context)  # trust is sigmoid(0) on the left and sigmoid(600) on the right
    torch.testing.assert_close(mixed[0, 0, 0], torch.tensor([5.0, 10.0]))


def test_boundaries_choose_details_over_context() -> None:
    details, context = torch.full((1, 1, 4, 4), 3.0), torch.full((1, 1, 4, 4), 5.0)
    sure, never = torch.full((1, 1, 4, 4), 50.0), torch.full((1, 1, 4, 4), -50.0)
    heavy, light = _Join(1).eval(), _LightJoin(1).eval()
    seen: list[torch.Tensor] = []
    heavy.both.register_forward_pre_hook(lambda _layer, given: seen.append(given[0]))
    heavy(details, context, sure)
    heavy(details, context, never)
    torch.testing.assert_close(seen, [details, context])
    for part in (light.details, light.context):
        torch.nn.init.ones_(part[0].weight)
        part[1].eps = 0.0
    torch.testing.assert_close(light(details, context, sure), details + (context + details))
    torch.testing.assert_close(light(details, context, never), (details + context) + context)


def test_classes_and_edges_are_taught_half_way() -> None:
    model, labels = pidnet(3, 3, width=4, auxiliary=0.4), torch.zeros(2, 40, 56, dtype=torch.long)
    labels[:, :20, 10:30] = 2
    said = model(torch.rand(2, 3, 40, 56))
    assert isinstance(said, Heads)
    classes, edges = said.auxiliary
    assert (classes.of, classes.weight, tuple(classes.scores.shape)) == ("classes", 0.4, (2, 3, 40, 56))
    assert (edges.of, edges.weight, tuple(edges.scores.shape)) == ("edges", 20.0, (2, 1, 40, 56))
    loss_of_heads(cross_entropy, said, labels).backward()
    assert all(weights.grad is not None for weights in model.parameters())
    for head in (model.second, model.edges):
        assert all(weights.grad.any() for weights in head[-1].parameters())
    assert isinstance(model.eval()(torch.rand(1, 3, 40, 56)), Heads)


def test_one_image_is_enough_to_learn_from() -> None:
    model = pidnet(3, 2, width=4).train()
    assert model(torch.rand(1, 3, 128, 128)).isfinite().all()
