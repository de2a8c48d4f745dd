"""A good recipe for data about which nothing was said."""

from typing import Any

from pixelwise.core.sample import Sample

_CROP = 320  # rows and columns of a training window where images are larger
_STRIDE = 32


def default_recipe(reader: dict[str, Any], sample: Sample) -> dict[str, Any]:
    """Plain values of a recipe that is right for most data of this kind.

    Small digits get the small net that was made for them. Photographs and everything else get a
    U-Net on a residual encoder, trained from scratch on random windows for a quarter of an hour.

    Args:
        reader: Name and parameters of the reader.
        sample: One sample, to see its size and kind of labels.
    """
    planes = sample.labels is not None and sample.labels.is_floating_point()
    if reader["name"] == "digits":
        return _digits(reader, planes)
    rows, columns = (min(_CROP, max(_STRIDE, side // _STRIDE * _STRIDE)) for side in sample.image.shape[1:])
    return {
        "data": {
            "reader": reader,
            "crop": [rows, columns],
            "zoom": [0.6, 1.4],
            "augmentations": [
                {"name": "flip"},
                {"name": "brightness", "amount": 0.3},
                {"name": "contrast", "amount": 0.3},
                {"name": "tint"},
            ],
        },
        "model": {"name": "unet", "encoder": "regnetx_004"},
        "loss": [
            {"name": "binary_cross_entropy" if planes else "cross_entropy"},
            {"name": "dice", "weight": 0.5},
        ],
        "train": {"budget": "15m", "batch_size": 8, "lr": 2e-3, "weight_decay": 0.01},
    }


def _digits(reader: dict[str, Any], planes: bool) -> dict[str, Any]:
    return {
        "data": {"reader": reader, "normalise": "none", "val": 0.1},
        "model": {"name": "encoder_decoder"},
        "loss": [{"name": "binary_cross_entropy" if planes else "cross_entropy"}],
        "train": {"epochs": 30, "batch_size": 16, "lr": 3e-3, "weight_decay": 0.0, "warmup": 0.1},
    }
