"""Two processes, each with half of a batch, tell the loss and the gradient that one process tells."""

from functools import partial
from inspect import signature
from pathlib import Path

import pytest
import torch
from torch import distributed as dist
from torch import multiprocessing

from pixelwise.core.catalog import Catalog
from pixelwise.ops.planes import counted

LOSSES = Catalog("pixelwise.losses", "loss")
OPTIONS = {"per_image": True, "class_weights": (1.0, 2.0, 5.0), "log": True, "include_absent": False}
ALONE = {"top_k": [], "lovasz": [{"per_image": True}]}  # sort the pixels of a process, as they say


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Scores, planes and labels of four images that count unevenly; the first two show no class 2."""
    rng = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(4, 3, 9, 9, generator=rng, dtype=torch.float64)
    labels = torch.randint(3, (4, 9, 9), generator=rng)
    labels[:2] = labels[:2].clamp(max=1)
    planes = torch.nn.functional.one_hot(labels, 3).movedim(-1, 1).double()
    labels[0, :7], planes[0, :, :7] = 255, -1
    labels[3, :, 0], planes[3, :, :, 0] = 255, -1
    return logits, planes, labels


def variants(name: str) -> list[dict[str, object]]:
    """A loss as it is, and with each option that changes how sums are taken."""
    if name in ALONE:
        return ALONE[name]
    takes = signature(LOSSES[name]).parameters
    return [{}, *({option: value} for option, value in OPTIONS.items() if option in takes)]


LOGITS, PLANES, LABELS = batch()
CASES = {
    f"{name} {kind} {options}": (partial(LOSSES[name], **options), labels)
    for name in LOSSES.names()
    for options in variants(name)
    for kind, labels in (("labels", LABELS), ("planes", PLANES))
}


def told(loss, logits: torch.Tensor, labels: torch.Tensor, share: float) -> list[torch.Tensor]:
    """The share of a loss, and the gradient of its scores."""
    logits = logits.clone().requires_grad_()
    part = loss(logits, labels) * share
    part.backward()
    assert logits.grad is not None
    return [part.detach(), logits.grad]


def of_half(rank: int, folder: str) -> None:
    """What one of two processes has to tell, written to a file. Batches weigh as in the training loop."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    half, found = slice(2 * rank, 2 * rank + 2), {}
    for name, (loss, labels) in CASES.items():
        share = float(counted(labels[half]).sum() / counted(labels).sum())
        found[name] = told(loss, LOGITS[half], labels[half], share)
    torch.save(found, Path(folder) / f"{rank}.pt")
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    multiprocessing.spawn(of_half, (str(folder),), nprocs=2)
    return [torch.load(folder / f"{rank}.pt") for rank in range(2)]


@pytest.mark.multiprocess
@pytest.mark.parametrize("name", CASES)
def test_two_processes_are_one(halves, name) -> None:
    loss, labels = CASES[name]
    value, gradient = told(loss, LOGITS, labels, 1.0)
    torch.testing.assert_close(halves[0][name][0] + halves[1][name][0], value, rtol=1e-6, atol=1e-9)
    both = torch.cat([halves[0][name][1], halves[1][name][1]])
    torch.testing.assert_close(both, gradient, rtol=1e-6, atol=1e-9)
    assert value != 0 and gradient.abs().sum() > 0
