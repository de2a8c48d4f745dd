"""Cuts mosaics into tiles as the published tutorial does, with OpenCV: run by benchmarks/tile.py.

    python benchmarks/_tile_opencv.py IMAGES MASKS OUT SIZE

Prints the seconds of the loop by the clock and by the processor, without the start of Python, and the peak of
memory in MB.
"""

import sys
import time
from pathlib import Path

import cv2


def main() -> None:
    """Read each mosaic whole, write its whole tiles one after the other."""
    images, masks, out, size = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    out.mkdir()
    began, worked = time.perf_counter(), time.process_time()
    for path in sorted(images.iterdir()):
        image, mask = cv2.imread(str(path)), cv2.imread(str(masks / path.name))[:, :, 0]
        number = 0
        for top in range(0, image.shape[0], size):
            for left in range(0, image.shape[1], size):
                part, labels = (whole[top : top + size, left : left + size] for whole in (image, mask))
                if part.shape[:2] == (size, size):
                    cv2.imwrite(str(out / f"{path.stem}_{number}.jpg"), part)
                    cv2.imwrite(str(out / f"{path.stem}_{number}_m.png"), labels)
                number += 1
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    print(seconds, worked, int(peak) / 1000)


if __name__ == "__main__":
    main()
