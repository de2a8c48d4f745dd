import pytest
import torch
from torch import nn

from pixelwise.core.errors import DataError, ShapeError
from pixelwise.models._standardise import standardised


def test_by_hand() -> None:
    model = standardised(nn.Identity(), mean=[1.0, 10.0], std=[2.0, 5.0])
    images = torch.tensor([[[[1.0, 5.0]], [[20.0, 10.0]]]])
    assert model(images).tolist() == [[[[0, 2]], [[2, 0]]]]


def test_mean_0_and_deviation_1_change_nothing() -> None:
    images = torch.rand(2, 3, 4, 4)
    assert torch.equal(standardised(nn.Identity(), [0.0] * 3, [1.0] * 3)(images), images)


def test_the_numbers_travel_with_the_weights_and_are_not_trained() -> None:
    model = standardised(nn.Conv2d(1, 1, 1), [3.0], [4.0])
    assert {name for name, _ in model.named_parameters()} == {"model.weight", "model.bias"}
    other = standardised(nn.Conv2d(1, 1, 1), [0.0], [1.0])
    other.load_state_dict(model.state_dict())
    assert other.standardise.mean.tolist() == [3.0]
    assert other.standardise.std.tolist() == [4.0]


def test_exported_is_equal() -> None:
    model, images = standardised(nn.Conv2d(2, 3, 1), [0.1, 0.2], [2.0, 3.0]), torch.rand(1, 2, 5, 7)
    torch.testing.assert_close(torch.export.export(model, (images,)).module()(images), model(images))


@pytest.mark.parametrize("bands", [1, 3])
def test_bands_must_be_as_many_as_were_measured(bands) -> None:
    with pytest.raises(ShapeError, match=rf"Found {bands}\. Give 2\."):
        standardised(nn.Identity(), [0.0, 0.0], [1.0, 1.0])(torch.rand(1, bands, 4, 4))


def test_means_and_deviations_must_match() -> None:
    with pytest.raises(ShapeError, match="Found 1 and 2"):
        standardised(nn.Identity(), [0.0], [1.0, 1.0])


@pytest.mark.parametrize("std", [0.0, -1.0, float("nan")])
def test_a_constant_band_is_refused(std) -> None:
    with pytest.raises(DataError, match="band 1"):
        standardised(nn.Identity(), [0.0, 0.0], [1.0, std])
