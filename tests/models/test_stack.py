import pytest
import torch

from pixelwise.models.stack import stack


def test_as_many_parameters_as_in_the_tutorial() -> None:
    assert sum(weights.numel() for weights in stack(1, 3).parameters()) == 74_595


@pytest.mark.parametrize("depth", [4, 11])
def test_sees_one_row_and_column_more_on_each_side_per_layer(depth) -> None:
    model = stack(1, 1, width=4, depth=depth).double()
    images = torch.rand(1, 1, 31, 31, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        for weights in model.parameters():
            weights.abs_()  # so that no unit is off
    model(images)[0, 0, 15, 15].backward()
    rows = images.grad[0, 0].any(dim=1).nonzero()
    assert (rows.min().item(), rows.max().item()) == (15 - depth, 15 + depth)


def test_dropout_is_for_training_only() -> None:
    model, images = stack(1, 2, width=4, dropout=0.5), torch.rand(1, 1, 8, 8)
    assert not torch.equal(model(images), model(images))
    assert torch.equal(model.eval()(images), model(images))
