"""All that a run needs to go on, or a model needs to predict, in one file without code in it.

A checkpoint is a safetensors file: tensors under `model/`, `optimizer/` and `random/`, and a JSON
text with everything else. It is written beside, synced and renamed, so it is whole or not there,
and carries a digest of its content, so a changed byte is noticed. Pickles are never opened.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pixelwise.core.errors import CheckpointError
from pixelwise.core.files import write_with

FORMAT = 1
_KEY = "pixelwise"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Tensors by name, and plain values.

    Attributes:
        tensors: Under `model/`, `optimizer/`, `random/`.
        facts: What JSON can hold: recipe, classes, step, scores, version.
    """

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors under a prefix, without it."""
        return {name[len(prefix) :]: t for name, t in self.tensors.items() if name.startswith(prefix)}


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint atomically.

    Raises:
        StorageError: If the disk refuses; an older checkpoint of that name is untouched.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
    facts = {"format": FORMAT, **checkpoint.facts}
    facts["digest"] = _digest(tensors, facts)
    write_with(path, lambda beside: save_file(tensors, beside, {_KEY: json.dumps(facts)}))


def load(path: Path) -> Checkpoint:
    """Read a checkpoint and check that it is whole and ours.

    Raises:
        CheckpointError: If there is none, or it is a pickle, damaged, changed, or of another format.
    """
    _refuse_pickle(path)
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is damaged or no checkpoint ({error}). Use best.safetensors or last.safetensors "
            "of a run."
        ) from None
    if _KEY not in metadata:
        raise CheckpointError(
            f"{path} was not written by pixelwise. To start from foreign weights, give them to the model "
            "in a recipe (model.weights)."
        )
    facts = _facts(path, metadata[_KEY])
    if facts.get("format") != FORMAT:
        raise CheckpointError(
            f"{path} has format {facts.get('format')!r}, this version reads format {FORMAT}. "
            f"It was written by pixelwise {facts.get('version', 'of an unknown version')}; use that version."
        )
    if facts.pop("digest", None) != _digest(tensors, facts):
        raise CheckpointError(
            f"{path} was changed after it was written: its content does not match its digest. "
            "Use another checkpoint or train again."
        )
    return Checkpoint(tensors, facts)


def _facts(path: Path, text: str) -> dict[str, Any]:
    try:
        facts = json.loads(text)
    except json.JSONDecodeError:
        facts = None
    if not isinstance(facts, dict):
        raise CheckpointError(f"{path} is damaged: its description cannot be read. Use another checkpoint.")
    return cast("dict[str, Any]", facts)


def _refuse_pickle(path: Path) -> None:
    if not path.is_file():
        raise CheckpointError(f"no checkpoint at {path}. Give a run folder that holds best.safetensors.")
    with path.open("rb") as file:
        head = file.read(9)
    safetensors = head[8:] == b"{"  # eight bytes of length, any of them, then JSON
    if not safetensors and (head[:2] == b"PK" or head[:1] == b"\x80"):
        raise CheckpointError(
            f"{path} is a pickle, which can run any code when it is opened, so pixelwise never opens one. "
            "Save its weights as safetensors in the program that made it."
        )


def _digest(tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> str:
    """SHA-256 of the plain values and of every tensor's name, type, shape and bytes."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name}|{tensor.dtype}|{tuple(tensor.shape)}|".encode())
        digest.update(tensor.contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()
