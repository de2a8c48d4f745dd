"""Cells, cameras, links, and labels carried from view to view."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from pixelwise.core.errors import DataError, RecipeError
from pixelwise.systems.multiview import Camera, View, label_files, label_views
from pixelwise.systems.multiview.cells import grid_cells, majority, means, superpixels, touching
from pixelwise.systems.multiview.links import disagreement, likeness, tracks_of
from pixelwise.systems.multiview.street import FAR, GROUND, SKY, street
from pixelwise.systems.multiview.strip import CLASSES

PLAIN = Camera(
    torch.tensor([[10.0, 0, 4], [0, 10.0, 3], [0, 0, 1]]), torch.eye(3), torch.zeros(3), rows=6, columns=8
)


def test_cells_by_hand() -> None:
    cells = grid_cells(3, 4, 2)
    assert cells.tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3]]
    assert touching(cells).tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    labels = torch.tensor([[1, 1, 0, 0], [1, 0, 0, 0], [0, 1, 1, 1]])
    assert majority(labels, cells, 2).tolist() == [1, 0, 0, 1]
    assert means(labels.flatten()[:, None].float(), cells.flatten(), 4)[0].item() == 0.75


def test_superpixels_follow_an_edge_that_a_grid_cuts() -> None:
    image = torch.zeros(3, 24, 24)
    image[:, :, 11:] = 1  # the grid of 8 has its line at 8
    cells = superpixels(image, 8)
    light = image[0].bool()
    assert not set(cells[light].tolist()) & set(cells[~light].tolist())
    assert sorted(cells.unique().tolist()) == list(range(len(cells.unique())))


def test_likeness_by_hand() -> None:
    colours = torch.tensor([[0.0, 0, 0], [0.3, 0.4, 0]])
    assert likeness(colours, torch.tensor([[0, 1]]), 20.0).item() == pytest.approx(1 / (20 * 0.25 + 1))


def test_a_point_falls_where_a_pin_hole_throws_it() -> None:
    places, depths = PLAIN.project(torch.tensor([[0.2, -0.1, 1.0], [0.0, 0.0, -1.0]]))
    assert places[0].tolist() == pytest.approx([2.0, 6.0]) and depths.tolist() == [1.0, -1.0]
    _, seen = PLAIN.pixels(torch.tensor([[0.2, -0.1, 1.0], [0.0, 0.0, -1.0], [9.0, 0.0, 1.0]]))
    assert seen.tolist() == [True, False, False]


def test_what_a_turned_camera_lifts_falls_back_into_its_pixels() -> None:
    turned = torch.tensor([[0.8, 0.0, 0.6], [0.0, 1.0, 0.0], [-0.6, 0.0, 0.8]])
    camera = Camera(PLAIN.intrinsics, turned, torch.tensor([0.3, -0.2, 0.5]), 6, 8)
    depth = torch.rand(6, 8, generator=torch.Generator().manual_seed(0)) + 1
    pixels, seen = camera.pixels(camera.lift(depth), depth)
    assert pixels.tolist() == list(range(48)) and seen.all()
    behind = camera.pixels(camera.lift(depth * 1.2), depth)[1]
    assert not behind.any()


def test_tracks_are_points_that_two_views_see() -> None:
    cells = [torch.tensor([0, 1, 2]), torch.tensor([7, 8, 9]), torch.tensor([14, 15, 16])]
    seen = [torch.tensor([True, True, False]), torch.tensor([True, False, True]), torch.tensor([False] * 3)]
    tracks = tracks_of(cells, seen)
    assert tracks.tolist() == [[0, 7]]
    labels = torch.zeros(17, dtype=torch.long)
    assert disagreement(labels, tracks) == 0
    labels[7] = 1
    assert disagreement(labels, tracks) == 1


def test_the_street_is_the_same_seen_from_elsewhere() -> None:
    photographs = street(0)
    left, right = photographs[0], photographs[-1]
    assert left.view.depth is not None and right.view.depth is not None
    pixels, seen = right.view.camera.pixels(left.view.camera.lift(left.view.depth), right.view.depth)
    ahead = right.view.camera.project(left.view.camera.lift(left.view.depth))[1]
    same_depth = (ahead - right.view.depth.flatten()[pixels]).abs() < 0.05 * ahead
    both = seen & same_depth
    agree = right.labels.flatten()[pixels][both] == left.labels.flatten()[both]
    assert both.float().mean() > 0.5 and agree.float().mean() > 0.98
    assert (left.labels[left.view.depth >= FAR] == SKY).all()
    assert (left.labels[-1] == GROUND).float().mean() > 0.8


def test_points_of_one_view_label_the_others() -> None:
    photographs = street(3)
    middle = photographs[2]
    assert middle.view.depth is not None
    chosen = torch.randperm(64 * 96, generator=torch.Generator().manual_seed(0))[:300]
    points = middle.view.camera.lift(middle.view.depth)[chosen]
    views = [photograph.view for photograph in photographs]
    found = label_views(views, points, middle.labels.flatten()[chosen], 4, side=4)
    right = [(a == b.labels).float().mean().item() for a, b in zip(found, photographs, strict=True)]
    assert min(right) > 0.8 and right[2] > 0.9, right


def test_views_that_do_not_fit_are_told_all_at_once() -> None:
    wrong = View(torch.zeros(3, 5, 8), PLAIN, torch.ones(2, 2))
    with pytest.raises(DataError) as error:
        label_views([wrong], torch.zeros(2, 3), torch.tensor([0, 7, 1]), 2)
    for words in ("the image is (5, 8)", "the depth is (2, 2)", "2 points, 3 labels", "labels [7]"):
        assert words in str(error.value)
    right = View(torch.zeros(3, 6, 8), PLAIN)
    with pytest.raises(DataError, match="no view sees any of the 1 points"):
        label_views([right], torch.tensor([[0.0, 0, -5]]), torch.tensor([0]), 2)


def test_a_scene_file_becomes_label_files(tmp_path) -> None:
    photographs = street(1)[1:4]
    scene = scene_of(photographs, tmp_path)
    (tmp_path / "scene.json").write_text(json.dumps(scene))
    written = label_files(tmp_path / "scene.json", out=tmp_path / "out", side=4)
    assert [path.name for path in written] == ["0.png", "1.png", "2.png"]
    for path, photograph in zip(written, photographs, strict=True):
        labels = torch.from_numpy(np.asarray(Image.open(path)).astype(np.int64))
        assert (labels == photograph.labels).float().mean() > 0.8
        assert (tmp_path / "out" / "overlays" / path.name).exists()
    with pytest.raises(RecipeError, match="3 label files are there already"):
        label_files(tmp_path / "scene.json", out=tmp_path / "out", side=4)


def test_a_broken_scene_file_tells_every_fault(tmp_path) -> None:
    scene = scene_of(street(1)[:1], tmp_path)
    scene["views"][0]["rotation"] = [1, 2]
    scene["views"].append({"image": "none.png"})
    scene["points"][0] = {"at": [1, 2], "class": "tree", "seen": [9]}
    (tmp_path / "scene.json").write_text(json.dumps(scene))
    with pytest.raises(DataError) as error:
        label_files(tmp_path / "scene.json", out=tmp_path / "out")
    for words in (
        "'rotation' must be",
        "none.png",
        "'intrinsics' is missing",
        "'at' must",
        "'tree'",
        "'seen'",
    ):
        assert words in str(error.value)
    assert not (tmp_path / "out").exists()
    (tmp_path / "scene.json").write_text("[]")
    with pytest.raises(DataError, match="'views' must be a list"):
        label_files(tmp_path / "scene.json", out=tmp_path / "out")


def scene_of(photographs, folder):
    """A scene file of photographs, with points of the first and the last; depth told who sees what."""
    views = []
    for number, photograph in enumerate(photographs):
        image = (photograph.view.image * 255).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(image).save(folder / f"{number}.png")
        camera = photograph.view.camera
        views.append({
            "image": f"{number}.png",
            "intrinsics": camera.intrinsics.tolist(),
            "rotation": camera.rotation.tolist(),
            "translation": camera.translation.tolist(),
        })  # fmt: skip
    points = []
    for photograph in {id(p): p for p in (photographs[0], photographs[-1])}.values():
        chosen = torch.randperm(64 * 96, generator=torch.Generator().manual_seed(0))[:200]
        places = photograph.view.camera.lift(photograph.view.depth)[chosen]
        seen = [p.view.camera.pixels(places, p.view.depth)[1] for p in photographs]
        for number, (place, label) in enumerate(
            zip(places.tolist(), photograph.labels.flatten()[chosen].tolist(), strict=True)
        ):
            sees = [view for view, there in enumerate(seen) if there[number]]
            points.append({"at": place, "class": CLASSES.names[label], "seen": sees})
    return {"classes": list(CLASSES.names), "views": views, "points": points}
