"""ONNX, run by onnxruntime: the format that most other programs read."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pixelwise.core.errors import CheckpointError
from pixelwise.export.form import INPUT, Form
from pixelwise.export.source import Source
from pixelwise.export.targets._discreet import need_discreet
from pixelwise.export.targets._graph import write_graph

SUFFIX = ".onnx"
BITS = ("float32", "float16", "int8")
DYNAMIC = True


def onnx(source: Source, path: Path) -> None:
    """Write the network as one ONNX file, its weights inside.

    Whole numbers are static: activations unsigned, weights signed for each output channel, measured on the
    samples.

    Raises:
        MissingExtraError: If onnx, onnxscript or onnxruntime is not installed.
        Exception: Whatever torch.export or the converter finds.
    """
    need_discreet("onnxruntime", noun="exporting to ONNX")
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder) / "float.onnx"
        write_graph(source, whole)
        if source.form.bits == "int8":
            _quantise(whole, path, source)
        elif source.form.bits == "float16":
            _halve(whole, path)
        else:
            whole.replace(path)


def opened(path: Path, form: Form, *, threads: int | None = None) -> Any:
    """The file in onnxruntime on the processor, or on a GPU where onnxruntime has one.

    Raises:
        MissingExtraError: If onnxruntime is not installed.
        CheckpointError: If onnxruntime cannot open the file.
    """
    del form
    runtime = need_discreet("onnxruntime", noun="an ONNX model")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads or len(os.sched_getaffinity(0))
    options.log_severity_level = 3
    wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
    providers = [name for name in wanted if name in runtime.get_available_providers()]
    try:
        session = runtime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime's have no other parent in common
        raise CheckpointError(f"{path} cannot be opened by onnxruntime: {error}. Export it again.") from error

    def answer(images: Tensor) -> Tensor:
        return torch.from_numpy(session.run(None, {INPUT: images.numpy()})[0])

    return answer


def _quantise(whole: Path, path: Path, source: Source) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Samples(CalibrationDataReader):
        def __init__(self) -> None:
            self._left: Iterator[Tensor] = iter(source.samples)

        def get_next(self) -> dict[str, np.ndarray] | None:  # pyright: ignore[reportIncompatibleMethodOverride]
            images = next(self._left, None)
            return None if images is None else {INPUT: images.numpy()}

    prepared = whole.with_name("prepared.onnx")
    quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(path),
        Samples(),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
    )


def _halve(whole: Path, path: Path) -> None:
    """Weights and arithmetic in half precision; what comes in and goes out stays as it is."""
    import onnx as library
    from onnxruntime.transformers.float16 import convert_float_to_float16

    model = library.load(str(whole))
    library.save(convert_float_to_float16(model, keep_io_types=True), str(path))


def belonging(path: Path) -> tuple[Path, ...]:
    """Files that the one named needs beside it: none."""
    del path
    return ()
