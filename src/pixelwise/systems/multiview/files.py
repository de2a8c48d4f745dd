"""A scene file, with photographs, cameras and labelled points, to labelled photographs."""

import json
from pathlib import Path
from typing import Any, cast

import torch
from PIL import Image
from torch import Tensor

from pixelwise.core.classes import Classes
from pixelwise.core.errors import DataError, RecipeError, listing, raise_faults
from pixelwise.data.images import read_image
from pixelwise.report.pictures import index_png, overlay
from pixelwise.systems.multiview.cameras import Camera
from pixelwise.systems.multiview.labelling import View, label_views

_VIEW = ("image", "intrinsics", "rotation", "translation")
_SHAPES = {"intrinsics": (3, 3), "rotation": (3, 3), "translation": (3,)}


def label_files(scene: Path | str, *, out: Path | str, side: int = 16, overwrite: bool = False) -> list[Path]:
    """Write the classes of every photograph of a scene, told by a few labelled points.

    Layout:
        The scene is a JSON file; paths are relative to it. A point may say which views see it, by their
        numbers; one that does not is seen wherever it falls into a photograph.

        {"classes": ["sky", "ground"],
         "views": [{"image": "001.jpg", "intrinsics": [[f, 0, x], [0, f, y], [0, 0, 1]],
                    "rotation": [[...], [...], [...]], "translation": [x, y, z]}],
         "points": [{"at": [x, y, z], "class": "ground", "seen": [0]}]}

    Args:
        scene: The file.
        out: Folder for `labels/`, index PNGs ready to train on, and `overlays/`.
        side: Pixels between superpixels.
        overwrite: Replace what is there.

    Returns:
        The label files, in the order of the views.

    Raises:
        DataError: If the scene cannot be understood; all faults are told before anything is written.
        RecipeError: If files would be overwritten.
        MissingExtraError: If scipy is not installed.
    """
    path = Path(scene)
    told = _read(path)
    classes = Classes(tuple(told["classes"]))
    files = [path.parent / view["image"] for view in told["views"]]
    named = [Path(out) / "labels" / f"{file.stem}.png" for file in files]
    twice = [place.name for number, place in enumerate(named) if place in named[:number]]
    if twice:
        raise DataError(f"several views would be written to one name: {listing(twice)}. Rename the images.")
    there = [place for place in named if place.exists()]
    if there and not overwrite:
        raise RecipeError(
            f"{len(there)} label files are there already: {listing(there, 3)}. Choose another folder, or "
            "overwrite."
        )
    views = [_view(file, view) for file, view in zip(files, told["views"], strict=True)]
    found = label_views(views, *_points(told), len(classes), seen=_seen(told), side=side)
    for view, labels, place in zip(views, found, named, strict=True):
        shown = Path(out) / "overlays" / place.name
        for folder in (place.parent, shown.parent):
            folder.mkdir(parents=True, exist_ok=True)
        index_png(labels, place, classes)
        Image.fromarray(overlay(view.image, labels, classes)).save(shown)
    return named


def _view(file: Path, told: dict[str, Any]) -> View:
    image = read_image(file, bands=3)
    turned = [torch.tensor(told[name], dtype=torch.float32) for name in _VIEW[1:]]
    return View(image, Camera(turned[0], turned[1], turned[2], *image.shape[1:]))


def _points(told: dict[str, Any]) -> tuple[Tensor, Tensor]:
    places = torch.tensor([point["at"] for point in told["points"]], dtype=torch.float32)
    return places, torch.tensor([told["classes"].index(point["class"]) for point in told["points"]])


def _seen(told: dict[str, Any]) -> Tensor:
    seen = torch.ones(len(told["views"]), len(told["points"]), dtype=torch.bool)
    for number, point in enumerate(told["points"]):
        if "seen" in point:
            seen[:, number] = False
            seen[point["seen"], number] = True
    return seen


def _read(path: Path) -> dict[str, Any]:
    """The scene, checked."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no scene. {error}. Give a JSON file with views and points.") from None
    lists = {"classes": str, "views": dict, "points": dict}
    faults = [
        f"{name!r} must be a list of at least one {kind.__name__}"
        for name, kind in lists.items()
        if not isinstance(told, dict) or not _is_list_of(cast("dict[str, Any]", told).get(name), kind)
    ]
    raise_faults(DataError, f"{path} is no scene:", faults)
    for number, view in enumerate(told["views"]):
        faults += [f"view {number}: {fault}" for fault in _view_faults(view, path.parent)]
    for number, point in enumerate(told["points"]):
        faults += [f"point {number}: {fault}" for fault in _point_faults(point, told)]
    raise_faults(DataError, f"{path} is no scene:", faults)
    return told


def _is_list_of(values: Any, kind: type) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(v, kind) for v in values)  # pyright: ignore[reportUnknownVariableType]


def _view_faults(view: dict[str, Any], folder: Path) -> list[str]:
    faults = [f"{name!r} is missing" for name in _VIEW if name not in view]
    if "image" in view and not (folder / str(view["image"])).is_file():
        faults.append(f"no image at {folder / str(view['image'])}")
    for name, shape in _SHAPES.items():
        if name in view and _shape(view[name]) != shape:
            faults.append(f"{name!r} must be numbers of shape {shape}")
    return faults


def _point_faults(point: dict[str, Any], told: dict[str, Any]) -> list[str]:
    faults: list[str] = []
    if _shape(point.get("at")) != (3,):
        faults.append("'at' must be three numbers")
    if point.get("class") not in told["classes"]:
        faults.append(f"unknown class {point.get('class')!r}. Known: {', '.join(told['classes'])}")
    seen, views = point.get("seen", []), len(told["views"])
    if not isinstance(seen, list) or not all(isinstance(v, int) and 0 <= v < views for v in seen):  # pyright: ignore[reportUnknownVariableType]
        faults.append(f"'seen' must be numbers of views, 0..{views - 1}")
    return faults


def _shape(values: Any) -> tuple[int, ...] | None:
    try:
        return tuple(torch.tensor(values, dtype=torch.float32).shape)
    except (TypeError, ValueError, RuntimeError):
        return None
