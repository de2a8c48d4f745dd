"""An exported file as a model: images in, scores out, like the one it came from."""

from collections.abc import Callable
from pathlib import Path
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.core.catalog import Catalog
from pixelwise.core.errors import CheckpointError
from pixelwise.export.contract import Contract, read_contract
from pixelwise.export.form import Form
from pixelwise.export.network import as_images, as_logits
from pixelwise.ops.sizes import top_left

TARGETS = Catalog("pixelwise.export.targets", "target")

Answer = Callable[[Tensor], Tensor]  # images in the range of the form to what the form gives


@final
class Exported(nn.Module):
    """A file of another runtime behind the face of a network: images up to its size in, scores out."""

    def __init__(self, answer: Answer, form: Form, num_classes: int, *, exclusive: bool) -> None:
        super().__init__()
        self._answer, self._form, self._k, self._exclusive = answer, form, num_classes, exclusive

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b k h w"]:
        """Scores; what the file cannot take at once is taken one by one, what is too small is continued."""
        rows, columns = images.shape[-2:]
        ready = as_images(self._continued(images), self._form).contiguous()
        parts = ready.split(self._form.batch or len(ready))
        given = torch.cat([self._answer(part) for part in parts])
        scores = as_logits(given[: len(images)], self._form, self._k, exclusive=self._exclusive)
        return top_left(scores, rows, columns)

    def _continued(self, images: Tensor) -> Tensor:
        """Images, their last row and column repeated up to the size of the form; the last batch filled."""
        rows, columns = self._form.size or (self._form.least, self._form.least)
        below, right = max(0, rows - images.shape[-2]), max(0, columns - images.shape[-1])
        larger = F.pad(images, (0, right, 0, below), mode="replicate") if below or right else images
        lacking = -len(larger) % (self._form.batch or 1)
        return torch.cat([larger, larger[-1:].expand(lacking, -1, -1, -1)]) if lacking else larger


def is_exported(path: Path) -> bool:
    """Whether a file is of a format that models are exported to."""
    return path.suffix.lower() in suffixes()


def suffixes() -> dict[str, str]:
    """Each suffix of an exported file, and its target."""
    return {TARGETS.module(name).SUFFIX: name for name in TARGETS.names()}


def open_exported(path: Path, *, threads: int | None = None) -> tuple[Exported, Contract]:
    """The model of an exported file, and its contract.

    Args:
        path: The file; its contract lies beside it.
        threads: How many the runtime may use; None for its own choice.

    Raises:
        CheckpointError: If the file or its contract is missing, damaged or changed.
        MissingExtraError: If the runtime is not installed.
    """
    contract = read_contract(path)
    if contract.form is None:
        raise CheckpointError(f"{path} has a contract without a form. Export the model again.")
    opened: Callable[..., Answer] = TARGETS.module(contract.form.target).opened
    answer = opened(path, contract.form, threads=threads)
    classes = contract.classes
    return Exported(answer, contract.form, len(classes), exclusive=classes.exclusive).eval(), contract
