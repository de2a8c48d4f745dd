"""What the networks cost at their own width: multiply-adds, and seconds measured in turn."""

from collections.abc import Mapping
from statistics import median
from time import perf_counter

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

_SIDE = 512


def multiply_adds(network: nn.Module) -> float:
    """Billions of multiplications with an addition each, for one image of 512×512; counted on shapes alone.

    Args:
        network: Whose parts are on the device `meta`.
    """
    images = torch.empty(1, 3, _SIDE, _SIDE, device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.eval()(images)
    return counter.get_total_flops() / 2e9


def seconds(
    networks: Mapping[str, nn.Module], *, times: int, device: torch.device | None = None
) -> dict[str, tuple[float, ...]]:
    """Seconds for one image of 512×512, by the name of the network.

    They take turns, so that a busy machine slows all of them alike; the first turn does not count. Laid out
    in memory as everywhere in this house, channels last.

    Args:
        networks: By name.
        times: Turns that count.
        device: Where; the processor when left out.
    """
    place = device or torch.device("cpu")
    ready = {
        name: network.eval().to(place, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        for name, network in networks.items()
    }
    images = torch.rand(1, 3, _SIDE, _SIDE, device=place).to(memory_format=torch.channels_last)
    told: dict[str, list[float]] = {name: [] for name in ready}
    for _ in range(times + 1):
        for name, network in ready.items():
            told[name].append(_one(network, images))
    return {name: tuple(each[1:]) for name, each in told.items()}


def share(ours: tuple[float, ...], theirs: tuple[float, ...]) -> float:
    """The middle of one network's seconds as a share of another's, turn by turn."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))


def _one(network: nn.Module, images: torch.Tensor) -> float:
    with torch.inference_mode():
        began = perf_counter()
        network(images)
        if images.device.type == "cuda":
            torch.cuda.synchronize(images.device)
        return perf_counter() - began
