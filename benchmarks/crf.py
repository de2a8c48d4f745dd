"""How fast and how exact the CRF is, against pydensecrf and the sum over all pairs: python -m benchmarks.crf.

Time: 500x500 pixels, 21 classes, ten steps; set-up counts for both. pydensecrf runs on one thread, it knows
no more. Exactness: the largest difference from the sum over all pairs, the share of pixels that differ by
more than 0.02, and the share with another winner. Photographs are those of scikit-learn; what a net might say
of them is drawn: smooth random scores, unsure nearly everywhere, which is the hardest case.

The peer needs an interpreter with pydensecrf2, which no dependency brings (it wants g++):
PIXELWISE_CRF_PYTHON=/path/to/python python -m benchmarks.crf
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_sample_image
from torch import Tensor
from torch.nn import functional as F

from benchmarks._machine import circumstances
from pixelwise.ops.crf import crf
from tests.ops.crf_scenes import scene

PEER = Path(__file__).with_name("_crf_peer.py")
OURS = {
    "fineness 1": partial(crf, colour_sd=13.0, exact_pixels=0, fineness=1),
    "fineness 2 (default)": partial(crf, colour_sd=13.0, exact_pixels=0, fineness=2),
}
ALL_PAIRS = partial(crf, colour_sd=13.0, exact_pixels=2**62)


@dataclass(frozen=True)
class Case:
    """One image of whole grey levels, and probabilities, each in a batch of one."""

    images: Tensor
    probs: Tensor


def main() -> None:
    """Print the times and the errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--size", type=int, default=128, help="of the photographs that exactness is measured on"
    )
    asked = parser.parse_args()
    peer = os.environ.get("PIXELWISE_CRF_PYTHON")
    print(circumstances())
    print(f"{torch.get_num_threads()} threads")
    if not peer:
        print("no peer: set PIXELWISE_CRF_PYTHON to a Python that has pydensecrf2")
    noise = torch.rand(1, 3, 500, 500, generator=torch.Generator().manual_seed(0)).mul(255).round()
    times(peer, "photograph", photograph("china.jpg", 500, 21), asked.runs)
    times(peer, "uniform noise", Case(noise, beliefs(500, 21)), asked.runs)
    errors(peer, "12 scenes of 48x48, 2 classes", [Case(s.images, s.probs) for s in map(scene, range(12))])
    for classes in (2, 21):
        cases = [photograph(name, asked.size, classes) for name in ("china.jpg", "flower.jpg")]
        errors(peer, f"2 photographs of {asked.size}x{asked.size}, {classes} classes", cases)


def photograph(name: str, size: int, num_classes: int) -> Case:
    """The middle square of a photograph."""
    whole = load_sample_image(name)
    rows, columns = whole.shape[:2]
    left = (columns - rows) // 2
    picture = Image.fromarray(whole[:, left : left + rows]).resize((size, size), Image.Resampling.BICUBIC)
    return Case(torch.tensor(np.array(picture)).permute(2, 0, 1)[None].float(), beliefs(size, num_classes))


def beliefs(size: int, num_classes: int) -> Tensor:
    """Softmax of random scores that change over a sixteenth of the image."""
    scores = 2 * torch.randn(1, num_classes, 17, 17, generator=torch.Generator().manual_seed(num_classes))
    return F.interpolate(scores, size=(size, size), mode="bilinear", align_corners=True).softmax(1)


def times(peer: str | None, title: str, case: Case, runs: int) -> None:
    """All in turn, several times; the median of each and its ratio to the peer's."""
    taken: dict[str, list[float]] = {"pydensecrf": [], **{name: [] for name in OURS}}
    for _ in range(runs + 1):
        taken["pydensecrf"] += [seconds for _, seconds in theirs(peer, [case])]
        for name, way in OURS.items():
            start = perf_counter()
            way(case.probs, case.images)
            taken[name].append(perf_counter() - start)
    print(f"\n500x500, 21 classes, 10 steps: {title}")
    medians = {name: median(seconds[1:]) for name, seconds in taken.items() if seconds}
    for name, value in medians.items():
        ratio = f"   ratio {value / medians['pydensecrf']:.2f}" if "pydensecrf" in medians else ""
        print(f"{name:22} {value:7.3f} s, best {min(taken[name]):7.3f} s{ratio}")


def errors(peer: str | None, title: str, cases: list[Case]) -> None:
    """How far each way is from the sum over all pairs."""
    start = perf_counter()
    exact = [ALL_PAIRS(case.probs, case.images) for case in cases]
    print(f"\n{title}; all pairs took {(perf_counter() - start) / len(cases):.2f} s an image")
    found = {"pydensecrf": [probs for probs, _ in theirs(peer, cases)]}
    found |= {name: [way(case.probs, case.images) for case in cases] for name, way in OURS.items()}
    for name, results in found.items():
        if not results:
            continue
        pairs = list(zip(results, exact, strict=True))
        off = torch.stack([(ours - true).abs().amax(1) for ours, true in pairs])
        other = torch.stack([ours.argmax(1) != true.argmax(1) for ours, true in pairs])
        shares = f"over 0.02 {(off > 0.02).float().mean():7.2%}   other winner {other.float().mean():7.2%}"
        print(f"{name:22} largest {off.max():.4f}   {shares}")


def theirs(peer: str | None, cases: list[Case]) -> Iterator[tuple[Tensor, float]]:
    """What the peer makes of the cases, and in how many seconds; nothing without a peer."""
    if not peer:
        return
    with TemporaryDirectory() as folder:
        for number, case in enumerate(cases):
            image = case.images[0].byte().permute(1, 2, 0).numpy()
            path = Path(folder, f"{number:03d}.in.npz")
            np.savez(path, probs=case.probs[0].numpy(), image=np.ascontiguousarray(image))
        done = subprocess.run([peer, PEER, folder], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"the peer failed: {done.stderr[-2000:]}")
        for path in sorted(Path(folder).glob("*.out.npz")):
            told = np.load(path)
            yield torch.tensor(told["probs"])[None], float(told["seconds"])


if __name__ == "__main__":
    main()
