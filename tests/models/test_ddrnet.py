import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.models.ddrnet import ddrnet
from pixelwise.ops.heads import Heads, loss_of_heads

# The paper prints 5.7, 20.1 and 32.3 million parameters, and 36.3, 143.1 and 281.2 billion multiply-adds for
# 1024×2048. Ours lack what a norm makes idle: 2·width biases in the stem and 32·width shifts before the
# pyramid.
SIZES = [("23-slim", 5_694_899, 36.3), ("23", 20_146_771, 143.1), ("39", 32_358_099, 281.2)]


@pytest.mark.parametrize(("size", "parameters", "billions"), SIZES)
def test_as_large_and_as_much_work_as_in_the_paper(size, parameters, billions) -> None:
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        model = ddrnet(3, 19, size=size).eval()
        model(torch.empty(1, 3, 1024, 2048))
    assert sum(weights.numel() for weights in model.parameters()) == parameters
    assert counter.get_total_flops() / 2e9 == pytest.approx(billions, abs=0.1)


def test_every_weight_is_drawn_by_its_fan_out() -> None:
    model = ddrnet(3, 2)
    layer = model.deep.coarse[-1].body[0][0]
    assert layer.weight.std().item() == pytest.approx((2 / (9 * 256)) ** 0.5, rel=0.01)
    assert not model.classifier[1][2].bias.any()


def test_both_branches_are_told_what_the_other_knows() -> None:
    """Without the messages up, the details never learn of what lies outside their own convolutions."""
    model, images = ddrnet(3, 2, width=4).eval(), torch.rand(1, 3, 64, 64)
    heard: list[torch.Tensor] = []
    model.details.register_forward_hook(lambda _layer, _given, out: heard.append(out))
    with torch.no_grad():
        model(images)
        for exchange in [*model.middle, model.deep]:
            exchange.up[1].weight.zero_()
        model(images)
    assert not torch.allclose(heard[0], heard[1])


def test_details_and_context_are_summed_before_they_are_classified() -> None:
    model = ddrnet(3, 2, width=4).eval()
    parts: dict[str, torch.Tensor] = {}
    model.details.register_forward_hook(lambda _layer, _given, out: parts.update(fine=out))
    model.pyramid.register_forward_hook(lambda _layer, _given, out: parts.update(coarse=out))
    model.classifier.register_forward_pre_hook(lambda _layer, given: parts.update(both=given[0]))
    with torch.no_grad():
        model(torch.rand(1, 3, 64, 64))
    assert parts["coarse"].shape[-2:] == (1, 1)  # its one pixel stands for all of them
    torch.testing.assert_close(parts["both"], parts["fine"] + parts["coarse"])


def test_the_second_classifier_is_taught_and_leaves_the_first_alone() -> None:
    model, labels = ddrnet(3, 3, width=4, auxiliary=0.4), torch.randint(3, (2, 40, 56))
    said = model(torch.rand(2, 3, 40, 56))
    assert isinstance(said, Heads)
    (second,) = said.auxiliary
    assert (second.of, second.weight, tuple(second.scores.shape)) == ("classes", 0.4, (2, 3, 40, 56))
    loss_of_heads(cross_entropy, said, labels).backward()
    assert all(weights.grad is not None for weights in model.parameters())
    assert any(weights.grad.any() for weights in model.second.parameters())
    assert isinstance(model.eval()(torch.rand(1, 3, 40, 56)), Heads)


def test_one_image_is_enough_to_learn_from() -> None:
    model = ddrnet(3, 2, width=4).train()
    assert model(torch.rand(1, 3, 128, 128)).isfinite().all()
