"""LiteRT, once TensorFlow Lite: for telephones and small boards."""

import os
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from pixelwise.core.errors import CheckpointError
from pixelwise.core.extras import need
from pixelwise.export.equals import InOtherWords
from pixelwise.export.form import Form
from pixelwise.export.layers import naming_layers
from pixelwise.export.network import example, traced
from pixelwise.export.source import Source
from pixelwise.export.targets._quiet import quiet

SUFFIX = ".tflite"
BITS = ("float32", "float16", "int8")
DYNAMIC = False


def litert(source: Source, path: Path) -> None:
    """Write the network as one flatbuffer, which takes and gives channels last, as is usual there.

    `float16` halves the weights. Whole numbers are static: weights signed for each output channel,
    activations signed with a zero of their own, measured on the samples; images and scores stay as the form
    says.

    Raises:
        MissingExtraError: If litert-torch is not installed.
        Exception: Whatever torch.export or the converter finds.
    """
    with quiet():
        converter = need("litert_torch", extra="mobile", noun="exporting to LiteRT")
    images = example(source.form, source.bands)
    with torch.no_grad():
        planes = source.network(images).ndim == 4
    network = converter.to_channel_last_io(source.network, args=[0], outputs=[0] if planes else [])
    with quiet(), naming_layers(lambda: traced(source.network, source.form, source.bands)), InOtherWords():
        whole = converter.convert(network.eval(), (_channels_last(images),)).model_content()
    made = {"int8": _quantised, "float16": _halved}.get(source.form.bits)
    path.write_bytes(whole if made is None else made(whole, source))


def belonging(path: Path) -> tuple[Path, ...]:
    """Files that the one named needs beside it: none."""
    del path
    return ()


def opened(path: Path, form: Form, *, threads: int | None = None) -> Any:
    """The file in LiteRT on the processor, by XNNPACK.

    Raises:
        MissingExtraError: If ai-edge-litert is not installed.
        CheckpointError: If LiteRT cannot open the file.
    """
    del form
    runtime = need("ai_edge_litert.interpreter", extra="mobile", noun="a LiteRT model")
    threads = threads or len(os.sched_getaffinity(0))
    try:
        interpreter = runtime.Interpreter(str(path), num_threads=threads)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path} cannot be opened by LiteRT: {error}. Export it again.") from error
    takes, gives = (
        details()[0]["index"] for details in (interpreter.get_input_details, interpreter.get_output_details)
    )
    one_by_one = Lock()

    def answer(images: Tensor) -> Tensor:
        with one_by_one:
            interpreter.set_tensor(takes, _channels_last(images).numpy())
            interpreter.invoke()
            given = torch.from_numpy(interpreter.get_tensor(gives))
        return given.permute(0, 3, 1, 2) if given.ndim == 4 else given

    return answer


def _quantised(whole: bytes, source: Source) -> bytes:
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer.algorithm_manager import AlgorithmName
    from ai_edge_quantizer.qtyping import TFLOperationName
    from ai_edge_quantizer.quantizer import Quantizer

    quantizer = Quantizer(whole)
    quantizer.add_static_config(
        ".*", TFLOperationName.ALL_SUPPORTED, activation_num_bits=8, weight_num_bits=8
    )
    for door in (TFLOperationName.INPUT, TFLOperationName.OUTPUT):
        quantizer.update_quantization_recipe(".*", door, algorithm_key=AlgorithmName.NO_QUANTIZE)
    ((name, takes),) = Interpreter(model_content=whole).get_signature_list().items()
    samples = [{takes["inputs"][0]: _channels_last(images).numpy()} for images in source.samples]
    with quiet():
        ranges = quantizer.calibrate({name: samples}, num_threads=len(os.sched_getaffinity(0)))
        made = quantizer.quantize(ranges, enable_progress_bar=False, enable_progress_report=False)
    return _bytes(made)


def _halved(whole: bytes, source: Source) -> bytes:
    from ai_edge_quantizer import qtyping
    from ai_edge_quantizer.algorithm_manager import AlgorithmName
    from ai_edge_quantizer.quantizer import Quantizer

    del source  # nothing is measured
    halves = qtyping.OpQuantizationConfig(
        weight_tensor_config=qtyping.TensorQuantizationConfig(
            num_bits=16, dtype=qtyping.TensorDataType.FLOAT
        ),
        compute_precision=qtyping.ComputePrecision.FLOAT,
        explicit_dequantize=True,
    )
    quantizer = Quantizer(whole)
    quantizer.update_quantization_recipe(
        ".*", qtyping.TFLOperationName.ALL_SUPPORTED, halves, AlgorithmName.FLOAT_CASTING
    )
    return _bytes(quantizer.quantize(enable_progress_bar=False, enable_progress_report=False))


def _bytes(result: Any) -> bytes:
    return bytes(result.quantized_model)


def _channels_last(images: Tensor) -> Tensor:
    return images.permute(0, 2, 3, 1).contiguous()
