"""A trained model as one file that holds all that is needed to use it: the bundle."""

from dataclasses import replace
from pathlib import Path

import torch

from pixelwise.core.errors import RecipeError
from pixelwise.engine.checkpoint import Checkpoint, load, save
from pixelwise.workflows._runs import weights_file
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.trained import load_trained

NAME = "model.safetensors"
_KEPT = ("version", "recipe", "classes", "bands", "mean", "std", "low", "high", "metres", "data", "step")


def bundle(
    run: Path | str, *, out: Path | str | None = None, overwrite: bool = False, quiet: bool = False
) -> Path:
    """Write the weights and the contract of a run as one safetensors file, without pickle, with a digest.

    What training needs (the optimizer, random states) stays behind; the scores, the licences of pretrained
    weights and the digest of the data go along.

    Args:
        run: A run folder, or one of its weight files.
        out: The file; None takes `exports/bundle/model.safetensors` in the run folder.
        overwrite: Replace an earlier file.
        quiet: Say nothing.

    Returns:
        The file, which `predict`, `evaluate`, `serve` and `export` take like a run.

    Raises:
        CheckpointError: If there is no run, or its weights cannot be trusted.
        RecipeError: If the file is there already.
    """
    weights = weights_file(Path(run))
    file = weights.parent / "exports" / "bundle" / NAME if out is None else Path(out)
    if file.suffix != ".safetensors":
        file = file / NAME
    if file.exists() and not overwrite:
        raise RecipeError(
            f"{file} is there already, and nothing is overwritten. Choose another --out, or --overwrite."
        )
    trained = load_trained(Path(run), device=torch.device("cpu"), precision="float32")
    checkpoint = load(weights)
    facts = {name: checkpoint.facts[name] for name in _KEPT if name in checkpoint.facts}
    contract = replace(trained.contract, form=None).plain()
    tensors = {name: tensor for name, tensor in checkpoint.tensors.items() if name.startswith("model/")}
    save(file, Checkpoint(tensors, facts | {"kind": "bundle", "contract": contract}))
    Talk(quiet=quiet).say(f"bundle: {file}, {file.stat().st_size / 1e6:.1f} MB")
    return file
