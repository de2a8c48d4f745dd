"""torch.export: a graph that plain PyTorch runs, without our code and without a pickle."""

import zipfile
from pathlib import Path
from typing import Any

import torch as pytorch
from torch import Tensor

from pixelwise.core.errors import CheckpointError
from pixelwise.export.form import Form
from pixelwise.export.network import traced
from pixelwise.export.source import Source

SUFFIX = ".pt2"
BITS = ("float32", "bfloat16")
DYNAMIC = True


def torch(source: Source, path: Path) -> None:
    """Write the network as a graph of torch.export.

    Raises:
        Exception: Whatever torch.export finds.
    """
    program = traced(source.network, source.form, source.bands)
    program._example_inputs = None  # pyright: ignore[reportPrivateUsage] they would be a pickle
    pytorch.export.save(program, path)


def opened(path: Path, form: Form, *, threads: int | None = None) -> Any:
    """The graph, ready to run.

    Raises:
        CheckpointError: If the archive holds a pickle, or cannot be read.
    """
    del threads  # PyTorch's own setting holds
    _refuse_pickles(path)
    model = pytorch.export.load(path).module()
    dtype = pytorch.bfloat16 if form.bits == "bfloat16" else None

    def answer(images: Tensor) -> Tensor:
        laid = images.contiguous(memory_format=pytorch.channels_last)
        with pytorch.inference_mode(), pytorch.autocast("cpu", dtype, enabled=dtype is not None):
            return model(laid)

    return answer


def _refuse_pickles(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = {member.filename: member.file_size for member in archive.infolist()}
            inputs = any("sample_inputs" in name and size for name, size in members.items())
            configs = [archive.read(name) for name in members if name.endswith("_config.json")]
    except zipfile.BadZipFile:
        raise CheckpointError(f"{path} is damaged: it is no archive of torch.export. Export again.") from None
    if inputs or any(b'"use_pickle": true' in config for config in configs):
        raise CheckpointError(
            f"{path} holds a pickle, which can run any code when it is opened, so pixelwise never opens one. "
            "Export the model again with pixelwise."
        )


def belonging(path: Path) -> tuple[Path, ...]:
    """Files that the one named needs beside it: none."""
    del path
    return ()
