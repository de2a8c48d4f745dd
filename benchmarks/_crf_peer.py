"""The peer of benchmarks/crf.py: reads images and probabilities, writes what pydensecrf makes of them.

python _crf_peer.py FOLDER; needs pydensecrf (of pydensecrf2) and NumPy only.
"""

import sys
from pathlib import Path
from time import perf_counter

import numpy as np
from pydensecrf.densecrf import DenseCRF2D
from pydensecrf.utils import unary_from_softmax


def main() -> None:
    """Refine every file and note the seconds."""
    for path in sorted(Path(sys.argv[1]).glob("*.in.npz")):
        given = np.load(path)
        start = perf_counter()
        probs = refined(given["probs"], given["image"])
        seconds = perf_counter() - start
        np.savez(path.with_name(path.name.replace(".in.", ".out.")), probs=probs, seconds=seconds)


def refined(probs: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Ten steps with both kernels; probabilities `[k h w]`, image `[h w 3]` of bytes."""
    classes, rows, columns = probs.shape
    field = DenseCRF2D(columns, rows, classes)
    field.setUnaryEnergy(unary_from_softmax(probs))
    field.addPairwiseGaussian(sxy=3, compat=3)
    field.addPairwiseBilateral(sxy=80, srgb=13, rgbim=image, compat=10)
    return np.array(field.inference(10)).reshape(probs.shape)


if __name__ == "__main__":
    main()
