"""A running training as tensors and plain values, and back, to the bit."""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from pixelwise.core.errors import CheckpointError, listing


def model_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Weights and buffers, named as in a model that is not replicated."""
    model = model.module if isinstance(model, nn.parallel.DistributedDataParallel) else model
    return {f"model/{name}": tensor for name, tensor in model.state_dict().items()}


def restore_model(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put weights back.

    Raises:
        CheckpointError: If they are those of another model.
    """
    have, want = dict(tensors), model.state_dict()
    faults = [f"lacks {name}" for name in want if name not in have]
    faults += [f"has {name}, which the model has not" for name in have if name not in want]
    faults += [
        f"{name} is {tuple(have[name].shape)}, the model's is {tuple(want[name].shape)}"
        for name in want
        if name in have and have[name].shape != want[name].shape
    ]
    if faults:
        raise CheckpointError(
            f"the weights are of another model: {listing(faults)}. Use the run's own recipe."
        )
    model.load_state_dict(have)


def optimizer_tensors(optimizer: Optimizer) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    """The optimizer's tensors, and the plain values of its parameter groups."""
    state = optimizer.state_dict()
    tensors = {
        f"optimizer/{number}/{name}": value
        for number, entry in state["state"].items()
        for name, value in entry.items()
        if isinstance(value, Tensor)
    }
    groups = [{k: v for k, v in group.items() if _is_plain(v)} for group in state["param_groups"]]
    return tensors, groups


def restore_optimizer(
    optimizer: Optimizer, tensors: Mapping[str, Tensor], groups: list[dict[str, Any]]
) -> None:
    """Put the optimizer's state back, laid out in memory as the parameters are: fused kernels rely on it."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, name = key.split("/", 1)
        parameter = parameters[int(number)]
        if tensor.shape == parameter.shape:
            tensor = torch.empty_like(parameter, requires_grad=False).copy_(tensor)
        state.setdefault(int(number), {})[name] = tensor
    now = optimizer.state_dict()["param_groups"]
    merged = [{**group, **_tuples(saved)} for group, saved in zip(now, groups, strict=True)]
    optimizer.load_state_dict({"state": state, "param_groups": merged})


def random_tensors() -> dict[str, Tensor]:
    """Every random state of this process: torch's, each GPU's, NumPy's and Python's."""
    tensors = {"random/torch": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors |= {f"random/cuda{i}": state for i, state in enumerate(torch.cuda.get_rng_state_all())}
    words: dict[str, Any] = np.random.get_state(legacy=False)  # noqa: NPY002 plug-ins may draw from it
    tensors["random/numpy"] = torch.from_numpy(words["state"]["key"].astype(np.int64))
    place = [words["state"]["pos"], words["has_gauss"], words["gauss"]]
    tensors["random/numpy_place"] = torch.tensor(place, dtype=torch.float64)
    version, numbers, gauss = random.getstate()
    tensors["random/python"] = torch.tensor([version, *numbers], dtype=torch.int64)
    place = [0.0 if gauss is None else gauss, gauss is not None]
    tensors["random/python_gauss"] = torch.tensor(place, dtype=torch.float64)
    return tensors


def restore_random(tensors: Mapping[str, Tensor]) -> None:
    """Put every random state back."""
    torch.set_rng_state(tensors["torch"])
    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            if f"cuda{number}" in tensors:
                torch.cuda.set_rng_state(tensors[f"cuda{number}"], number)
    place, has_gauss, cached = tensors["numpy_place"].tolist()
    key = tensors["numpy"].numpy().astype(np.uint32)
    words = {"state": {"key": key, "pos": int(place)}, "has_gauss": int(has_gauss), "gauss": cached}
    np.random.set_state({"bit_generator": "MT19937", **words})  # noqa: NPY002
    version, *numbers = tensors["python"].tolist()
    gauss, has_gauss = tensors["python_gauss"].tolist()
    random.setstate((int(version), tuple(map(int, numbers)), gauss if has_gauss else None))


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float | str | bool | tuple | list | None)


def _tuples(group: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples; the optimizers' pairs are tuples."""
    return {name: tuple(v) if isinstance(v, list) and name != "params" else v for name, v in group.items()}
