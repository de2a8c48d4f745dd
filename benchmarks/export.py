"""How fast each route of an exported U-Net is, against plain PyTorch, and whether it still says the same.

    python -m benchmarks.export [--size 512] [--rounds 15] [--steps 150] [--threads N] [--out FILE]

A U-Net of 16 to 256 channels learns drawn digits, is exported every way, and labels the same images by all
routes in turn, so that what else the machine does slows all alike. Times are of one image, batch 1. Writes a
table with medians, quartiles and the median of the ratios to eager float32 of the same round.
"""

import argparse
import os
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from benchmarks._machine import circumstances
from pixelwise.core.sample import Sample
from pixelwise.data.readers.digits import digits
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.folding import folded
from pixelwise.export.exported import TARGETS
from pixelwise.export.form import Form
from pixelwise.export.network import Travelling
from pixelwise.export.source import Source
from pixelwise.models.unet import unet

SEED, BANDS, CLASSES = 0, 3, 4
_QUIET = 0.5  # load of others, a thread, above which clock times are not trusted
CALIBRATED, COMPARED = 16, 8
EXPORTS = (
    ("torch", "float32"),
    ("torch", "bfloat16"),
    ("onnx", "float32"),
    ("onnx", "int8"),
    ("openvino", "float32"),
    ("openvino", "bfloat16"),
    ("openvino", "int8"),
    ("litert", "float32"),
    ("litert", "int8"),
    ("executorch", "float32"),
    ("executorch", "int8"),
)
LIBRARIES = ("onnxruntime", "openvino", "nncf", "litert-torch", "ai-edge-litert", "executorch", "torchao")
GOALS = (
    ("OpenVINO int8", 5.0, ("openvino int8",)),
    ("LiteRT int8", 4.5, ("litert int8",)),
    (
        "a bfloat16 route",
        3.0,
        ("openvino bfloat16", "torch bfloat16", "eager bfloat16 channels_last, folded"),
    ),
    ("plain PyTorch", 2.7, ("eager bfloat16 channels_last", "eager bfloat16 channels_last, folded")),
)
Answer = Callable[[Tensor], Tensor]
Taken = tuple[float, float]  # seconds of the clock, and of the processor over all threads


@dataclass(frozen=True)
class Route:
    """One way to scores; bytes of its file, or None where there is none."""

    answer: Answer
    size: int | None = None


def main() -> None:
    """Learn, export, time in turns, compare, write."""
    asked = _asked()
    print(keep_memory(), flush=True)
    torch.set_num_threads(asked.threads)
    torch.manual_seed(SEED)
    model = _learnt(asked.steps)
    images, labels = _scenes(COMPARED, asked.size, seed=3)
    with TemporaryDirectory() as folder:
        routes = _routes(model, Path(folder), asked.size, asked.threads)
        times = _times(routes, images[:1], asked.rounds)
        scores = {
            name: torch.cat([route.answer(image) for image in images.split(1)])
            for name, route in routes.items()
        }
    text = _report(asked, model, routes, times, scores, labels)
    asked.out.write_text(text, encoding="utf-8")
    print(text)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    cores = len(os.sched_getaffinity(0))
    for name, default in (("size", 512), ("rounds", 15), ("steps", 150), ("threads", cores)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("export.md"))
    return parser.parse_args(namespace=argparse.Namespace(load=os.getloadavg()[0]))


