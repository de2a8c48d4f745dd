"""The tutorials' networks in Keras, run by Keras's own interpreter: `python _keras_nets.py FOLDER`.

For each NAME.npz in the folder (images [b h w c], then kernels and biases in order) writes NAME.out.npz.
"""

import sys
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import Model
from keras.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dropout,
    Input,
    Lambda,
    MaxPooling2D,
    UpSampling2D,
)
from keras.layers import concatenate as join


def conv(width, activation="relu", start="he_normal", strides=1, size=3):
    return Conv2D(width, size, strides, "same", activation=activation, kernel_initializer=start)


def transposed(width, activation=None, start="he_normal", strides=2, size=3):
    return Conv2DTranspose(width, size, strides, "same", activation=activation, kernel_initializer=start)


def ending(images, features, num_classes, size):
    logits = Conv2D(num_classes, size, padding="same")(features)
    return Model(images, [logits, Activation("sigmoid")(logits)])


def chain(layers, features):
    for layer in layers:
        features = layer(features)
    return features


def plain(width):
    return conv(width, start="glorot_uniform")


def stack():
    images = Input((60, 60, 1))
    widths = [16, *[32] * 8, 16]
    return ending(images, chain([plain(width) for width in widths], images), 3, 3)


def encoder_decoder():
    images = Input((60, 60, 1))
    layers = [plain(16), plain(32), MaxPooling2D(2), plain(32), plain(32), MaxPooling2D(2)]
    layers += [plain(32), plain(32), UpSampling2D(2), plain(32), plain(32), UpSampling2D(2)]
    return ending(images, chain([*layers, plain(32), plain(16)], images), 3, 3)


def strided_unet():
    images = Input((96, 128, 3))
    layers = []
    for width in (64, 128, 256):
        layers += [conv(width, strides=2), conv(width)]
    for width in (256, 128, 64):
        layers += [transposed(width, "relu", strides=1), transposed(width, "relu")]
    return ending(images, chain(layers, images), 1, 3)


def unet():
    images = features = Input((96, 128, 3))
    skips = []
    for width, share in ((64, 0), (128, 0), (256, 0), (512, 0.3), (1024, 0.3)):
        features = MaxPooling2D(2)(features) if skips else features
        features = chain([conv(width), conv(width), Dropout(share)], features)
        skips.append(features)
    for width, skip in zip((512, 256, 128, 64), skips[-2::-1], strict=True):
        features = chain([conv(width), conv(width)], join([transposed(width)(features), skip]))
    return ending(images, conv(64)(features), 1, 1)


def elu_unet():
    images = features = Input((128, 128, 3))
    skips = []
    for width, share in ((16, 0.1), (32, 0.1), (64, 0.2), (128, 0.2), (256, 0.3)):
        features = MaxPooling2D(2)(features) if skips else features
        features = chain([conv(width, "elu"), Dropout(share), conv(width, "elu")], features)
        skips.append(features)
    for width, skip in zip((128, 64, 32, 16), skips[-2::-1], strict=True):
        up = transposed(width, start="glorot_uniform", size=2)(features)
        features = chain([conv(width, "elu"), Dropout(0.1), conv(width, "elu")], join([up, skip]))
    return ending(images, features, 1, 1)


def fcn(width):
    images = features = Input((96, 128, 3))
    for times, depth in ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3)):
        features = chain([plain(times * width) for _ in range(depth)], features)
        features = MaxPooling2D(2)(features)
    for size in (7, 1):
        wide = conv(64 * width, start="glorot_uniform", size=size)
        features = Dropout(0.5)(wide(features))
    probs = Conv2D(5, 1, kernel_initializer="he_normal", activation="softmax")(features)
    large = Lambda(lambda cells: tf.compat.v1.image.resize_bilinear(cells, (96, 128)))(probs)
    return Model(images, [Lambda(keras.ops.log)(large), large])


def segnet():
    def units(*widths):
        layers = []
        for width in widths:
            layers += [Dropout(0.1)] if layers else []
            layers.append(Conv2D(width, 3, padding="same", kernel_initializer="he_uniform"))
            layers += [BatchNormalization(), Activation("relu")]
        return layers

    images = Input((64, 96, 3))
    layers = []
    for widths in ((32, 32), (64, 64), [128] * 3, [256] * 3, [512] * 3):
        layers += [*units(*widths), MaxPooling2D(2)]
    for widths in ((512, 512, 256), (256, 256, 128), (128, 128, 64), (64, 32), (32,)):
        layers += [UpSampling2D(2), *units(*widths)]
    layers += [Conv2D(5, 1, padding="same", kernel_initializer="he_uniform"), BatchNormalization()]
    logits = chain(layers, images)
    return Model(images, [logits, Activation("softmax")(logits)])


NETS = {net.__name__: net for net in (stack, encoder_decoder, strided_unet, unet, elu_unet, segnet)}
NETS |= {"fcn": partial(fcn, 4), "whole_fcn": partial(fcn, 64)}


def main(folder):
    keras.utils.set_random_seed(0)
    for path in sorted(folder.glob("*.npz")):
        model = NETS[path.stem]()
        fresh = [(weight.std(), np.abs(weight).max()) for weight in model.get_weights()]
        given = np.load(path)
        model.set_weights([given[f"weight{n}"] for n in range(len(fresh))])
        logits, probs = model.predict_on_batch(given["images"])
        np.savez(
            path.with_suffix(".out.npz"),
            logits=logits,
            probs=probs,
            parameters=model.count_params(),
            fresh=np.array(fresh),
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
