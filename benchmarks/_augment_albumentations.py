"""Reads and changes pictures with albumentations and OpenCV: run by benchmarks/augmenting.py.

    python benchmarks/_augment_albumentations.py LIST PASSES WORKERS

LIST names an image and its mask a line. Each worker is a process with a share of the pictures, as in torch's
DataLoader, but hands nothing over, which costs there. Prints the images a second by the clock and by the
processor.
"""

import sys
import time
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import albumentations as A
import cv2
import numpy as np

ROWS, COLUMNS = 240, 320
HAVE = 360 * 480
ZOOM = (0.75, 1.5)


def main() -> None:
    """Start the workers, let them go together, print."""
    pairs = [line.split("\t") for line in Path(sys.argv[1]).read_text().splitlines()]
    passes, workers = int(sys.argv[2]), int(sys.argv[3])
    context = get_context("fork")
    ready, go, times = context.Barrier(workers + 1), context.Barrier(workers + 1), context.Queue()
    for rank in range(workers):
        share = pairs[rank::workers] * passes
        context.Process(target=work, args=(share, ready, go, times), daemon=True).start()
    ready.wait()
    began = time.perf_counter()
    go.wait()
    worked = sum(times.get() for _ in range(workers))
    seconds = time.perf_counter() - began
    print(passes * len(pairs) / seconds, passes * len(pairs) / worked, A.__version__, cv2.__version__)


def work(pairs: list[list[str]], ready: Barrier, go: Barrier, times: Queue) -> None:
    """Read and change each pair, after a few that are not counted."""
    cv2.setNumThreads(0)  # as DataLoader's workers do
    shares = [ROWS * COLUMNS / zoom**2 / HAVE for zoom in reversed(ZOOM)]
    change = A.Compose(
        [
            A.RandomResizedCrop((ROWS, COLUMNS), scale=shares, ratio=(COLUMNS / ROWS, COLUMNS / ROWS)),
            A.HorizontalFlip(p=0.5),
            A.RandomBrightnessContrast(0.2, 0.2, p=1.0),
            A.Normalize((0, 0, 0), (1, 1, 1)),
        ],
        seed=0,
    )
    for pair in pairs[:8]:
        one(change, *pair)
    ready.wait()
    go.wait()
    began = time.process_time()
    for pair in pairs:
        one(change, *pair)
    times.put(time.process_time() - began)


def one(change: A.Compose, image: str, mask: str) -> tuple[np.ndarray, np.ndarray]:
    """A picture as a training loop wants it: bands first, float32; labels as int64."""
    pixels = cv2.cvtColor(cv2.imread(image), cv2.COLOR_BGR2RGB)
    found = change(image=pixels, mask=cv2.imread(mask, cv2.IMREAD_UNCHANGED))
    image = np.ascontiguousarray(found["image"].transpose(2, 0, 1))
    if image.shape != (3, ROWS, COLUMNS) or image.dtype != np.float32:
        raise SystemExit("an image of another size or type")
    return image, found["mask"].astype(np.int64)


if __name__ == "__main__":
    main()
