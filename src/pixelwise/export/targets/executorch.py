"""ExecuTorch with XNNPACK: PyTorch's own runtime for telephones."""

from pathlib import Path
from threading import Lock
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram

from pixelwise.core.errors import CheckpointError
from pixelwise.core.extras import need
from pixelwise.export.form import Form
from pixelwise.export.layers import naming_layers
from pixelwise.export.network import example, traced
from pixelwise.export.source import Source
from pixelwise.export.targets._quiet import quiet

SUFFIX = ".pte"
BITS = ("float32", "int8")
DYNAMIC = False

_METHOD = "forward"


def executorch(source: Source, path: Path) -> None:
    """Write the network as one program, whose layers XNNPACK computes where it can.

    Whole numbers are static: weights signed for each output channel, activations signed with a zero of their
    own, measured on the samples.

    Raises:
        MissingExtraError: If executorch or, for whole numbers, torchao is not installed.
        Exception: Whatever torch.export or the converter finds.
    """
    program = traced(source.network, source.form, source.bands)
    with naming_layers(lambda: program), quiet():
        exir = need("executorch.exir", extra="mobile", noun="exporting to ExecuTorch")
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner

        ready = _quantised(program, source) if source.form.bits == "int8" else program
        lowered = exir.to_edge_transform_and_lower(ready, partitioner=[XnnpackPartitioner()])
        path.write_bytes(lowered.to_executorch().buffer)


def belonging(path: Path) -> tuple[Path, ...]:
    """Files that the one named needs beside it: none."""
    del path
    return ()


def opened(path: Path, form: Form, *, threads: int | None = None) -> Any:
    """The program in ExecuTorch.

    Raises:
        MissingExtraError: If executorch is not installed.
        CheckpointError: If ExecuTorch cannot open the file.
    """
    del form
    with quiet():
        runtime = need("executorch.runtime", extra="mobile", noun="an ExecuTorch model")
    if threads is not None:
        _share(threads)
    try:
        method = runtime.Runtime.get().load_program(path).load_method(_METHOD)
    except (RuntimeError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be opened by ExecuTorch: {error}. Export it again.") from error
    one_by_one = Lock()

    def answer(images: Tensor) -> Tensor:
        with one_by_one:
            return method.execute([images.contiguous()])[
                0
            ].clone()  # the next call writes into the same memory

    return answer


def _share(threads: int) -> None:
    """Let ExecuTorch, all of whose programs share their threads, have that many."""
    from executorch.extension.pybindings import portable_lib as library

    if library._threadpool_get_thread_count() != threads:  # pyright: ignore[reportPrivateUsage]
        library._unsafe_reset_threadpool(threads)  # pyright: ignore[reportPrivateUsage] there is no other


def _quantised(program: ExportedProgram, source: Source) -> ExportedProgram:
    need("torchao", extra="mobile", noun="whole numbers in ExecuTorch")
    from executorch.backends.xnnpack.quantizer import xnnpack_quantizer
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    quantizer = xnnpack_quantizer.XNNPACKQuantizer()
    quantizer.set_global(xnnpack_quantizer.get_symmetric_quantization_config(is_per_channel=True))
    measured = prepare_pt2e(program.module(), quantizer)
    with torch.no_grad():
        for images in source.samples:
            measured(images)
        return torch.export.export(convert_pt2e(measured), (example(source.form, source.bands),))
