"""The network: what an LSTM made of the words, laid beside what convolutions saw at every place."""

from typing import Literal, final

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import convolution, he_normal, narrow_normal
from pixelwise.models._vgg import fill_vgg, vgg_stages, vgg_weights, vgg_widths
from pixelwise.ops.sizes import crop_to, pad_to_stride

PLACE = 8  # numbers that tell where a cell lies

Head = Literal["pointwise", "wide"]


def paper(bands: int, num_words: int, *, length: int = 20, weights: str | None = None) -> "Referring":
    """The network of the paper: VGG16 with 1000 outputs a cell, an LSTM of 1000, 1×1 convolutions.

    Args:
        bands: Of the images.
        num_words: Words of the vocabulary; 8803 in the paper.
        length: Words of an expression.
        weights: A safetensors file with torchvision's names, or `pretrained`, for VGG16's layers but the
            last; its thirteen convolutions are then kept as they are, as in the paper.

    Raises:
        CheckpointError: If the weights cannot be had or do not fit.

    Reference:
        Hu, Rohrbach & Darrell, "Segmentation from Natural Language Expressions", 2016, arXiv:1603.06180,
        section 3.
    """
    stages = vgg_stages(bands, vgg_widths(64))
    six, seven = he_normal(nn.Conv2d(512, 4096, 7, padding=3)), he_normal(nn.Conv2d(4096, 4096, 1))
    if weights is not None:
        fill_vgg(stages, vgg_weights(weights, normed=False), [six, seven])
        stages.requires_grad_(False)
    pooled = [layer for stage in stages for layer in (stage, nn.MaxPool2d(2))]
    dense = [
        six,
        nn.ReLU(),
        nn.Dropout(),
        seven,
        nn.ReLU(),
        nn.Dropout(),
        he_normal(nn.Conv2d(4096, 1000, 1)),
    ]
    sentence = Sentence(num_words, 1000, 1000)
    return Referring(nn.Sequential(*pooled, *dense), sentence, pointwise(2000 + PLACE, 500), 32, length)


def small(
    bands: int, num_words: int, *, length: int = 5, head: Head = "wide", places: bool = True
) -> "Referring":
    """The same in small, for images of shapes: cells of 4 pixels, 48 features, an LSTM of 48.

    Args:
        bands: Of the images.
        num_words: Words of the vocabulary.
        length: Words of an expression.
        head: `pointwise` is the paper's, which sees each cell by itself; `wide` looks around with two
            dilated convolutions, which "the left one" needs.
        places: Whether cells are told where they lie.
    """
    seen = nn.Sequential(
        convolution(bands, 24, norm="batch"),
        nn.MaxPool2d(2),
        convolution(24, 32, norm="batch"),
        nn.MaxPool2d(2),
        convolution(32, 48, norm="batch"),
    )
    inputs = 2 * 48 + PLACE * places
    last = pointwise(inputs, 64) if head == "pointwise" else _wide(inputs, 64)
    with torch.no_grad():  # features of length 1 are small numbers beside those of places
        next(last.parameters())[:, : 2 * 48] *= 48**0.5
    return Referring(seen, Sentence(num_words, 48, 48), last, 4, length, places=places)


@final
class Sentence(nn.Module):
    """Words, by their numbers, to one vector: the last state of an LSTM.

    Biases of the forget gate start at 1, and torch's second bias, which the paper's LSTM has not, stays 0.
    """

    def __init__(self, num_words: int, embedding: int, state: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_words, embedding)
        self.lstm = nn.LSTM(embedding, state, batch_first=True)
        with torch.no_grad():
            for name, bias in self.lstm.named_parameters():
                if name == "bias_ih_l0":
                    bias.zero_()[state : 2 * state] = 1.0
                if name == "bias_hh_l0":
                    bias.zero_().requires_grad_(False)

    def forward(self, words: Int[Tensor, "b t"]) -> Float[Tensor, "b d"]:
        """The state after the last word."""
        return self.lstm(self.embedding(words))[0][:, -1]


@final
class Referring(nn.Module):
    """Images whose last bands are words, to one logit a pixel: does it belong to what is meant?"""

    def __init__(
        self,
        encoder: nn.Module,
        sentence: Sentence,
        head: nn.Module,
        stride: int,
        length: int,
        *,
        places: bool = True,
    ) -> None:
        super().__init__()
        self.encoder, self.sentence, self.head = encoder, sentence, head
        self.stride, self.length, self.places = stride, length, places
        self.enlarge = _bilinear(stride)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 h w"]:
        """Logits at the size of the images."""
        return crop_to(self.enlarge(self.coarse(images)), images)

    def coarse(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 _ _"]:
        """One logit a cell, of as many pixels a side as the stride."""
        seen, words = images[:, : -self.length], images[:, -self.length :, 0, 0].round().long()
        features = F.normalize(self.encoder(pad_to_stride(seen, self.stride)), dim=1)
        rows, columns = features.shape[-2:]
        heard = F.normalize(self.sentence(words), dim=1)[..., None, None].expand(-1, -1, rows, columns)
        where = [places(rows, columns).to(features).expand(len(images), -1, -1, -1)] if self.places else []
        return self.head(torch.cat([heard, features, *where], dim=1))


def spoken(images: Float[Tensor, "b c h w"], words: Int[Tensor, "b t"]) -> Float[Tensor, "b d h w"]:
    """Images with one more band for each word of their expressions, which is its number everywhere.

    So words travel as images do: nothing between the data and the network needs to know of them.
    """
    bands = words[..., None, None].expand(-1, -1, *images.shape[-2:])
    return torch.cat([images, bands.to(images)], dim=1)


def places(rows: int, columns: int) -> Float[Tensor, "8 h w"]:
    """Where each cell lies: left, top, right, bottom, centre (x, y), in -1..1, and 1 / columns, 1 / rows.

    Reference:
        Hu, Rohrbach & Darrell, 2016, arXiv:1603.06180, section 3; the order is that of their code.
    """
    left, top = 2 * torch.arange(columns) / columns - 1, 2 * torch.arange(rows)[:, None] / rows - 1
    wide, high = 2 / columns, 2 / rows
    told = [left, top, left + wide, top + high, left + wide / 2, top + high / 2]
    told += [torch.tensor(wide / 2), torch.tensor(high / 2)]
    return torch.stack([numbers.expand(rows, columns) for numbers in told])


def pointwise(inputs: int, width: int) -> nn.Sequential:
    """The paper's classifier: two 1×1 convolutions."""
    return nn.Sequential(convolution(inputs, width, 1), narrow_normal(nn.Conv2d(width, 1, 1)))


def _wide(inputs: int, width: int) -> nn.Sequential:
    looking = [convolution(width, width, dilation=reach, norm="batch") for reach in (2, 6)]
    return nn.Sequential(
        convolution(inputs, width, 1, norm="batch"), *looking, narrow_normal(nn.Conv2d(width, 1, 1))
    )


def _bilinear(stride: int) -> nn.ConvTranspose2d:
    """An enlargement that is learned and starts bilinear; no bias."""
    layer = nn.ConvTranspose2d(1, 1, 2 * stride, stride, padding=stride // 2, bias=False)
    nearness = 1 - (torch.arange(2 * stride) - stride + 0.5).abs() / stride
    with torch.no_grad():
        layer.weight.copy_(nearness[:, None] * nearness)
    return layer
