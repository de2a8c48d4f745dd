"""Prediction through windows: the same as at once, wherever the model sees far enough."""

import pytest
import torch
from torch import nn

from pixelwise.engine.predict import AtSize, predict_labels, predict_logits

CPU = torch.device("cpu")


class Pointwise(nn.Module):
    """Scores that depend on one pixel: seams must not change anything."""

    def __init__(self, exclusive=True):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 1)

    def forward(self, images):
        return self.conv(images)


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("size", [(70, 50), (33, 129), (20, 20), (1, 100), (100, 1)])
def test_windows_are_seamless(size, exclusive) -> None:
    model, image = Pointwise().eval(), torch.randn(2, *size)
    whole = predict_labels(model, image, device=CPU, exclusive=exclusive)
    windows = predict_labels(model, image, device=CPU, exclusive=exclusive, tile=32, overlap=8)
    assert whole.shape[-2:] == size and torch.equal(whole, windows)


def test_a_seeing_model_hardly_notices_windows() -> None:
    model = nn.Sequential(nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv2d(8, 2, 5, padding=2)).eval()
    image = torch.nn.functional.avg_pool2d(torch.randn(1, 150, 170), 9, 1, 4)
    whole = predict_labels(model, image, device=CPU)
    windows = predict_labels(model, image, device=CPU, tile=64, overlap=32)
    assert (whole == windows).float().mean() > 0.995


def test_images_are_resized_as_in_training_and_scores_come_back() -> None:
    model = AtSize(Pointwise(), (8, 8)).eval()
    logits = predict_logits(model, torch.rand(1, 2, 31, 17), CPU, None)
    assert logits.shape == (1, 3, 31, 17)
