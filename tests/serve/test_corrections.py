"""Corrected labels become data that training simply reads."""

import io

import numpy as np
import pytest
import yaml
from PIL import Image
from starlette.testclient import TestClient

from pixelwise.core.errors import DataError
from pixelwise.data.readers.pairs import pairs
from pixelwise.serve.app import build_app
from pixelwise.serve.models import open_models
from pixelwise.workflows.train import train
from tests.data.drawn import scene
from tests.serve.asking import LIMITS, encoded, photo, refused


def correct(client, image, labels, model="scenes", name=None, kind="L"):
    """Send a correction."""
    if isinstance(labels, np.ndarray):
        buffer = io.BytesIO()
        Image.fromarray(labels).convert(kind).save(buffer, "PNG")
        labels = buffer.getvalue()
    files = {"image": ("../../evil.php", image), "labels": ("../labels", labels)}
    data = {} if name is None else {"name": name}
    return client.post(f"/v1/models/{model}/corrections", files=files, data=data)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "corrected"


@pytest.fixture
def keeper(run, folder):
    app, _ = build_app(open_models([run], folder), LIMITS)
    with TestClient(app) as client:
        yield client


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_was_corrected_is_read_and_trained_on(keeper, folder, served, tmp_path) -> None:
    assert keeper.get("/v1/models/scenes").json()["corrections"] is True
    truth = {}
    for number in range(6):
        image, labels = scene(number)
        labels[0, :5] = 255
        kind = ("PNG", "JPEG", "BMP")[number % 3]
        answer = correct(keeper, encoded(image, kind), labels, name=f"/etc/scene {number}.png")
        assert answer.status_code == 201, answer.text
        assert answer.json()["images"] == number + 1
        truth[answer.json()["saved"]] = labels
    assert len(files_in(folder)) == 13 and (folder / "classes.yaml").is_file()
    reader = pairs(folder)
    assert reader.classes.names == served[0].trained.classes.names
    assert reader.classes.colours == served[0].trained.classes.colours
    for number, name in enumerate(reader.names):
        np.testing.assert_array_equal(reader[number].labels, truth[name])
    with Image.open(folder / "masks" / f"{next(iter(truth))}.png") as mask:
        assert mask.text["Title"] == "/etc/scene 0.png"
    settings = ["train.steps=2", "train.precision=float32", "model={name: unet, width: 4}"]
    train(folder, settings=settings, out=tmp_path / "again", quiet=True)
    assert (tmp_path / "again" / "scores.json").is_file()


def test_an_image_is_kept_once_as_it_was_sent(keeper, folder) -> None:
    image, labels = photo(1), scene(1)[1]
    first = correct(keeper, image, labels).json()
    again = correct(keeper, image, np.zeros_like(labels), kind="P").json()
    assert first == again and again["images"] == 1
    (kept,) = (folder / "images").iterdir()
    assert kept.read_bytes() == image and kept.name == f"{again['saved']}.png"
    assert not np.asarray(Image.open(folder / "masks" / kept.name)).any()


def test_an_independent_class_is_kept_as_a_plane(planes_run, folder, tmp_path) -> None:
    app, _ = build_app(open_models([planes_run], folder), LIMITS)
    labels = scene(2)[1]
    with TestClient(app) as client:
        for number in range(4):
            sent = np.where(scene(number)[1] > 0, 0, 255).astype(np.uint8)
            assert correct(client, photo(number), sent, "planes").status_code == 201
            assert "numbers of no class: 1" in refused(correct(client, photo(0), labels // 2, "planes"), 422)
    reader = pairs(folder, planes=True)
    assert reader.classes.names == ("foreground",)
    planes = sorted(float(reader[number].labels.sum()) for number in range(4))
    assert planes == sorted(float((scene(number)[1] > 0).sum()) for number in range(4))


def test_several_models_have_a_folder_each(run, planes_run, folder) -> None:
    app, _ = build_app(open_models([run, planes_run], folder), LIMITS)
    with TestClient(app) as client:
        assert correct(client, photo(1), scene(1)[1]).status_code == 201
        assert correct(client, photo(1), np.full((40, 56), 255, np.uint8), "planes").status_code == 201
    assert sorted(path.name for path in folder.iterdir()) == ["planes", "scenes"]


def test_none_are_taken_unless_a_folder_is_given(client) -> None:
    assert "--corrections FOLDER" in refused(correct(client, photo(), scene(1)[1]), 403)


@pytest.mark.parametrize(
    ("labels", "status", "told"),
    [
        (scene(1)[1][1:], 422, "(39, 56), the image is (40, 56)"),
        (np.full((40, 56), 7, np.uint8), 422, "numbers of no class: 7"),
        (scene(1)[0], 422, "the labels are colours"),
        (encoded(scene(1)[1], "BMP"), 415, "the labels are no PNG"),
        (b"no image at all", 415, "no image we read"),
        (encoded(scene(1)[1])[:90], 400, "cut off"),
        (b"", 400, "holds no bytes"),
    ],
)
def test_labels_that_do_not_fit(keeper, folder, labels, status, told) -> None:
    kind = "RGB" if isinstance(labels, np.ndarray) and labels.ndim == 3 else "L"
    assert told in refused(correct(keeper, photo(1), labels, kind=kind), status)
    assert not folder.exists()


def test_images_that_do_not_fit(keeper, folder) -> None:
    labels = scene(1)[1]
    assert "1 bands" in refused(correct(keeper, encoded(labels), labels), 422)
    assert refused(correct(keeper, photo(1)[:-30], labels), 400)
    form = {"files": {"image": ("a", photo(1))}, "data": {"labels": "text"}}
    assert "no file 'labels'" in refused(keeper.post("/v1/models/scenes/corrections", **form), 400)
    raw = keeper.post(
        "/v1/models/scenes/corrections", content=photo(1), headers={"content-type": "image/png"}
    )
    assert "this is no form" in refused(raw, 415)
    assert not folder.exists()


def test_a_grey_picture_of_colours_is_read_by_its_grey(keeper) -> None:
    assert correct(keeper, photo(1), scene(1)[1], kind="RGBA").status_code == 201


def test_a_folder_of_something_else_is_not_touched(run, folder) -> None:
    folder.mkdir()
    (folder / "diary.txt").write_text("mine")
    with pytest.raises(DataError, match="holds something else"):
        open_models([run], folder)
    (folder / "classes.yaml").write_text(yaml.safe_dump({"classes": ["cat", "dog"]}))
    with pytest.raises(DataError, match="corrections of other classes"):
        open_models([run], folder)
    assert files_in(folder) == ["classes.yaml", "diary.txt"]


def test_a_full_disk_is_told(keeper, monkeypatch) -> None:
    def full(*_) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pixelwise.core.files._sync", full)
    assert "the disk of the server refuses" in refused(correct(keeper, photo(1), scene(1)[1]), 507)
