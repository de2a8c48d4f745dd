"""Sums over all processes, through which gradients flow."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch import distributed as dist
from torch.distributed.nn import functional as across


def gathered_sum(share: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """The sum of every process's `share`; the share itself where there is one process, or no gradient.

    A loss that is a ratio of sums must see the sums of the whole batch: the mean of two processes'
    Dice is not the Dice of both. The gradient is summed over the processes as well. Evaluation, where
    processes may hold different numbers of batches, takes no gradient and does not gather.
    """
    if not torch.is_grad_enabled() or not dist.is_initialized() or dist.get_world_size() == 1:
        return share
    return across.all_reduce(share)
