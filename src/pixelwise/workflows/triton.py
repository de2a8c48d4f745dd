"""A trained model as a repository for NVIDIA's Triton server, which KServe runs too."""

import json
import shutil
import tempfile
from pathlib import Path

from pixelwise.core.errors import RecipeError
from pixelwise.core.files import write_text
from pixelwise.export.contract import contract_file
from pixelwise.export.form import INPUT, OUTPUT, Form
from pixelwise.workflows._talk import Talk
from pixelwise.workflows.export import export
from pixelwise.workflows.trained import load_trained

_TOGETHER = 8  # images that the server may gather; they must be of one size
_WAIT_US = 5000  # microseconds that it waits for more


def triton(
    run: Path | str,
    folder: Path | str,
    *,
    name: str | None = None,
    data: Path | str | None = None,
    quiet: bool = False,
) -> Path:
    """Write a model repository: the ONNX export, its configuration, its classes and its contract.

    `tritonserver --model-repository FOLDER` serves it as it is. Images go in as float32 `[b c h w]` in the
    range of the contract, scores come out `[b k h w]`; images of one size are gathered into batches.

    Args:
        run: A run folder, one of its weight files, or a bundle.
        folder: The repository; other models in it are left alone.
        name: Of the model in it; None takes the name of the run.
        data: Other labelled images for the certificate than the run's own.
        quiet: Say nothing.

    Returns:
        The folder of the model.

    Raises:
        RecipeError: If the repository has a model of that name, or the name is none.
        PixelwiseError: As `export` does.
    """
    home = Path(folder)
    called = name or _plain_name(Path(run))
    target = home / called
    if target.exists():
        raise RecipeError(f"{target} is there already, and nothing is overwritten. Choose another --name.")
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=home) as work:
        done = export(run, to="onnx", data=data, out=Path(work) / "export", quiet=quiet)
        trained = load_trained(done.model)
        made = Path(work) / called
        (made / "1").mkdir(parents=True)
        done.model.replace(made / "1" / done.model.name)
        contract_file(done.model).replace(made / "1" / contract_file(done.model).name)
        write_text(made / "classes.txt", "\n".join(trained.classes.names) + "\n")
        write_text(
            made / "config.pbtxt", _configuration(called, done.form, trained.bands, len(trained.classes))
        )
        shutil.copyfile(done.certificate, made / done.certificate.name)
        made.rename(target)
    Talk(quiet=quiet).say(f"model repository: {home}, model {called!r}")
    return target


def _plain_name(run: Path) -> str:
    """The name of the run folder, without what a server would not take in an address."""
    folder = run.resolve() if run.is_dir() else run.resolve().parent
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in folder.name) or "model"


def _configuration(name: str, form: Form, bands: int, num_classes: int) -> str:
    """Triton's description of the model, in the text form of its protocol buffer."""
    rows, columns = form.size or (-1, -1)
    most = _TOGETHER if form.batch is None else 0
    batch = [] if most else [form.batch or 1]
    taken, given = ([*batch, first, rows, columns] for first in (bands, num_classes))
    gathering = f"dynamic_batching {{ max_queue_delay_microseconds: {_WAIT_US} }}\n" if most else ""
    return (
        f"name: {json.dumps(name)}\n"
        'platform: "onnxruntime_onnx"\n'
        f"max_batch_size: {most}\n"
        f'input [ {{ name: "{INPUT}" data_type: TYPE_FP32 dims: {taken} }} ]\n'
        f'output [ {{ name: "{OUTPUT}" data_type: TYPE_FP32 dims: {given} '
        f'label_filename: "classes.txt" }} ]\n'
        f"{gathering}"
    )
