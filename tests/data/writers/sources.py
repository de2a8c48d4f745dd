"""Small labelled data sets, each with something that some forms cannot say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tests.data.drawings.written import coco_annotation, flat, labelme_shape, png_text, write_json
from tests.data.drawn import Array, scene, write_image

SIZE = (24, 32)


def labels(number: int) -> Array:
    """0 around, 1 a ring with a hole, 2 in the hole and at the border, 255 in a corner."""
    found = np.zeros(SIZE, np.uint8)
    found[3:15, 4:18] = 1
    found[6:12, 7:14] = 0
    found[8:10, 9:12] = 2
    found[20:, 26:] = 2
    found[:4, 28:] = 255
    return np.roll(found, number, axis=1)


def masks(root: Path, *, background: str = "background", ignored: int = 255, **more: Any) -> None:
    """Images and masks in folders of train and val."""
    names, values = (background, "ring", "spot"), (0, 40, 80)
    for number in range(4):
        split = "train" if number < 3 else "val"
        write_image(root / split / "images" / f"part {number}.png", scene(number, SIZE)[0])
        table = np.zeros(256, np.uint8)
        table[[0, 1, 2, 255]] = (*values, ignored)
        write_image(root / split / "masks" / f"part {number}.png", table[labels(number)])
    rows = [{"name": n, "value": v, "colour": [v, 9, 200]} for n, v in zip(names, values, strict=True)]
    content = {"classes": rows, "ignored": [ignored]} | more
    (root / "classes.yaml").write_text(yaml.safe_dump(content))


def without_background(root: Path) -> None:
    """Masks whose every pixel is of a class that would be drawn, or does not count."""
    masks(root, background="ground", ignored=7)


def planes(root: Path) -> None:
    """Masks of two independent classes, with pixels that do not count."""
    masks(root)
    content = yaml.safe_load((root / "classes.yaml").read_text())
    content |= {"exclusive": False, "classes": content["classes"][1:]}
    (root / "classes.yaml").write_text(yaml.safe_dump(content))


def drawing(root: Path, *, exclusive: bool = True) -> None:
    """LabelMe: overlaps, a mask with a hole, a thing of two parts, a label that does not count."""
    ring = (labels(0)[3:15, 4:18] == 1).astype(np.uint8)
    corners = ((3, 4), (14, 17))  # both within
    shapes = [
        labelme_shape("leaf", [(1.5, 2.25), (3.5, 29.5), (21.75, 30.0), (18.5, 2.5)]),
        labelme_shape("stone", [(4.0, 20.5), (4.0, 40.0), (10.5, 40.0), (10.5, 20.5)], group_id=3),
        labelme_shape("blur", [(0, 24), (0, 28), (8, 28), (8, 24)]),
        labelme_shape("stone", [(14.0, 20.0), (20.5, 26.5), (14.0, 28.0)], group_id=3),
        labelme_shape("stone", corners, "mask", mask=png_text(ring)),
    ]
    for split, name, drawn in (("train", "a", shapes), ("train", "b", []), ("test", "c", shapes[2:])):
        write_image(root / split / f"{name}.jpg", scene(len(drawn), SIZE)[0])
        told = {"imagePath": f"{name}.jpg", "imageData": None, "imageHeight": SIZE[0], "imageWidth": SIZE[1]}
        write_json(root / split / f"{name}.json", {"version": "5.2.1", "flags": {}, "shapes": drawn} | told)
    rows = [{"name": name, "value": n} for n, name in enumerate(("stone", "leaf", "blur"), start=1)]
    content = {"exclusive": exclusive, "classes": rows, "ignored": [3]}
    (root / "classes.yaml").write_text(yaml.safe_dump(content))


def drawn_planes(root: Path) -> None:
    """LabelMe with classes that may overlap."""
    drawing(root, exclusive=False)


def crowds(root: Path) -> None:
    """COCO: a crowd below, a large object over a small one, an annotation of two polygons."""
    write_image(root / "images" / "a.png", scene(0, SIZE)[0])
    small, large = ((4, 4), (4, 8), (8, 8), (8, 4)), ((2, 2), (2, 20), (15, 20), (15, 2))
    crowd = {"size": list(SIZE), "counts": [24 * 10, 24 * 15, 24 * 7]}
    two = [flat(((18, 3), (18, 6), (22, 6))), flat(((17, 20), (17, 24), (22, 24)))]
    annotations = [
        coco_annotation(1, 1, [flat(small)]),
        coco_annotation(2, 2, [flat(large)]),
        coco_annotation(3, 2, crowd, iscrowd=1),
        coco_annotation(4, 1, two),
    ]
    image = {"id": 7, "file_name": "a.png", "width": SIZE[1], "height": SIZE[0]}
    categories = [{"id": 1, "name": "leaf"}, {"id": 2, "name": "stone"}]
    write_json(
        root / "instances.json",
        {"images": [image], "categories": categories, "annotations": annotations},
    )


def embedded(root: Path) -> None:
    """LabelMe with the image in the file itself."""
    picture = scene(0, SIZE)[0]
    shape = labelme_shape("leaf", ((1, 1), (1, 9), (7, 9)))
    told = {"imagePath": "gone.png", "imageData": png_text(picture), "imageHeight": SIZE[0]}
    content = {"version": "5.2.1", "flags": {}, "shapes": [shape]} | told | {"imageWidth": SIZE[1]}
    write_json(root / "a.json", content)


SOURCES: dict[str, Callable[[Path], None]] = {
    "masks": masks,
    "without_background": without_background,
    "planes": planes,
    "drawing": drawing,
    "drawn_planes": drawn_planes,
    "crowds": crowds,
    "embedded": embedded,
}
