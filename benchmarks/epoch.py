"""One epoch of tutorial 000's encoder-decoder, ours against Keras + TensorFlow: python -m benchmarks.epoch.

1000 scenes of 60x60, batches of 32, Adam, binary cross entropy, accuracy, recall and precision
counted on the way. Keras runs in its own environment (made by `make bench`, or the interpreter that
PIXELWISE_KERAS_PYTHON names) on the same arrays; both epochs are taken in turn. The first epoch of each
is a warm-up and not counted.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch

from benchmarks._machine import MNIST, circumstances
from pixelwise.data.loader import Stream
from pixelwise.data.readers.digits import digits
from pixelwise.data.store import Store
from pixelwise.engine.allocator import keep_memory
from pixelwise.engine.budget import Steps
from pixelwise.engine.optimizers import learning_rate, make_optimizer
from pixelwise.engine.precision import choose_precision
from pixelwise.engine.train import train
from pixelwise.losses.binary_cross_entropy import binary_cross_entropy
from pixelwise.metrics.confusion import counts_of
from pixelwise.models.encoder_decoder import encoder_decoder

ROUNDS, IMAGES, BATCH = 7, 1000, 32
GFLOP = 634  # forward and backward over 1000 images
CPU = torch.device("cpu")


def main() -> None:
    """Take epochs in turn and print the medians."""
    keras = os.environ.get("PIXELWISE_KERAS_PYTHON", ".venv-keras/bin/python")
    if not Path(keras).exists():
        sys.exit(f"no interpreter with Keras at {keras}; `make bench` makes one")
    keep_memory()
    store = Store(digits(MNIST if MNIST.exists() else None), range(IMAGES))
    dtype, reason = choose_precision(CPU)
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "digits.npz"
        samples = [store[i] for i in range(IMAGES)]
        images = np.stack([sample.image.permute(1, 2, 0).numpy() for sample in samples])
        planes = np.stack([sample.labels.permute(1, 2, 0).numpy() for sample in samples])
        np.savez(arrays, images=images, planes=planes)
        peer = subprocess.Popen(
            [keras, str(Path(__file__).with_name("_keras_epoch.py")), str(arrays), str(BATCH)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        versions = peer.stdout.readline().strip()
        ours, theirs = _Epochs(store, dtype), []
        mine: list[float] = []
        for _ in range(ROUNDS + 1):
            mine.append(ours.one())
            peer.stdin.write("go\n")
            peer.stdin.flush()
            theirs.append(float(peer.stdout.readline()))
        peer.stdin.close()
        peer.wait()
    a, b, peak = median(mine[1:]), median(theirs[1:]), _peak(dtype)
    print(circumstances())
    print(f"ours: {reason}; peer: {versions}")
    print(f"ours  {a:6.2f} s   peer {b:6.2f} s   ratio {a / b:.2f}  (goal 0.45)")
    floor = GFLOP / peak
    print(f"floor {floor:6.2f} s at the convolution peak of now, {peak:.0f} GFLOP/s: {a / floor:.1f} times")


class _Epochs:
    """Our training, an epoch at a time."""

    def __init__(self, store: Store, dtype: torch.dtype | None) -> None:
        torch.manual_seed(0)
        self._model = encoder_decoder(1, 3).to(memory_format=torch.channels_last)
        self._optimizer = make_optimizer(self._model, "adam", lr=1e-3, eps=1e-7)
        self._batches = Stream(store, batch_size=BATCH, seed=0).batches()
        self._dtype = dtype
        self._step = 0

    def one(self) -> float:
        """Seconds of one epoch: as many images as Keras sees."""
        start, steps = perf_counter(), round(IMAGES / BATCH)
        self._step = train(
            self._model,
            binary_cross_entropy,
            self._batches,
            self._optimizer,
            Steps(self._step + steps),
            rate=learning_rate("constant", 1e-3),
            device=CPU,
            dtype=self._dtype,
            start=self._step,
            measure=counts_of,
            every=[],
        )
        return (perf_counter() - start) * IMAGES / (steps * BATCH)


def _peak(dtype: torch.dtype | None) -> float:
    """GFLOP/s of the best convolution: 3x3, 256 channels."""
    convolution = torch.nn.Conv2d(256, 256, 3, padding=1).to(dtype=dtype, memory_format=torch.channels_last)
    images = torch.rand(8, 256, 64, 64).to(dtype=dtype, memory_format=torch.channels_last)
    times = []
    with torch.inference_mode():
        for _ in range(20):
            start = perf_counter()
            convolution(images)
            times.append(perf_counter() - start)
    return 2 * 9 * 256 * 256 * 64 * 64 * 8 / median(times[5:]) / 1e9


if __name__ == "__main__":
    main()
