"""What is answered is what the model says of the same pixels, in every form."""

import io
from dataclasses import replace

import numpy as np
import pytest
import rasterio
import torch
from PIL import Image
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from starlette.testclient import TestClient

from pixelwise.data.images import read_image
from pixelwise.report.pictures import overlay, paint
from pixelwise.serve import polygons
from pixelwise.serve.app import build_app
from tests.data.drawn import scene
from tests.serve.asking import LABELS, LIMITS, ask, encoded, photo, picture

PLACE = rasterio.Affine(0.5, 0.0, 400_000.0, 0.0, -0.5, 5_800_000.0)


@pytest.fixture(scope="module")
def trained(served):
    return served[0].trained


@pytest.fixture(scope="module")
def planes(served):
    return served[1].trained


def tensor(pixels):
    return torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)


def geotiff(pixels, **options) -> bytes:
    rows, columns, count = pixels.shape
    shape = {"height": rows, "width": columns, "count": count, "dtype": pixels.dtype}
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", crs="EPSG:32633", transform=PLACE, **shape, **options) as file:
            file.write(pixels.transpose(2, 0, 1))
        return memory.read()


def drawn(told, size, **more):
    """The polygons of an answer as indices, painted by another library; 255 where there is none."""
    shapes = [
        (feature["geometry"], feature["properties"]["index"]) for feature in told["polygons"]["features"]
    ]
    return rasterize(shapes, size, fill=255, dtype="uint8", **more)


def test_json_tells_shares_certainty_and_polygons(client, trained) -> None:
    image = scene(3)[0]
    labels = trained.label(tensor(image))
    probs = trained.scores(tensor(image)[None])[0].softmax(0)
    told = ask(client, encoded(image)).json()
    assert told["model"] == "scenes" and told["size"] == [40, 56] and told["seconds"] > 0
    assert len(labels.unique()) > 1
    for index, name in enumerate(trained.classes.names):
        here = labels == index
        assert told["shares"][name] == pytest.approx(here.float().mean().item(), abs=1e-6)
        if here.any():
            assert told["confidence"][name] == pytest.approx(probs[index][here].mean().item(), abs=1e-4)
        else:
            assert told["confidence"][name] is None
    np.testing.assert_array_equal(drawn(told, (40, 56)), labels)
    assert told["departures"] == []
    assert "polygons" not in ask(client, encoded(image), params={"polygons": "false"}).json()


def test_what_is_unlike_the_training_images_is_told(client, trained) -> None:
    black = np.zeros((40, 56, 3), np.uint8)
    told = ask(client, encoded(black)).json()["departures"]
    assert told == trained.departures(tensor(black)) and "almost black" in told[0]


def test_pictures_show_the_labels(client, trained) -> None:
    image = scene(4)[0]
    labels = trained.label(tensor(image))
    index = ask(client, encoded(image), "image/png")
    np.testing.assert_array_equal(picture(index), labels)
    colours = np.asarray(Image.open(io.BytesIO(index.content)).convert("RGB"))
    np.testing.assert_array_equal(colours, paint(labels, trained.classes))
    preview = ask(client, encoded(image), "image/png", params={"kind": "preview"})
    np.testing.assert_array_equal(picture(preview), paint(labels, trained.classes))
    over = ask(client, encoded(image), "image/png", params={"kind": "overlay"})
    np.testing.assert_array_equal(picture(over), overlay(tensor(image), labels, trained.classes))


def test_labels_and_confidence_in_one_picture(client, trained) -> None:
    image = scene(5)[0]
    both = picture(ask(client, encoded(image), LABELS))
    probs = trained.scores(tensor(image)[None])[0].softmax(0).amax(0)
    np.testing.assert_array_equal(both[..., 0], trained.label(tensor(image)))
    np.testing.assert_allclose(both[..., 1], (probs * 255).numpy(), atol=0.51)


