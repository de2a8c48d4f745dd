"""What other libraries' networks need to be ours: other bands, weights from files, no idle parts."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call

from pixelwise.core.errors import CheckpointError, raise_faults
from pixelwise.ops.heads import logits_of

PRETRAINED = "pretrained"  # the word that downloads; nothing else does

RGB = 3  # bands the libraries' networks are made for
_SIDE = 64  # rows and columns of the images on which idle parts are looked for


def fit_bands(network: nn.Module, in_channels: int, *, learnt: bool) -> None:
    """Make the first convolution take these bands instead of red, green and blue.

    Args:
        network: Changed in place.
        in_channels: Bands of the image.
        learnt: Whether the kernel holds something, which is then repeated over the bands and weakened as
            they are more; else it is drawn anew.
    """
    name, layer = _first_convolution(network)
    if layer.in_channels == in_channels:
        return
    new = nn.Conv2d(
        in_channels,
        layer.out_channels,
        _pair(layer.kernel_size),
        stride=_pair(layer.stride),
        padding=layer.padding if isinstance(layer.padding, str) else _pair(layer.padding),
        bias=layer.bias is not None,
    )
    if learnt:
        new.load_state_dict(layer.state_dict() | {"weight": _adapted(layer.weight.detach(), in_channels)})
    else:
        nn.init.kaiming_normal_(new.weight, mode="fan_out", nonlinearity="relu")
    home, _, last = name.rpartition(".")
    setattr(network.get_submodule(home), last, new)


def take(network: nn.Module, found: Mapping[str, Tensor], origin: str, *, heads: tuple[str, ...]) -> None:
    """Give a network weights of the same names, adapted to its bands.

    Args:
        network: Changed in place.
        found: Weights by name.
        origin: Where they are from, for the message.
        heads: How the names of the classifiers begin; what has another number of classes there stays as it
            is.

    Raises:
        CheckpointError: If weights are missing, unknown or of another shape; all are told.
    """
    name, layer = _first_convolution(network)
    wanted = network.state_dict()
    faults = [f"unknown {key}" for key in found if key not in wanted]
    fitting: dict[str, Tensor] = {}
    for key in [key for key in wanted if key in found]:
        weight = found[key]
        if key == f"{name}.weight" and weight.shape[1] == RGB != layer.in_channels:
            weight = _adapted(weight, layer.in_channels)
        if weight.shape == wanted[key].shape:
            fitting[key] = weight
        elif not key.startswith(heads) or weight.shape[1:] != wanted[key].shape[1:]:
            faults.append(f"{key} is {tuple(weight.shape)}, wanted {tuple(wanted[key].shape)}")
    faults += [f"missing {key}" for key in wanted if key not in found]
    raise_faults(CheckpointError, f"{origin} does not hold the weights of this network:", faults)
    network.load_state_dict(wanted | fitting)


def drop_idle_parts(model: nn.Module, in_channels: int) -> None:
    """Take out what has parameters and no influence on the logits: nobody could train it.

    The model is run once, without numbers: only shapes are computed.

    Args:
        model: Changed in place, in training mode afterwards.
        in_channels: Bands of the images it takes.
    """
    model.train()
    images = torch.empty(2, in_channels, _SIDE, _SIDE, device="meta")
    weights = {name: torch.empty_like(each, device="meta") for name, each in model.named_parameters()}
    buffers = {name: torch.empty_like(each, device="meta") for name, each in model.named_buffers()}
    for stand_in in weights.values():
        stand_in.requires_grad_()
    with torch.enable_grad():
        logits = logits_of(functional_call(model, weights | buffers, (images,)))
        logits.float().sum().backward()
    _drop(model, {name for name, stand_in in weights.items() if stand_in.grad is None}, "")


def _drop(module: nn.Module, idle: set[str], prefix: str) -> None:
    for name in [name for name, _ in module.named_parameters(recurse=False) if prefix + name in idle]:
        module.register_parameter(name, None)
    for name, child in list(module.named_children()):
        here = f"{prefix}{name}."
        weights = {here + key for key, _ in child.named_parameters()}
        if weights and weights <= idle:
            setattr(module, name, nn.Identity())
        elif weights & idle:
            _drop(child, idle, here)


def _first_convolution(network: nn.Module) -> tuple[str, nn.Conv2d]:
    return next((name, layer) for name, layer in network.named_modules() if isinstance(layer, nn.Conv2d))


def _adapted(weight: Tensor, in_channels: int) -> Tensor:
    from timm.models import adapt_input_conv  # three seconds: only when asked for

    return adapt_input_conv(in_channels, weight)


def _pair(size: tuple[int, ...]) -> tuple[int, int]:
    return size[0], size[1]
