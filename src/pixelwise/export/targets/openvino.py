"""OpenVINO: the fastest on Intel's and AMD's processors, above all in whole numbers."""

import os
import tempfile
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pixelwise.core.errors import CheckpointError
from pixelwise.export.form import Form
from pixelwise.export.source import Source
from pixelwise.export.targets._discreet import need_discreet
from pixelwise.export.targets._graph import write_graph
from pixelwise.export.targets._quiet import quiet

SUFFIX = ".xml"
BITS = ("float32", "bfloat16", "float16", "int8")
DYNAMIC = True


def openvino(source: Source, path: Path) -> None:
    """Write the network as OpenVINO's two files: the graph, and beside it the weights.

    `float16` halves the weights; it is computed in float32. Whole numbers are static: weights signed for
    each output channel, activations unsigned where they follow a ReLU, measured on the samples, with biases
    corrected for what rounding shifts.

    Raises:
        MissingExtraError: If openvino, onnx, onnxscript or, for whole numbers, nncf is not installed.
        Exception: Whatever torch.export or the converter finds.
    """
    runtime = need_discreet("openvino", noun="exporting to OpenVINO")
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder) / "float.onnx"
        write_graph(source, whole)
        model = runtime.Core().read_model(whole)
        if source.form.bits == "int8":
            model = _quantised(model, source)
        runtime.save_model(model, path, compress_to_fp16=source.form.bits == "float16")


def belonging(path: Path) -> tuple[Path, ...]:
    """The weights, in a file of the same name."""
    return (path.with_suffix(".bin"),)


def opened(path: Path, form: Form, *, threads: int | None = None) -> Any:
    """The two files in OpenVINO on the processor.

    It computes in float32, but for convolutions in whole numbers, unless the form says `bfloat16`: left
    alone it would take bfloat16 wherever the processor has it.

    Raises:
        MissingExtraError: If openvino is not installed.
        CheckpointError: If OpenVINO cannot open the files.
    """
    runtime = need_discreet("openvino", noun="an OpenVINO model")
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if form.bits == "bfloat16" else "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads or len(os.sched_getaffinity(0)),
    }
    core = runtime.Core()
    try:
        request = core.compile_model(core.read_model(path), "CPU", settings).create_infer_request()
    except Exception as error:  # OpenVINO's are all RuntimeError
        raise CheckpointError(f"{path} cannot be opened by OpenVINO: {error}. Export it again.") from error
    one_by_one = Lock()

    def answer(images: Tensor) -> Tensor:
        with one_by_one:
            return torch.from_numpy(request.infer([images.numpy()], share_inputs=True)[0])

    return answer


def _quantised(model: Any, source: Source) -> Any:
    with quiet():
        nncf = need_discreet("nncf", noun="whole numbers in OpenVINO")
        return nncf.quantize(
            model,
            nncf.Dataset(source.samples, np.asarray),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(source.samples),
            fast_bias_correction=True,
        )
