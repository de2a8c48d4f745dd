"""The published generator of MNIST-extended as specified, without any haste: one array at a time, in float64.

Written from the description of its behaviour (call order, clipping, faults); the reader must give the same
numbers. `benchmarks/digits.py` times it.
"""

import numpy as np

SIDE = 28
ATTEMPTS = 1001


def extended(train, test, counts, *, seed, **options):
    """Images [n h w 1] and targets [n h w k] to train and to test with, from (images, labels) of digits."""
    random = np.random.RandomState(seed)
    pools = [bootstrapped(random, *split, options["num_classes"]) for split in (train, test)]
    return [scenes(random, *pool, count, **options) for pool, count in zip(pools, counts, strict=True)]


def bootstrapped(random, images, labels, num_classes):
    """As many digits as there are, with repetition; then only those of the classes, as float64 in 0..1."""
    chosen = random.randint(len(images), size=len(images))
    images, labels = images[chosen], labels[chosen]
    wanted = np.isin(labels, np.arange(num_classes))
    return (images[wanted] / 255.0)[..., None], labels[wanted]


def scenes(random, digits, labels, count, *, size, min_digits, max_digits, num_classes, **options):
    images, targets = [], []
    for _ in range(count):
        number = random.randint(min_digits, max_digits + 1)
        image, indices, boxes = composed(
            random, digits, number, size, options["max_overlap"], options["overlap"]
        )
        images.append(image)
        targets.append(
            target(digits[indices], labels[indices], boxes, size, num_classes, **options["target_options"])
        )
    return np.stack(images), np.stack(targets)


def composed(random, digits, number, size, max_overlap, overlap):
    """A canvas of digits, which they are, and their boxes (xmin, ymin, xmax, ymax)."""
    canvas = np.zeros((*size, 1))
    placed, boxes = [], []
    for index in random.randint(len(digits), size=number):
        box = place(random, boxes, size, max_overlap, overlap)
        if box is None:
            break
        xmin, ymin, xmax, ymax = box
        canvas[ymin:ymax, xmin:xmax] = canvas[ymin:ymax, xmin:xmax] + digits[index]
        np.clip(canvas, 0, 1, out=canvas)
        placed.append(index)
        boxes.append(box)
    return canvas, placed, np.array(boxes).reshape(-1, 4)


def place(random, boxes, size, max_overlap, overlap):
    for _ in range(ATTEMPTS):
        x = random.randint(size[1] - SIDE + 1)
        y = random.randint(size[0] - SIDE + 1)
        box = (x, y, x + SIDE, y + SIDE)
        if all(score(box, other, overlap) <= max_overlap for other in boxes):
            return box
    return None


def score(one, other, overlap):
    across = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    shared = across * down
    return shared / (areas - shared if overlap == "iou" else areas)


def target(digits, labels, boxes, size, num_classes, *, box, exclusive, keep_erasing=True):
    """Soft planes [h w k]; `keep_erasing` is the original's way to make them exclusive, else ours."""
    planes = np.zeros((*size, num_classes))
    owner = np.full(size, -1)
    for digit, label, (xmin, ymin, xmax, ymax) in zip(digits, labels, boxes, strict=True):
        window = planes[ymin:ymax, xmin:xmax, label]
        if box:
            window[:] = 1
        else:
            most = max(window.max(), digits.max())
            window += digit[..., 0]
            np.clip(planes, 0, most, out=planes)
        if exclusive:
            plane = planes[..., label]
            plane[owner >= 0 if keep_erasing else (owner >= 0) & (owner != label)] = 0
            owner[plane > 0] = label
    return planes
