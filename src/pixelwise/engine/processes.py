"""The few things a loop must know about running in several processes."""

import os
from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch import distributed as dist


@contextmanager
def processes(device: torch.device) -> Generator[None, None, None]:
    """Join the group that `torchrun` started, if it did, and leave it at the end."""
    if "RANK" not in os.environ or dist.is_initialized():
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def rank() -> int:
    """Number of this process, from zero; known before the group is joined."""
    return dist.get_rank() if dist.is_initialized() else int(os.environ.get("RANK", 0))


def world() -> int:
    """Number of processes."""
    return dist.get_world_size() if dist.is_initialized() else int(os.environ.get("WORLD_SIZE", 1))


def everyones(value: Tensor) -> Tensor:
    """The sum of `value` over all processes."""
    total = value.detach().clone()
    if dist.is_initialized():
        dist.all_reduce(total)
    return total


def everyones_list(items: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Every process's items, in the order of the processes."""
    if not dist.is_initialized():
        return items
    gathered: list[list[tuple[str, float]]] = [[] for _ in range(world())]
    dist.all_gather_object(gathered, items)
    return [item for part in gathered for item in part]


def from_first(value: float, device: torch.device) -> float:
    """What the first process says, told to all."""
    if not dist.is_initialized():
        return value
    told = torch.tensor(value, dtype=torch.float64, device=device)
    dist.broadcast(told, 0)
    return float(told)


def share_weights(model: nn.Module) -> None:
    """Give every process the first one's weights; hosts need no common disk."""
    if dist.is_initialized():
        for tensor in model.state_dict().values():
            dist.broadcast(tensor, 0)


def replicate(model: nn.Module, device: torch.device) -> nn.Module:
    """The model on its device, laid out for convolutions, kept in step with the other processes."""
    model = model.to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] torch's stub lacks it
    if not dist.is_initialized():
        return model
    if device.type == "cuda":
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    return nn.parallel.DistributedDataParallel(model)
