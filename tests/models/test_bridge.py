"""Other bands, weights from elsewhere and idle parts, on networks small enough to count."""

import pytest
import torch
from torch import nn

from pixelwise.core.errors import CheckpointError
from pixelwise.models._bridge import drop_idle_parts, fit_bands, take


class Idle(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.used = nn.Conv2d(3, 2, 1)
        self.norm = nn.BatchNorm2d(2)
        self.never = nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU())
        self.partly = nn.ModuleList([nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1)])
        self.token = nn.Parameter(torch.zeros(3))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.partly[0](self.norm(self.used(images)))


def net() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False), nn.Conv2d(4, 5, 1))


def test_what_is_never_used_is_taken_out_and_nothing_else() -> None:
    model = Idle()
    before = model.eval()(images := torch.rand(1, 3, 4, 4))
    drop_idle_parts(model, 3)
    assert sorted(name for name, _ in model.named_parameters()) == sorted(
        ["used.weight", "used.bias", "norm.weight", "norm.bias", "partly.0.weight", "partly.0.bias"]
    )
    torch.testing.assert_close(model.eval()(images), before)
    assert model.norm.num_batches_tracked == 0  # looking for idle parts teaches nothing
    assert all(weights.grad is None for weights in model.parameters())


def test_idle_parts_are_found_where_no_gradients_are_asked_for() -> None:
    model = Idle()
    with torch.no_grad():
        drop_idle_parts(model, 3)
    assert isinstance(model.never, nn.Identity)


@pytest.mark.parametrize("bands", [1, 6, 9])
def test_a_learnt_kernel_keeps_its_answer_to_grey_images(bands) -> None:
    network, image = net(), torch.rand(1, 1, 6, 6)
    before = network(image.expand(-1, 3, -1, -1))
    fit_bands(network, bands, learnt=True)
    torch.testing.assert_close(network(image.expand(-1, bands, -1, -1)), before)


def test_three_bands_change_nothing() -> None:
    network = net()
    first = network[0]
    fit_bands(network, 3, learnt=False)
    assert network[0] is first


def test_weights_are_taken_by_name() -> None:
    network, other = net(), net()
    take(network, other.state_dict(), "a file", heads=("1.",))
    for mine, theirs in zip(network.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_weights_of_other_classes_leave_the_classifier_alone() -> None:
    network = net()
    kept = network[1].weight.clone()
    found = net().state_dict() | {"1.weight": torch.zeros(7, 4, 1, 1), "1.bias": torch.zeros(7)}
    take(network, found, "a file", heads=("1.",))
    assert torch.equal(network[1].weight, kept)
    assert torch.equal(network[0].weight, found["0.weight"])


def test_every_fault_of_a_file_is_told() -> None:
    found = {"0.weight": torch.zeros(9, 3, 3, 3), "1.weight": torch.zeros(5, 3, 1, 1), "more": torch.zeros(1)}
    with pytest.raises(CheckpointError) as told:
        take(net(), found, "a file", heads=("1.",))
    for fault in ("0.weight is (9, 3, 3, 3), wanted (4, 3, 3, 3)", "missing 1.bias", "unknown more"):
        assert fault in str(told.value)
    assert "1.weight is (5, 3, 1, 1), wanted (5, 4, 1, 1)" in str(told.value)
