"""Networks as if they had been trained: norms that do something, in the same state as another's."""

import torch
from torch import nn


def disturbed(network: nn.Module) -> nn.Module:
    """The network in evaluation, its norms with weights, biases and statistics far from one and zero."""
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d | nn.SyncBatchNorm):
                layer.weight.uniform_(0.5, 1.5)
                layer.bias.uniform_(-0.5, 0.5)
                layer.running_mean.uniform_(-0.3, 0.3)
                layer.running_var.uniform_(0.5, 1.5)
    return network.eval()


def copy_in_order(source: nn.Module, target: nn.Module) -> None:
    """Give a network the state of another whose layers stand in the same order under other names."""
    named = list(target.state_dict())
    given = list(source.state_dict().values())
    assert len(named) == len(given)
    target.load_state_dict(dict(zip(named, given, strict=True)))


def parameters(network: nn.Module) -> int:
    return sum(weights.numel() for weights in network.parameters())
