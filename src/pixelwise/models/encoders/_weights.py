"""Weights that somebody else trained, read from a file that cannot run code."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from pixelwise.core.errors import CheckpointError


def read_weights(path: Path) -> dict[str, Tensor]:
    """Every tensor of a safetensors file by its name.

    Raises:
        CheckpointError: If the file is of another kind or cannot be read.
    """
    if path.suffix != ".safetensors":
        raise CheckpointError(
            f"weights must be a safetensors file. Found {str(path)!r}. Pickles (.pt, .pth, .bin) can run "
            "code when they are opened: convert those you trust with safetensors.torch.save_file."
        )
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"cannot read weights. Found {str(path)!r}: {error}. Give the path of a safetensors file."
        ) from error
