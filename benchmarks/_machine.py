"""What every benchmark says of where it ran."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

NAMES = ("pixelwise", "torch", "numpy", "pillow")
MNIST = Path(os.environ.get("PIXELWISE_DATA", "../shared/data")) / "mnist"


def circumstances() -> str:
    """Date, hardware and versions, in two lines."""
    versions = ", ".join(f"{name} {version(name)}" for name in NAMES)
    cores = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    where = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {processor()}, {cores}"
    return f"{where}\nPython {platform.python_version()}, {versions}"


def processor() -> str:
    """The name of the processor, where the system tells."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
