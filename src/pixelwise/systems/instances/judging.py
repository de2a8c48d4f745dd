"""How well things are found: matched one by one, and by COCO's average precision."""

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any

from jaxtyping import Float
from torch import Tensor
from torchvision.ops import box_iou

from pixelwise.core.extras import need
from pixelwise.systems.instances.entries import entry
from pixelwise.systems.instances.found import Instances

_ALIKE = 0.5  # box IoU from which a thing is found


def judge(found: Sequence[Instances], true: Sequence[Instances]) -> dict[str, float]:
    """Recall, precision, and the mean IoU of the masks of things that were found.

    A thing is found by the surest box of its class, not yet taken, whose IoU with it is at least one half.

    Args:
        found: What was found in each image, surest first.
        true: What is there.
    """
    pairs = [
        (iou, guesses.masks[guess], things.masks[thing])
        for guesses, things in zip(found, true, strict=True)
        for guess, thing, iou in matches(guesses, things)
    ]
    ious = [float((guess & thing).sum() / (guess | thing).sum()) for _, guess, thing in pairs]
    return {
        "recall": len(pairs) / max(1, sum(map(len, true))),
        "precision": len(pairs) / max(1, sum(map(len, found))),
        "mask_iou": sum(ious) / max(1, len(ious)),
    }


def matches(found: Instances, true: Instances) -> list[tuple[int, int, float]]:
    """Numbers of what was found and of the thing that it is, and the IoU of their boxes."""
    alike = overlaps(found, true)
    alike = alike * (found.labels[:, None] == true.labels)
    pairs: list[tuple[int, int, float]] = []
    for number in range(len(found)):
        if len(true) and float(alike[number].max()) >= _ALIKE:
            thing = int(alike[number].argmax())
            pairs.append((number, thing, float(alike[number, thing])))
            alike[:, thing] = 0
    return pairs


def overlaps(found: Instances, true: Instances) -> Float[Tensor, "n m"]:
    """IoU of each box with each."""
    return box_iou(found.boxes, true.boxes)


def average_precision(found: Sequence[Instances], true: Sequence[Instances]) -> dict[str, float]:
    """COCO's average precision of masks over IoUs of 0.5 to 0.95, and of 0.5 alone; by pycocotools.

    Args:
        found: What was found in each image, also what is little sure.
        true: What is there.

    Raises:
        MissingExtraError: If pycocotools is not installed.

    Reference:
        Lin et al., "Microsoft COCO", 2014, arXiv:1405.0312, and its detection evaluation.
    """
    data: Any = need("pycocotools.coco", extra="instances", noun="average precision")
    evaluation: Any = need("pycocotools.cocoeval", extra="instances", noun="average precision")
    with redirect_stdout(io.StringIO()):  # it talks to the results' own stream
        truth = data.COCO()
        truth.dataset = _described(true)
        truth.createIndex()
        guesses = [
            entry(things, number) | {"image_id": image}
            for image, things in enumerate(found)
            for number in range(len(things))
        ]
        if not guesses:
            return {"mask_ap": 0.0, "mask_ap50": 0.0}
        judged = evaluation.COCOeval(truth, truth.loadRes(guesses), "segm")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return {"mask_ap": float(judged.stats[0]), "mask_ap50": float(judged.stats[1])}


def _described(true: Sequence[Instances]) -> dict[str, Any]:
    """Known things in COCO's own form."""
    entries: list[dict[str, Any]] = []
    for image, things in enumerate(true):
        for number in range(len(things)):
            own = {"id": len(entries) + 1, "image_id": image, "iscrowd": 0}
            entries.append(entry(things, number) | own)
    classes = sorted({each["category_id"] for each in entries})
    sizes = [things.masks.shape[1:] for things in true]
    return {
        "info": {},
        "images": [{"id": number, "height": h, "width": w} for number, (h, w) in enumerate(sizes)],
        "categories": [{"id": label, "name": str(label)} for label in classes],
        "annotations": entries,
    }
