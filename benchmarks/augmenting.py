"""How fast pictures are read and changed, ours against albumentations: python -m benchmarks.augmenting.

CamVid's training images (360x480 JPEG and PNG masks, from the folder that PIXELWISE_DATA names) are decoded,
cut out at 240x320 and shown 0.75 to 1.5 times as large, mirrored, made brighter or darker, harder or
flatter, and given as float tensors; two workers each, rounds taken in turn. albumentations runs in its own
environment (made by `make bench`, or the interpreter that PIXELWISE_ALBUMENTATIONS_PYTHON names), and hands
its results to nobody, while ours come as batches. The last line is what training really does: decoded once,
held in memory.
"""

import os
import subprocess
import sys
import tempfile
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import torch

from benchmarks._machine import circumstances
from pixelwise.data.augmentations.brightness import brightness
from pixelwise.data.augmentations.contrast import contrast
from pixelwise.data.augmentations.crop import crop
from pixelwise.data.augmentations.flip import flip
from pixelwise.data.loader import Stream
from pixelwise.data.readers.pairs import pairs
from pixelwise.data.store import Store
from pixelwise.engine.allocator import keep_memory

ROUNDS, PASSES, WORKERS, BATCH = 5, 2, 2, 16
DATA = Path(os.environ.get("PIXELWISE_DATA", "../shared/data")) / "camvid"
CHANGES = (
    partial(crop, size=(240, 320), zoom=(0.75, 1.5)),
    flip,
    partial(brightness, amount=0.2),
    partial(contrast, amount=0.2),
)
Speed = tuple[float, float]  # images a second, by the clock and by the processor


def main() -> None:
    """Take rounds in turn and print the medians."""
    peer = os.environ.get("PIXELWISE_ALBUMENTATIONS_PYTHON", ".venv-albumentations/bin/python")
    if not Path(peer).exists():
        sys.exit(f"no interpreter with albumentations at {peer}; `make bench` makes one")
    keep_memory()  # as training does
    reader = pairs(DATA)
    chosen = list(reader.splits["train"])
    read, held = (Store(reader, chosen, most_bytes=most) for most in (0, None))
    ours: list[Speed] = []
    ours_held: list[Speed] = []
    theirs: list[Speed] = []
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pairs.txt"
        masks = [DATA / "trainannot" / f"{reader.files[number].stem}.png" for number in chosen]
        lines = [f"{reader.files[number]}\t{mask}\n" for number, mask in zip(chosen, masks, strict=True)]
        listed.write_text("".join(lines))
        script = str(Path(__file__).with_name("_augment_albumentations.py"))
        for _ in range(ROUNDS):
            ours.append(_one_round(read))
            done = subprocess.run(
                [peer, script, str(listed), str(PASSES), str(WORKERS)],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
            clock, processor, *versions = done.stdout.split()
            theirs.append((float(clock), float(processor)))
            ours_held.append(_one_round(held))
    print(
        f"{len(chosen)} images, {PASSES} passes, {WORKERS} workers, {ROUNDS} rounds in turn; median (range)"
    )
    _print("pixelwise", ours)
    _print(f"albumentations {versions[0]}, OpenCV {versions[1]}", theirs)
    _print("pixelwise, held in memory", ours_held)
    for name, speeds in (("decoding each time", ours), ("held in memory", ours_held)):
        clock, processor = (_ratios(speeds, theirs, kind) for kind in (0, 1))
        print(
            f"ratio, {name}: {median(clock):.2f} ({min(clock):.2f} to {max(clock):.2f}) by the clock, "
            f"{median(processor):.2f} by the processor"
        )
    print(circumstances())


def _one_round(store: Store) -> Speed:
    """Images a second through the stream, after two batches that are not counted."""
    stream = Stream(store, batch_size=BATCH, seed=0, augmentations=CHANGES, workers=WORKERS)
    batches = stream.batches()
    torch.set_num_threads(1)
    number = PASSES * len(store) // BATCH
    for _ in islice(batches, 2):
        pass
    began, worked = perf_counter(), process_time()
    for batch in islice(batches, number):
        if batch.images.shape[1:] != (3, 240, 320):
            raise SystemExit("a batch of another size")
    seconds, worked = perf_counter() - began, process_time() - worked
    batches.close()
    return number * BATCH / seconds, number * BATCH / worked


def _ratios(ours: list[Speed], theirs: list[Speed], kind: int) -> list[float]:
    return [our[kind] / their[kind] for our, their in zip(ours, theirs, strict=True)]


def _print(name: str, speeds: list[Speed]) -> None:
    clock = sorted(speed for speed, _ in speeds)
    print(
        f"{name:40} {median(clock):6.0f} images/s ({clock[0]:.0f} to {clock[-1]:.0f}), "
        f"{median(worked for _, worked in speeds):6.0f} a second of the processor"
    )


if __name__ == "__main__":
    main()
