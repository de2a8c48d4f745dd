"""The peer of benchmarks.epoch: run by Keras' own interpreter, an epoch for each line that is told."""

import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

LAYERS = (16, 32, "pool", 32, 32, "pool", 32, 32, "up", 32, 32, "up", 32, 16)


def build(shape: tuple[int, ...], classes: int) -> keras.Model:
    """The tutorial's second model."""
    model = keras.Sequential([keras.Input(shape)])
    for layer in LAYERS:
        if layer == "pool":
            model.add(layers.MaxPooling2D((2, 2)))
        elif layer == "up":
            model.add(layers.UpSampling2D((2, 2)))
        else:
            model.add(layers.Conv2D(layer, (3, 3), activation="relu", padding="same"))
    model.add(layers.Conv2D(classes, (3, 3), activation="sigmoid", padding="same"))
    metrics = [keras.metrics.BinaryAccuracy(), keras.metrics.Recall(), keras.metrics.Precision()]
    model.compile(optimizer="adam", loss=keras.losses.BinaryCrossentropy(), metrics=metrics)
    return model


def main() -> None:
    """Say the versions, then an epoch's seconds for each line."""
    arrays = np.load(sys.argv[1])
    model = build(arrays["images"].shape[1:], arrays["planes"].shape[-1])
    print(f"Keras {keras.__version__}, TensorFlow {tf.__version__}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        model.fit(arrays["images"], arrays["planes"], epochs=1, batch_size=int(sys.argv[2]), verbose=0)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
