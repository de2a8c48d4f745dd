"""An error of a converter names the layer that it is about."""

import pytest
import torch
from torch import Tensor, nn

from pixelwise.export.layers import layer_of, naming_layers


class Sorted(nn.Module):
    """No exporter likes to sort."""

    def forward(self, images: Tensor) -> Tensor:
        return images.sort(dim=1).values


def graph() -> torch.export.ExportedProgram:
    network = nn.Sequential(nn.Conv2d(1, 2, 1), Sorted())
    return torch.export.export(network, (torch.rand(1, 1, 4, 4),))


@pytest.mark.parametrize(
    "words", ["no lowering for aten.sort.default", "Missing: aten::sort", "node %sort : it"]
)
def test_by_operator_or_by_node(words) -> None:
    told = layer_of(graph(), words)
    assert told is not None
    assert "sort in layer '1' (Sorted)" in told
    assert "test_layers.py:14" in told


def test_words_that_name_nothing_say_nothing() -> None:
    assert layer_of(graph(), "out of memory") is None
    assert layer_of(graph(), "aten.fft is not known") is None


def test_the_error_keeps_its_kind_and_is_given_a_note() -> None:
    with pytest.raises(RuntimeError, match=r"aten\.conv2d") as caught, naming_layers(graph):
        raise RuntimeError("aten.conv2d.default is not known")
    assert "layer '0' (Conv2d)" in caught.value.__notes__[0]
