"""Where to compute, and with how many bits: chosen by what the hardware has, and said aloud."""

import os
from pathlib import Path
from typing import Literal

import torch

from pixelwise.core.errors import RecipeError

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bfloat16"]


def choose_device(wanted: Device = "auto") -> tuple[torch.device, str]:
    """The device, and the reason in words.

    Raises:
        RecipeError: If a device is asked for that this machine does not have.
    """
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted != "auto" and not here[wanted]:
        found = ", ".join(name for name, there in here.items() if there)
        raise RecipeError(f"device {wanted!r} is not there. Found: {found}. Choose one of them or 'auto'.")
    kind = wanted if wanted != "auto" else next(name for name in ("cuda", "mps", "cpu") if here[name])
    if kind == "cuda":
        number = int(os.environ.get("LOCAL_RANK", 0))
        return torch.device("cuda", number), f"{torch.cuda.get_device_name(number)}"
    if kind == "mps":
        return torch.device("mps"), "Apple GPU"
    return torch.device("cpu"), f"processor with {torch.get_num_threads()} threads"


def choose_precision(device: torch.device, wanted: Precision = "auto") -> tuple[torch.dtype | None, str]:
    """The type to compute convolutions in (None: float32 throughout), and the reason in words."""
    if wanted == "float32":
        return None, "float32, as asked"
    if wanted == "bfloat16":
        return torch.bfloat16, "bfloat16, as asked"
    if device.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return torch.bfloat16, "bfloat16: this GPU computes with it in hardware"
        return None, "float32: this GPU has no bfloat16 in hardware"
    if device.type == "cpu":
        have = sorted({"avx512_bf16", "amx_bf16", "bf16"} & _processor_flags())
        if have:
            return torch.bfloat16, f"bfloat16: this processor has it in hardware ({', '.join(have)})"
        return None, "float32: this processor has no bfloat16 in hardware"
    return None, "float32: the safe choice on this device"


def _processor_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), ":")
    return set(flags.split(":", 1)[1].split())
