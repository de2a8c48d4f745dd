"""What is written in any form, from any source, is read back: every pixel, class and split."""

import numpy as np
import pytest
import torch

from pixelwise.data.masks.files import read_mask_header
from pixelwise.recipe.build import make_reader
from pixelwise.recipe.recipe import Choice
from pixelwise.workflows._prepare import choose_reader
from pixelwise.workflows.convert import WRITERS, convert
from tests.data.drawn import scene, write_tiff
from tests.data.writers.sources import SIZE, SOURCES


def read_again(done):
    return make_reader(Choice.model_validate({**done.reader, "root": done.folder}))


def by_name(reader):
    return {plain(sample.name): sample for sample in (reader[i] for i in range(len(reader)))}


def plain(name):
    return name.replace(" ", "_")  # which VOC cannot write


def splits_of(reader):
    return {name: {plain(reader.names[i]) for i in found} for name, found in reader.splits.items()}


@pytest.mark.parametrize("form", WRITERS.names())
@pytest.mark.parametrize("source", [name for name in SOURCES if name != "drawn_planes"])
def test_every_pixel_class_and_split_comes_back(form, source, tmp_path) -> None:
    SOURCES[source](tmp_path / "source")
    reader = make_reader(choose_reader(str(tmp_path / "source"))[0])
    done = convert(tmp_path / "source", tmp_path / "made", to=form, quiet=True)
    found, truth = read_again(done), by_name(reader)
    again = by_name(found)
    assert again.keys() == truth.keys()
    for name, sample in truth.items():
        assert torch.equal(again[name].labels, sample.labels)
        assert torch.equal(again[name].image, sample.image)
    assert splits_of(found) == splits_of(reader)
    assert (found.classes.names, found.classes.colours) == (reader.classes.names, reader.classes.colours)
    assert found.classes.exclusive == reader.classes.exclusive


@pytest.mark.parametrize("form", [f for f in WRITERS.names() if f not in {"pairs", "voc", "geotiff"}])
def test_classes_that_overlap_stay_so_where_shapes_are_kept(form, tmp_path) -> None:
    SOURCES["drawn_planes"](tmp_path / "source")
    reader = make_reader(choose_reader(str(tmp_path / "source"))[0])
    truth = by_name(reader)
    assert (truth["a"].labels.clamp(min=0).sum(0) > 1).any()
    done = convert(tmp_path / "source", tmp_path / "made", to=form, quiet=True)
    again = by_name(read_again(done))
    assert all(torch.equal(again[name].labels, sample.labels) for name, sample in truth.items())


def test_in_a_mask_the_last_of_several_classes_is_kept_and_said(tmp_path) -> None:
    SOURCES["drawn_planes"](tmp_path / "source")
    reader = make_reader(choose_reader(str(tmp_path / "source"))[0])
    done = convert(tmp_path / "source", tmp_path / "made", to="pairs", quiet=True)
    again = by_name(read_again(done))
    shared = 0
    for name, sample in by_name(reader).items():
        both = (sample.labels > 0).all(0)
        shared += int(both.sum())
        wanted = sample.labels.clone()
        wanted[0, both] = 0  # stone comes before leaf
        assert torch.equal(again[name].labels, wanted)
    assert f"{shared} pixels are of several classes: the last of them is kept." in done.lost


@pytest.mark.parametrize("form", ["pairs", "geotiff"])
def test_values_of_masks_and_of_what_does_not_count_are_kept(form, tmp_path) -> None:
    SOURCES["without_background"](tmp_path / "source")
    done = convert(tmp_path / "source", tmp_path / "made", to=form, quiet=True)
    found = read_again(done).classes
    assert (found.values, found.ignored) == ((0, 40, 80), (7,))
    assert done.lost == ()


def test_pixels_drawn_by_code_become_files_of_the_same_numbers(tmp_path) -> None:
    options = ("data.reader.train=2", "data.reader.test=1", "data.reader.exclusive=true")
    reader = make_reader(choose_reader("digits", options)[0])
    done = convert("digits", tmp_path / "made", to="pairs", settings=options, quiet=True)
    again = by_name(read_again(done))
    for name, sample in by_name(reader).items():
        assert torch.equal(again[name].image, sample.image)
        assert torch.equal(again[name].labels, sample.labels)


def test_an_image_out_of_a_drawing_is_written_whole(tmp_path) -> None:
    SOURCES["embedded"](tmp_path / "source")
    done = convert(tmp_path / "source", tmp_path / "made", to="cvat", quiet=True)
    image = read_again(done)[0].image
    assert np.array_equal((image * 255).round().byte(), scene(0, SIZE)[0].transpose(2, 0, 1))


@pytest.mark.parametrize("form", ["geotiff", "labelme"])
def test_places_and_pixels_never_measured_are_kept(form, tmp_path) -> None:
    picture, truth = scene(0, SIZE)
    picture[:5] = 0
    write_tiff(tmp_path / "source" / "images" / "a.tif", picture, nodata=0)
    write_tiff(tmp_path / "source" / "masks" / "a.tif", truth)
    reader = make_reader(choose_reader(str(tmp_path / "source"))[0])
    done = convert(tmp_path / "source", tmp_path / "made", to=form, quiet=True)
    sample, again = reader[0], read_again(done)[0]
    assert sample.place is not None and again.place == sample.place
    assert (sample.labels[:5] == 255).all() and torch.equal(again.labels, sample.labels)
    if form == "geotiff":
        header = read_mask_header(tmp_path / "made" / "masks" / "a.tif")
        assert (header.place, header.nodata) == (sample.place, 255)
