"""How many images a second the server labels, together against one by one, and whether its memory stays flat.

    python -m benchmarks.serving [--seconds 8] [--clients 64] [--rounds 3] [--sizes 64 128 256] [--width 8]

Trains a plain small net for a moment, starts `pixelwise serve` twice (batches of 1 without waiting; the
defaults), and asks both in turns with as many clients, each of which sends its next image when it has its
answer: labels and confidence as one PNG. Server and clients share the processor.
"""

import argparse
import asyncio
import io
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from benchmarks._machine import circumstances

MANNERS = {"one by one": ("--batch", "1", "--window", "0"), "together": ()}
_ACCEPT = "application/vnd.pixelwise.labels+confidence"


@dataclass
class Load:
    """What many clients saw.

    Attributes:
        statuses: Answers by status.
        waits: Seconds to each answer.
        resident: Memory of the server in MB, as time went by.
        seconds: How long it took.
        worked: Seconds of the processor that the server took.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    resident: list[float] = field(default_factory=list)
    seconds: float = 0.0
    worked: float = 0.0

    @property
    def rate(self) -> float:
        """Images labelled a second."""
        return self.statuses[200] / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds of the server's processor that an image takes."""
        return 1000 * self.worked / self.statuses[200]


def main() -> None:
    """Train, serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (("seconds", 8), ("clients", 64), ("rounds", 3), ("width", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256])
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        run = small_run(Path(folder), asked.width)
        rates: dict[int, dict[str, list[Load]]] = {
            size: {name: [] for name in MANNERS} for size in asked.sizes
        }
        for _ in range(asked.rounds):
            for name, words in MANNERS.items():
                with served(run, *words) as (port, process):
                    for size in asked.sizes:
                        ask(port, process.pid, size, asked.clients, 1.0)  # to warm up
                        rates[size][name].append(ask(port, process.pid, size, asked.clients, asked.seconds))
    for size, loads in rates.items():
        _print(size, loads)
    print(circumstances())


def small_run(folder: Path, width: int = 8) -> Path:
    """A run of a plain U-Net on noise: what it says does not matter here."""
    from pixelwise.workflows.train import train

    rng = np.random.default_rng(0)
    for number in range(6):
        for kind, pixels in (
            ("images", rng.integers(0, 256, (64, 64, 3), np.uint8)),
            ("masks", rng.integers(0, 3, (64, 64), np.uint8)),
        ):
            (folder / "data" / kind).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / "data" / kind / f"{number}.png")
    settings = ["train.steps=2", f"model={{name: unet, width: {width}}}", "train.precision=float32"]
    train(folder / "data", settings=settings, out=folder / "run", quiet=True)
    return folder / "run"


@contextmanager
def served(run: Path, *words: str) -> Generator[tuple[int, "subprocess.Popen[str]"]]:
    """A server in a process of its own: its port and the process."""
    command = [sys.executable, "-m", "pixelwise", "serve", str(run), "--port", "0", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            if process.stderr is None:
                raise SystemExit("the server has no stderr")
            told = next(line for line in process.stderr if "http://" in line)
            port = int(told.split(":")[2].split("/")[0])
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 5).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield port, process
        finally:
            process.terminate()
            process.communicate()


def ask(port: int, server: int, size: int, clients: int, seconds: float, name: str = "run") -> Load:
    """What `clients` see that ask the model of that name for so many seconds."""
    rng = np.random.default_rng(size)
    requests = [_request(name, rng.integers(0, 256, (size, size, 3), np.uint8)) for _ in range(8)]
    load = Load()

    async def together() -> None:
        end = time.perf_counter() + seconds
        watch = asyncio.create_task(_watch(server, load, seconds))
        await asyncio.gather(*(_client(port, requests[n % 8], end, load) for n in range(clients)))
        watch.cancel()

    began, worked = time.perf_counter(), processor_time(server)
    asyncio.run(together())
    load.seconds, load.worked = time.perf_counter() - began, processor_time(server) - worked
    return load


def _request(name: str, pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    body = buffer.getvalue()
    head = (
        f"POST /v1/models/{name}/predict HTTP/1.1\r\nHost: bench\r\nContent-Type: image/jpeg\r\n"
        f"Accept: {_ACCEPT}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _client(port: int, request: bytes, end: float, load: Load) -> None:
    """Ask, wait, ask again; wait a little where the server says that it is busy."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (began := time.perf_counter()) < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(maxsplit=2)[1])
        length = int(head.lower().split(b"content-length:")[1].split()[0])
        await reader.readexactly(length)
        load.statuses[status] += 1
        load.waits.append(time.perf_counter() - began)
        if status == 503:
            await asyncio.sleep(0.1)
        if b"connection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def _watch(server: int, load: Load, seconds: float) -> None:
    while True:
        load.resident.append(resident(server))
        await asyncio.sleep(max(0.2, seconds / 60))


def resident(process: int) -> float:
    """Memory of a process in MB."""
    told = Path(f"/proc/{process}/status").read_text()
    return int(told.split("VmRSS:")[1].split()[0]) / 1000


def processor_time(process: int) -> float:
    """Seconds of the processor that a process has taken."""
    told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _print(size: int, loads: dict[str, list[Load]]) -> None:
    for name, each in loads.items():
        rates, waits = (
            sorted(load.rate for load in each),
            sorted(wait for load in each for wait in load.waits),
        )
        faults = sum((load.statuses for load in each), Counter[int]())
        print(
            f"{size:4} x {size:<4} {name:11} {median(rates):7.1f} images/s "
            f"({rates[0]:.1f} to {rates[-1]:.1f}), {median(load.cost for load in each):.1f} ms of the "
            f"processor an image, wait {1000 * median(waits):.0f} ms, "
            f"99 % under {1000 * waits[int(0.99 * len(waits))]:.0f} ms; "
            f"memory at most {max(max(load.resident) for load in each):.0f} MB; answers {dict(faults)}"
        )
    pairs = zip(loads["together"], loads["one by one"], strict=True)
    ratios = sorted(one.rate / other.rate for one, other in pairs)
    print(
        f"{size:4} x {size:<4} ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True
    )


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    main()
