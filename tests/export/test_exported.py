"""The face of an exported file: any size in, scores out, whatever the file itself takes."""

import pytest
import torch

from pixelwise.export.exported import Exported
from pixelwise.export.form import Form
from pixelwise.export.network import Travelling, as_images, as_logits


class Recorded:
    """A file that gives each pixel's value as the score of class 1, and remembers what it was given."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        self.shapes.append(tuple(images.shape))
        return torch.cat([torch.zeros_like(images[:, :1]), images[:, :1]], dim=1)


def test_a_fixed_size_is_filled_and_cut_again() -> None:
    file = Recorded()
    exported = Exported(file, Form("onnx", size=(8, 8), batch=2), 2, exclusive=True)
    images = torch.rand(3, 1, 5, 8)
    scores = exported(images)
    assert file.shapes == [(2, 1, 8, 8), (2, 1, 8, 8)]
    torch.testing.assert_close(scores[:3, 1:], images)
    assert scores.shape == (3, 2, 5, 8)


def test_open_sizes_are_left_alone_above_the_least() -> None:
    file = Recorded()
    exported = Exported(file, Form("onnx", least=4), 2, exclusive=True)
    assert exported(torch.rand(1, 1, 2, 9)).shape == (1, 2, 2, 9)
    assert file.shapes == [(1, 1, 4, 9)]


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("gives", ["logits", "probs", "labels"])
def test_whatever_is_given_decides_likewise(gives, exclusive) -> None:
    network, images = torch.nn.Conv2d(2, 3, 1), torch.rand(2, 2, 6, 5)
    form = Form("onnx", gives=gives)
    given = Travelling(network, pixels="float", gives=gives, exclusive=exclusive)(images)
    scores, truth = as_logits(given, form, 3, exclusive=exclusive), network(images)
    if exclusive:
        assert torch.equal(scores.argmax(1), truth.argmax(1))
    else:
        assert torch.equal(scores > 0, truth > 0)


def test_whole_numbers_are_scaled_inside() -> None:
    images = torch.randint(256, (1, 3, 4, 4)).to(torch.uint8)
    read = images.float() / 255
    ready = as_images(read, Form("onnx", pixels="uint8"))
    assert torch.equal(ready, images)
    told = Travelling(torch.nn.Identity(), pixels="uint8", gives="logits", exclusive=True)(ready)
    torch.testing.assert_close(told, read)
