"""Batch norms that follow convolutions, made part of their weights: less to compute, the same result."""

from copy import deepcopy
from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights


def folded(model: nn.Module) -> nn.Module:
    """A copy for prediction, in which no batch norm directly after a convolution in a sequence is left.

    Norms elsewhere stay. Scores differ from the model's by rounding.

    Args:
        model: In evaluation mode; it is left as it is.

    Raises:
        ValueError: If the model is in training mode, where norms follow each batch.
    """
    if model.training:
        raise ValueError("only a model that predicts can be folded. Found training mode. Call eval() first.")
    copy = deepcopy(model)
    seen = [layer for layer in copy.modules() if isinstance(layer, nn.Conv2d)]
    shared = {id(layer) for layer in seen if _uses(copy, layer) > 1}
    for sequence in [layer for layer in copy.modules() if isinstance(layer, nn.Sequential)]:
        names = list(sequence._modules)  # pyright: ignore[reportPrivateUsage] slices of a sequence are copies
        for first, second in pairwise(names):
            layer, norm = sequence.get_submodule(first), sequence.get_submodule(second)
            if isinstance(layer, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d) and id(layer) not in shared:
                _fold(layer, norm)
                sequence.set_submodule(second, nn.Identity())
    return copy


def _uses(model: nn.Module, layer: nn.Module) -> int:
    """In how many places of a model one layer stands."""
    return sum(child is layer for parent in model.modules() for child in parent._modules.values())  # pyright: ignore[reportPrivateUsage]


def _fold(layer: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError("a batch norm without running statistics cannot be folded. Train it with them.")
    layer.weight, layer.bias = fuse_conv_bn_weights(
        layer.weight, layer.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    )