def test_what_has_a_place_keeps_it(client, trained) -> None:
    image = scene(3)[0]
    labels = trained.label(tensor(image))
    with MemoryFile(ask(client, geotiff(image), "image/tiff").content) as memory, memory.open() as file:
        np.testing.assert_array_equal(file.read(1), labels)
        assert file.transform == PLACE and file.crs.to_epsg() == 32633 and file.nodata == 255
    told = ask(client, geotiff(image)).json()
    assert told["polygons"]["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::32633"
    np.testing.assert_array_equal(drawn(told, (40, 56), transform=PLACE), labels)


@pytest.mark.filterwarnings("ignore:Dataset has no geotransform")  # of rasterio, when the test reads it
def test_what_has_no_place_gets_none(client, trained) -> None:
    image = scene(3)[0]
    with MemoryFile(ask(client, encoded(image), "image/tiff").content) as memory, memory.open() as file:
        np.testing.assert_array_equal(file.read(1), trained.label(tensor(image)))
        assert file.crs is None and file.transform.is_identity


@pytest.mark.parametrize("place", [True, False])
def test_outlines_go_anticlockwise_in_their_own_numbers(client, place) -> None:
    content = geotiff(scene(3)[0]) if place else photo(3)
    for feature in ask(client, content).json()["polygons"]["features"]:
        for number, ring in enumerate(feature["geometry"]["coordinates"]):
            x, y = np.array(ring).T
            assert ring[0] == ring[-1]
            area = np.sum((x[:-1] - x[0]) * (y[1:] - y[0]) - (x[1:] - x[0]) * (y[:-1] - y[0]))
            assert (area > 0) == (number == 0)


def test_pixels_never_measured_are_no_class(client, trained) -> None:
    image = scene(3)[0]
    image[:7] = 13
    content = geotiff(image, nodata=13)
    both = picture(ask(client, content, LABELS))
    assert (both[:7] == (255, 1)).all() and (both[7:, :, 0] < 3).all()
    assert (picture(ask(client, content, "image/png"))[:7] == 255).all()
    told = ask(client, content).json()
    assert sum(told["shares"].values()) == pytest.approx(33 / 40, abs=1e-5)
    assert (drawn(told, (40, 56), transform=PLACE)[:7] == 255).all()


def test_an_independent_class(client, planes) -> None:
    image = scene(6)[0]
    (plane,) = planes.label(tensor(image)).numpy()
    (prob,) = planes.scores(tensor(image)[None])[0].sigmoid().numpy()
    assert 0 < plane.mean() < 1
    both = picture(ask(client, encoded(image), LABELS, "planes"))
    np.testing.assert_array_equal(both[..., 0], np.where(plane > 0, 0, 255))
    np.testing.assert_allclose(both[..., 1], 255 * np.maximum(prob, 1 - prob), atol=0.51)
    np.testing.assert_array_equal(picture(ask(client, encoded(image), "image/png", "planes")), plane)
    told = ask(client, encoded(image), model="planes").json()
    np.testing.assert_array_equal(drawn(told, (40, 56)), np.where(plane > 0, 0, 255))
    assert list(told["shares"].values()) == [pytest.approx(plane.mean(), abs=1e-6)]
    tiff = ask(client, geotiff(image), "image/tiff", "planes")
    with MemoryFile(tiff.content) as memory, memory.open() as file:
        np.testing.assert_array_equal(file.read(1), plane)


def test_files_that_take_one_size_only_see_larger_images_through_windows(trained) -> None:
    from pixelwise.serve.seeing import see_large

    image = tensor(scene(2, (70, 150))[0])
    small = replace(trained, tile=(32, 48))
    seen = see_large(small, image, lambda: True)
    assert torch.equal(seen.labels, small.label(image)) and seen.sure.shape == (70, 150)


@pytest.mark.parametrize("size", [(1100, 40), (40, 1100), (1, 1), (1, 70)])
def test_images_of_any_size(client, trained, size) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    both = picture(ask(client, encoded(image), LABELS))
    np.testing.assert_array_equal(both[..., 0], trained.label(tensor(image)))


def test_certainty_has_no_seams_between_windows(client, trained) -> None:
    flat = np.full((1100, 64, 3), 120, np.uint8)
    sure = picture(ask(client, encoded(flat), LABELS))[100:-100, 20:-20, 1].astype(int)
    whole = trained.scores(tensor(flat)[None])[0].softmax(0).amax(0)[100:-100, 20:-20] * 255
    np.testing.assert_allclose(sure, whole.numpy(), atol=2)


def test_photographs_are_turned_upright(client, trained, tmp_path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = photo(kind="JPEG", exif=exif)
    (tmp_path / "a.jpg").write_bytes(content)
    labels = picture(ask(client, content, "image/png"))
    assert labels.shape == (56, 40)
    np.testing.assert_array_equal(labels, trained.label(read_image(tmp_path / "a.jpg")))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_format_gives_what_its_pixels_say(client, trained, tmp_path, kind) -> None:
    content = photo(kind=kind, **({"lossless": True} if kind == "WEBP" else {}))
    (tmp_path / f"a.{kind.lower()}").write_bytes(content)
    labels = trained.label(read_image(tmp_path / f"a.{kind.lower()}"))
    np.testing.assert_array_equal(picture(ask(client, content, "image/png")), labels)


def test_a_form_says_the_same_as_raw_bytes(client) -> None:
    form = client.post(
        "/v1/models/scenes/predict",
        files={"image": ("../../etc/passwd.svg", photo(), "image/svg+xml")},
        headers={"accept": "image/png"},
    )
    np.testing.assert_array_equal(picture(form), picture(ask(client, photo(), "image/png")))


def test_too_many_polygons_are_left_out(client, monkeypatch) -> None:
    monkeypatch.setattr(polygons, "MOST_SIDES", 3)
    told = ask(client, photo()).json()
    assert told["polygons"] is None and told["shares"]


def test_two_models_under_their_names(client, served) -> None:
    told = client.get("/v1/models").json()["models"]
    assert [model["name"] for model in told] == ["scenes", "planes"]
    assert client.get("/v1/models/planes").json() == told[1]
    assert told[0]["classes"][1] == {
        "index": 1,
        "name": served[0].trained.classes.names[1],
        "colour": list(served[0].trained.classes.colours[1]),
    }
    assert told[0]["exclusive"] and not told[1]["exclusive"] and told[0]["bands"] == 3
    assert told[0]["ignore"] == 255 and told[0]["limits"] == {"bytes": 1 << 20, "pixels": 2_000_000}
    scores = served[0].trained.contract.scores
    assert told[0]["scores"]["mean_iou"] == scores["test mean_iou"] and not told[0]["corrections"]
    assert ask(client, photo(), model="planes").json()["model"] == "planes"


def test_models_of_one_name_get_numbers(run) -> None:
    from pixelwise.serve.models import open_models

    models = open_models([run, run])
    assert [model.name for model in models] == ["scenes", "scenes-2"]
    app, _ = build_app(models, LIMITS)
    with TestClient(app) as client:
        assert ask(client, photo(), model="scenes-2").status_code == 200
