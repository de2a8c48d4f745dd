"""Where an image lies on Earth goes with it to its prediction."""

import numpy as np
import rasterio

from pixelwise.workflows.predict import predict
from pixelwise.workflows.train import train
from tests.data.drawn import draw_pairs


def test_a_prediction_lies_where_its_image_does(tmp_path) -> None:
    draw_pairs(tmp_path / "data")
    model = "model={name: encoder_decoder, width: 2}"
    run = train(
        tmp_path / "data",
        settings=[model, "train={steps: 1, batch_size: 2}"],
        out=tmp_path / "run",
        quiet=True,
    )
    pixels = np.random.default_rng(0).integers(1, 255, (3, 24, 30), np.uint8)
    pixels[:, :5] = 0  # never measured
    there = rasterio.Affine(0.25, 0, 500_000, 0, -0.25, 300_000)
    size = {"count": 3, "height": 24, "width": 30, "dtype": "uint8"}
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", crs="EPSG:2180", transform=there, nodata=0, **size
    ) as file:
        file.write(pixels)

    (done,) = predict(run.folder, [tmp_path / "a.tif"], out=tmp_path / "out", quiet=True)
    assert done.raster is not None
    with rasterio.open(done.raster) as raster, rasterio.open(tmp_path / "a.tif") as image:
        assert raster.transform == there and raster.crs == image.crs
        labels = raster.read(1)
        assert raster.nodata == 255 and (labels[:5] == 255).all() and (labels[5:] < 255).all()


def test_a_plain_picture_has_no_raster(tmp_path) -> None:
    draw_pairs(tmp_path / "data")
    model = "model={name: encoder_decoder, width: 2}"
    run = train(
        tmp_path / "data",
        settings=[model, "train={steps: 1, batch_size: 2}"],
        out=tmp_path / "run",
        quiet=True,
    )
    image = next((tmp_path / "data").rglob("*.png"))
    (done,) = predict(run.folder, [image], out=tmp_path / "out", quiet=True)
    assert done.raster is None and not list((tmp_path / "out").rglob("*.tif"))
