"""Optimizers by name, and the learning rate as a function of progress."""

import math
from collections.abc import Callable, Iterable
from typing import Literal

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

OptimizerName = Literal["adam", "adamw", "sgd"]
ScheduleName = Literal["constant", "poly", "cosine"]


def make_optimizer(
    model: nn.Module,
    name: OptimizerName,
    *,
    lr: float,
    weight_decay: float = 0.0,
    momentum: float = 0.9,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> Optimizer:
    """The optimizer; biases and norms are not decayed.

    Args:
        model: Whose parameters are trained.
        name: Which one.
        lr: Peak learning rate.
        weight_decay: Decoupled for adamw, added to the gradient for the others.
        momentum: Of sgd (Nesterov's).
        betas: Of adam and adamw.
        eps: Of adam and adamw; Keras uses 1e-7.

    Reference:
        Kingma & Ba, "Adam", 2015, arXiv:1412.6980; Loshchilov & Hutter, "Decoupled weight decay
        regularization", 2019, arXiv:1711.05101; Sutskever et al., 2013 (Nesterov momentum).
    """
    groups = [
        {"params": list(_parameters(model, matrices=True)), "weight_decay": weight_decay},
        {"params": list(_parameters(model, matrices=False)), "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if name == "sgd":
        return SGD(groups, lr=lr, momentum=momentum, nesterov=momentum > 0)
    fused = all(parameter.device.type in {"cpu", "cuda"} for parameter in model.parameters())
    kind = AdamW if name == "adamw" else Adam
    return kind(groups, lr=lr, betas=betas, eps=eps, fused=fused)


def _parameters(model: nn.Module, *, matrices: bool) -> Iterable[nn.Parameter]:
    return (p for p in model.parameters() if p.requires_grad and (p.dim() > 1) == matrices)


def learning_rate(
    name: ScheduleName, peak: float, *, warmup: float = 0.0, power: float = 0.9
) -> Callable[[float], float]:
    """The learning rate as a function of progress in 0..1.

    Args:
        name: constant; poly, `(1 - progress) ** power`; or cosine, half a wave down to zero.
        peak: The highest rate.
        warmup: Share of the training during which it rises evenly from near zero.
        power: Of poly.

    Reference:
        Chen et al., "DeepLab", 2016, arXiv:1606.00915, section 4.1.2 (poly);
        Loshchilov & Hutter, "SGDR", 2017, arXiv:1608.03983, eq. 5 (cosine).
    """

    def rate(progress: float) -> float:
        if progress < warmup:
            return peak * max(progress / warmup, 1e-3)
        after = min(1.0, (progress - warmup) / max(1e-12, 1 - warmup))
        if name == "poly":
            return peak * (1 - after) ** power
        if name == "cosine":
            return peak * 0.5 * (1 + math.cos(math.pi * after))
        return peak

    return rate


def set_rate(optimizer: Optimizer, rate: float) -> None:
    """Give every parameter group this learning rate."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
