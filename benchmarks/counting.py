"""Confusion counts against torchmetrics and scikit-learn: python -m benchmarks.counting.

100 images of 1024x1024 with 21 classes, of which 15 % of the pixels are told wrongly, image by image, the
ways in turn. Once in areas, as photographs are labelled; once as noise. With 5 % of the pixels ignored, and
with none, where torchmetrics is not told of any. It looks at its input first unless told not to; both are
shown. The floor is to read both arrays once.
"""

from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter

import torch
from sklearn.metrics import confusion_matrix
from torch import Tensor
from torchmetrics.functional.classification import multiclass_confusion_matrix

from benchmarks._machine import circumstances
from pixelwise.engine.allocator import keep_memory
from pixelwise.metrics.confusion import confusion_counts

IMAGES, DRAWN, SIZE, CLASSES, IGNORED = 100, 10, 1024, 21, 255
Count = Callable[[Tensor, Tensor], Tensor]


def main() -> None:
    """Count each image in every way, the ways in turn, and print medians over the images."""
    keep_memory()
    print(circumstances())
    print(f"{IMAGES} images of {SIZE}x{SIZE}, {CLASSES} classes, {torch.get_num_threads()} threads")
    for areas in (True, False):
        for ignored in (True, False):
            _compare(areas=areas, ignored=ignored)
    print("goal: at least 20 times scikit-learn, 3 times torchmetrics as it comes")


def _compare(*, areas: bool, ignored: bool) -> None:
    drawn = [_draw(number, areas=areas, ignored=ignored) for number in range(DRAWN)]
    skipped = IGNORED if ignored else None
    theirs = partial(multiclass_confusion_matrix, num_classes=CLASSES, ignore_index=skipped)
    ways: dict[str, Count] = {
        "pixelwise": lambda predicted, labels: confusion_counts(predicted[None], labels[None], CLASSES)[0],
        "torchmetrics": theirs,
        "torchmetrics, unchecked": partial(theirs, validate_args=False),
        "scikit-learn": _scikit_learn,
    }
    floor: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(IMAGES):
        found: list[Tensor] = []
        start = perf_counter()
        torch.stack([values.max() for values in drawn[number % DRAWN]])
        floor.append(perf_counter() - start)
        for name, way in ways.items():
            start = perf_counter()
            found.append(way(*drawn[number % DRAWN]))
            times[name].append(perf_counter() - start)
        if any((counts != found[0]).any() for counts in found):
            raise SystemExit("the ways disagree")
    print(f"\n{'areas' if areas else 'noise'}, {'5 % ignored' if ignored else 'nothing ignored'}")
    ours = median(times["pixelwise"])
    for name, taken in times.items():
        print(f"{name:24} {median(taken) * 1e3:8.2f} ms an image   {median(taken) / ours:6.1f}")
    print(f"{'floor':24} {median(floor) * 1e3:8.2f} ms an image")


def _draw(number: int, *, areas: bool, ignored: bool) -> tuple[Tensor, Tensor]:
    """What is predicted, and labels."""
    rng = torch.Generator().manual_seed(number)
    side = 64 if areas else 1
    coarse = torch.randint(CLASSES, (SIZE // side, SIZE // side), generator=rng)
    labels = coarse.repeat_interleave(side, 0).repeat_interleave(side, 1)
    wrong = torch.rand(SIZE, SIZE, generator=rng) < 0.15
    predicted = torch.where(wrong, torch.randint(CLASSES, (SIZE, SIZE), generator=rng), labels)
    if ignored:
        labels[torch.rand(SIZE, SIZE, generator=rng) < 0.05] = IGNORED
    return predicted, labels


def _scikit_learn(predicted: Tensor, labels: Tensor) -> Tensor:
    """Labels that are no class are left out, as ignored ones should be."""
    told = confusion_matrix(labels.flatten().numpy(), predicted.flatten().numpy(), labels=range(CLASSES))
    return torch.from_numpy(told)


if __name__ == "__main__":
    main()
