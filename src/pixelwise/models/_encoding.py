"""Context encoding: how the features of an image deviate from learned codewords, and what that says."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.models._blocks import convolution, glorot_uniform
from pixelwise.models._decoded import scores_of

_CODEWORDS = 32


@final
class EncodingHead(nn.Module):
    """Scores of features whose channels are weighed by what the whole image holds.

    Args:
        inputs: Channels that come in.
        num_classes: Classes to tell apart.
        width: Channels of the encoded features.
        presence: Whether the image's encoding also says which classes occur.

    Reference:
        Zhang, Dana, Shi, Zhang, Wang, Tyagi & Agrawal, "Context Encoding for Semantic Segmentation",
        2018, arXiv:1803.08904, section 3.
    """

    def __init__(self, inputs: int, num_classes: int, width: int, *, presence: bool) -> None:
        super().__init__()
        self.reduce = convolution(inputs, width, 1, norm="batch")
        self.encode = nn.Sequential(convolution(width, width, 1, norm="batch"), Codebook(width, _CODEWORDS))
        self.norm = nn.BatchNorm1d(_CODEWORDS)
        self.weigh = glorot_uniform(nn.Linear(width, width))
        self.present = glorot_uniform(nn.Linear(width, num_classes)) if presence else None
        self.classify = nn.Sequential(nn.Dropout(0.1), scores_of(width, num_classes))

    def forward(
        self, features: Float[Tensor, "b i h w"]
    ) -> tuple[Float[Tensor, "b k h w"], Float[Tensor, "b k"] | None]:
        """Scores of each class at each pixel, and of its presence in the image."""
        reduced = self.reduce(features)
        encoding = self.norm(self.encode(reduced)).relu().mean(dim=1)
        weighed = reduced * (1 + self.weigh(encoding).sigmoid()[:, :, None, None])
        present = self.present(encoding) if self.present is not None else None
        return self.classify(weighed), present


@final
class Codebook(nn.Module):
    """Sums of what separates features from each codeword, each feature shared out to the nearest.

    Reference:
        Zhang, Xue & Dana, "Deep TEN", 2017, arXiv:1612.02844, equations 2 and 5.
    """

    def __init__(self, channels: int, codewords: int) -> None:
        super().__init__()
        reach = (channels * codewords) ** -0.5
        self.codewords = nn.Parameter(torch.empty(codewords, channels).uniform_(-reach, reach))
        self.scale = nn.Parameter(torch.empty(codewords).uniform_(-1, 0))

    def forward(self, features: Float[Tensor, "b c h w"]) -> Float[Tensor, "b n c"]:
        pixels = features.flatten(2).mT
        squares = (
            pixels.square().sum(2, keepdim=True)
            - 2 * pixels @ self.codewords.T
            + self.codewords.square().sum(1)
        )
        shares = (self.scale * squares).softmax(dim=2)
        return shares.mT @ pixels - shares.sum(1)[:, :, None] * self.codewords