def _scenes(number: int, size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images of grey digits on noise, and the class of each pixel."""
    many = max(2, (size // 60) ** 2)
    reader = digits(
        train=number,
        test=0,
        size=(size, size),
        bands=BANDS,
        num_classes=CLASSES - 1,
        exclusive=True,
        noise=0.1,
        min_digits=many,
        max_digits=many,
        generator="modern",
        seed=seed,
    )
    samples: list[Sample] = [reader[place] for place in range(number)]
    return torch.stack([s.image for s in samples]), torch.stack([s.labels for s in samples])


def _learnt(steps: int) -> nn.Module:
    """The network, after some steps: whole numbers say nothing of random weights."""
    model = unet(BANDS, CLASSES, width=16, norm="batch", dropout=0.0).train()
    model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    images, labels = _scenes(256, 128, seed=1)
    for step in range(steps):
        some = torch.randint(len(images), (8,))
        optimizer.zero_grad()
        loss = F.cross_entropy(
            model(images[some].contiguous(memory_format=torch.channels_last)),
            labels[some].long(),
            ignore_index=255,
        )
        loss.backward()
        optimizer.step()
        if step % 25 == 24:
            print(f"step {step + 1}, loss {loss.item():.3f}", flush=True)
    return model.to(memory_format=torch.contiguous_format).eval()


def _routes(model: nn.Module, folder: Path, size: int, threads: int) -> dict[str, Route]:
    interleaved = deepcopy(model).to(memory_format=torch.channels_last)
    lean = folded(interleaved).to(memory_format=torch.channels_last)
    routes = {
        "eager float32": Route(_eager(model)),
        "eager float32 channels_last": Route(_eager(interleaved, last=True)),
        "eager float32 channels_last, folded": Route(_eager(lean, last=True)),
        "eager bfloat16 channels_last": Route(_eager(interleaved, last=True, bfloat16=True)),
        "eager bfloat16 channels_last, folded": Route(_eager(lean, last=True, bfloat16=True)),
    }
    travelling = Travelling(model, pixels="float", gives="logits", exclusive=True).eval()
    samples = _scenes(CALIBRATED, size, seed=2)[0].split(1)
    for target, bits in EXPORTS:
        module, began = TARGETS.module(target), perf_counter()
        form = Form(target, size=(size, size), batch=1, bits=bits)
        path = folder / f"{target}_{bits}{module.SUFFIX}"
        TARGETS[target](Source(travelling, form, BANDS, samples if bits == "int8" else ()), path)
        bytes_ = sum(file.stat().st_size for file in (path, *module.belonging(path)))
        routes[f"{target} {bits}"] = Route(module.opened(path, form, threads=threads), bytes_)
        print(f"{target} {bits}: exported in {perf_counter() - began:.0f} s", flush=True)
    return routes


def _eager(model: nn.Module, *, last: bool = False, bfloat16: bool = False) -> Answer:
    layout = torch.channels_last if last else torch.contiguous_format

    def answer(images: Tensor) -> Tensor:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            return model(images.contiguous(memory_format=layout)).float()

    return answer


def _times(routes: dict[str, Route], image: Tensor, rounds: int) -> dict[str, list[Taken]]:
    """What each route took in each round; two rounds before that are not counted."""
    times: dict[str, list[Taken]] = {name: [] for name in routes}
    for number in range(rounds + 2):
        for name, route in routes.items():
            start, worked = perf_counter(), process_time()
            route.answer(image)
            if number >= 2:
                times[name].append((perf_counter() - start, process_time() - worked))
    return times


def _report(
    asked: argparse.Namespace,
    model: nn.Module,
    routes: dict[str, Route],
    times: dict[str, list[Taken]],
    scores: dict[str, Tensor],
    labels: Tensor,
) -> str:
    first = next(iter(routes))
    truth = scores[first].argmax(1)
    clock, work = ({name: [each[place] for each in all_] for name, all_ in times.items()} for place in (0, 1))
    faster, less = _ratios(clock), _ratios(work)
    lines = ["# Exported U-Net, route by route", "", circumstances().replace("\n", "  \n"), _versions(), ""]
    lines += [_described(asked, model), "", _HEADER, "|---" * (_HEADER.count("|") - 1) + "|"]
    for name, route in routes.items():
        low, middle, high = (each * 1e3 for each in quantiles(clock[name], n=4))
        agreement = (scores[name].argmax(1) == truth).float().mean()
        right = (scores[name].argmax(1) == labels)[labels != 255].float().mean()
        apart = (scores[name] - scores[first]).abs().max()
        size = "" if route.size is None else f"{route.size / 1e6:.1f} MB"
        speed = f"{middle:.1f} | {low:.1f} to {high:.1f} | {faster[name]:.2f}"
        effort = f"{median(work[name]) * 1e3:.1f} | {less[name]:.2f}"
        lines.append(
            f"| {name} | {speed} | {effort} | {size} | {agreement:.4%} | {right:.3%} | {apart:.2g} |"
        )
    return "\n".join([*lines, "", *_goals(faster, asked), ""])


def _ratios(seconds: dict[str, list[float]]) -> dict[str, float]:
    """The median over the rounds of what the first route took, over what each took."""
    first = next(iter(seconds.values()))
    return {name: median(a / b for a, b in zip(first, all_, strict=True)) for name, all_ in seconds.items()}


_HEADER = (
    "| route | ms | quartiles | times as fast | ms of the processor | times as little | file | agreement "
    "| right pixels | scores differ by |"
)


def _versions() -> str:
    return ", ".join(f"{library} {version(library)}" for library in LIBRARIES)


def _described(asked: argparse.Namespace, model: nn.Module) -> str:
    weights = sum(each.numel() for each in model.parameters())
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(torch.rand(1, BANDS, asked.size, asked.size))
    work = counter.get_total_flops() / 1e9
    return (
        f"`unet(width=16, norm='batch')`, {weights:,} parameters, {work:.1f} GFLOP an image of "
        f"{asked.size}x{asked.size}; {asked.steps} steps on drawn digits, seed {SEED}; batch 1, "
        f"{asked.threads} threads, {asked.rounds} rounds of all routes in turn; whole numbers measured on "
        f"{CALIBRATED} images, agreement with eager float32 on {COMPARED} others."
    )


def _goals(ratios: dict[str, float], asked: argparse.Namespace) -> list[str]:
    if asked.load > _QUIET * asked.threads:
        return [
            f"Other programs kept the machine busy when this began (load {asked.load:.1f}): times of the "
            "clock say little, and no goal is judged by them. On one thread, those of the processor may be "
            "compared."
        ]
    told: list[str] = []
    for what, least, names in GOALS:
        best = max(ratios[name] for name in names)
        verdict = "reached" if best >= least else "missed"
        told.append(f"- {what}: at least {least} times as fast; {best:.2f}, {verdict}.")
    return told


if __name__ == "__main__":
    sys.exit(main())
