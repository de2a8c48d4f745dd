"""Libraries that report their use to their makers, imported so that they do not."""

import os
import sys
from types import ModuleType

from pixelwise.core.extras import need

_REPORTER = "openvino_telemetry"  # sends for OpenVINO as soon as that is imported, and for NNCF
_SILENCE = "ORT_DISABLE_TELEMETRY"  # onnxruntime 1.29 and later send names and hashes of models without it


def need_discreet(library: str, *, noun: str) -> ModuleType:
    """The library of the extra `export`, imported now; nothing of its use leaves the machine.

    Args:
        library: onnxruntime, openvino or nncf.
        noun: What needs it, for the message.

    Raises:
        MissingExtraError: If it is not installed.
    """
    os.environ[_SILENCE] = "1"
    there = sys.modules.get(_REPORTER)
    sys.modules[_REPORTER] = None  # pyright: ignore[reportArgumentType] so is an import made to fail
    try:
        return need(library, extra="export", noun=noun)
    finally:
        del sys.modules[_REPORTER]
        if there is not None:
            sys.modules[_REPORTER] = there
