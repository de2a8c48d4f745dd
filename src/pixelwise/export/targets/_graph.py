"""The network as an ONNX graph, which more than one target begins with."""

from pathlib import Path

import torch

from pixelwise.core.extras import need
from pixelwise.export.form import INPUT, OUTPUT
from pixelwise.export.layers import naming_layers
from pixelwise.export.network import example, traced
from pixelwise.export.source import Source

_OPSET = 20


def write_graph(source: Source, path: Path) -> None:
    """Write the network in float32 as one ONNX file, its weights inside.

    Raises:
        MissingExtraError: If onnx or onnxscript is not installed.
        Exception: Whatever torch.export or the converter finds.
    """
    for library in ("onnx", "onnxscript"):
        need(library, extra="export", noun="exporting")
    program = traced(source.network, source.form, source.bands)
    with naming_layers(lambda: program):
        torch.onnx.export(
            program,
            (example(source.form, source.bands),),
            path,
            dynamo=True,
            opset_version=_OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            external_data=False,
            verbose=False,
        )
