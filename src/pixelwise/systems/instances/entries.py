"""Things in the form of COCO's results."""

from typing import Any

from pixelwise.data.drawings.runs import pack_lengths, runs
from pixelwise.systems.instances.found import Instances


def entry(things: Instances, number: int) -> dict[str, Any]:
    """Class, box, mask, area and score of one thing; its box is x, y, columns, rows, its mask run lengths."""
    top, left, bottom, right = things.boxes[number].tolist()
    mask = things.masks[number].numpy()
    lengths: list[int] = runs(mask, by_columns=True).lengths.tolist()
    return {
        "category_id": int(things.labels[number]),
        "bbox": [left, top, right - left, bottom - top],
        "segmentation": {"size": list(mask.shape), "counts": pack_lengths(lengths)},
        "area": int(mask.sum()),
        "score": float(things.scores[number]),
    }
