"""pixelwise: semantic segmentation, from labelled images to a trained, evaluated and applied model."""

__version__ = "0.1.0"
