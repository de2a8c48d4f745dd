"""DDRNet: a branch of details and a branch of context that talk to each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, final

from annotated_types import Ge
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models._blocks import Width, enlarged
from pixelwise.models._two_branch import (
    COARSEST,
    STRIDE,
    PyramidPooling,
    convolution_norm,
    fitted,
    head,
    stage,
    start,
    stem,
)
from pixelwise.ops.heads import Auxiliary, Heads, Said
from pixelwise.ops.sizes import pad_to_stride

_POOLED = 128  # channels of each mean in the pyramid


def ddrnet(
    in_channels: int,
    num_classes: int,
    *,
    size: Literal["23-slim", "23", "39"] = "23-slim",
    width: Width | None = None,
    auxiliary: Annotated[float, Ge(0)] = 0.0,
) -> "Ddrnet":
    """Two branches, one at an eighth of the resolution and one ever coarser, that exchange what they know.

    The coarse branch ends in a pyramid of means (DAPPM); the sum of both is classified. The authors' code
    has some parameters more that a norm behind them makes idle: biases of its first two convolutions and
    shifts of the last norms before the pyramid. Images are padded to multiples of 64, so that both branches
    always line up.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        size: How many layers, as the paper counts them: `23-slim`, `23` or `39`.
        width: Channels of the first layers. Left out: 32 for `23-slim`, else 64.
        auxiliary: Weight of the loss of a second classifier, on the details in the middle of the network;
            the paper has 0.4. 0 builds none.

    Reference:
        Pan, Hong, Sun & Jia, "Deep Dual-Resolution Networks for Real-Time and Accurate Semantic
        Segmentation of Traffic Scenes", 2022, arXiv:2101.06085, tables I and II.
    """
    plan = _PLANS[size]
    return Ddrnet(in_channels, num_classes, plan, plan.width if width is None else width, auxiliary)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How large a network is.

    Attributes:
        blocks: Residual blocks at strides of 4, 8, 16 and 32; those at 16 are parted by exchanges.
        width: Channels of the first layers.
        classifier: Hidden channels of the classifier.
    """

    blocks: tuple[int, int, Sequence[int], int]
    width: int
    classifier: int


_PLANS = {
    "23-slim": _Plan((2, 2, (2,), 2), 32, 64),
    "23": _Plan((2, 2, (2,), 2), 64, 128),
    "39": _Plan((3, 4, (3, 3), 3), 64, 256),
}


@final
class Ddrnet(nn.Module):
    """The network `ddrnet` builds."""

    def __init__(self, in_channels: int, num_classes: int, plan: _Plan, width: int, auxiliary: float) -> None:
        super().__init__()
        at_4, at_8, at_16, at_32 = plan.blocks
        self.stem = nn.Sequential(
            stem(in_channels, width),
            stage("basic", width, width, at_4),
            nn.ReLU(),
            stage("basic", width, 2 * width, at_8, stride=2),
        )
        inputs = [2 * width] + [4 * width] * (len(at_16) - 1)
        self.middle = nn.ModuleList(
            _Exchange(coarse, 4 * width, 2 * width, blocks, halve=number == 0)
            for number, (coarse, blocks) in enumerate(zip(inputs, at_16, strict=True))
        )
        self.deep = _Exchange(4 * width, 8 * width, 2 * width, at_32, halve=True)
        self.details = stage("bottleneck", 2 * width, 2 * width, 1)
        self.context = stage("bottleneck", 8 * width, 8 * width, 1, stride=2, shift=False)
        self.pyramid = PyramidPooling(16 * width, _POOLED, 4 * width, deep=True)
        self.classifier = head(4 * width, plan.classifier, num_classes)
        self.auxiliary = auxiliary
        self.second = head(2 * width, plan.classifier, num_classes) if auxiliary else None
        start(self)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Said:
        """Logits of each class at each pixel, with the second classifier's if there is one."""
        coarse = fine = self.stem(pad_to_stride(images, COARSEST))
        for exchange in self.middle:
            coarse, fine = exchange(coarse, fine)
        halfway = fine
        coarse, fine = self.deep(coarse, fine)
        fine = self.details(F.relu(fine))
        context = self.pyramid(self.context(F.relu(coarse)))
        logits = enlarged(self.classifier(fine + fitted(context, fine)), images, STRIDE)
        if self.second is None:
            return logits
        scores = enlarged(self.second(halfway), images, STRIDE)
        return Heads(logits, (Auxiliary("classes", scores, self.auxiliary),))


@final
class _Exchange(nn.Module):
    """A stage of each branch, after which each is given what the other knows."""

    def __init__(self, inputs: int, coarse: int, fine: int, blocks: int, *, halve: bool) -> None:
        super().__init__()
        self.coarse = stage("basic", inputs, coarse, blocks, stride=2 if halve else 1)
        self.fine = stage("basic", fine, fine, blocks)
        self.up = convolution_norm(coarse, fine, 1)
        self.down = nn.Sequential()
        while fine < coarse:  # twice the channels for half the resolution
            then = [] if 2 * fine == coarse else [nn.ReLU()]
            self.down.append(convolution_norm(fine, 2 * fine, 3, stride=2, then=then))
            fine *= 2

    def forward(
        self, coarse: Float[Tensor, "b _ _ _"], fine: Float[Tensor, "b d h w"]
    ) -> tuple[Float[Tensor, "b e _ _"], Float[Tensor, "b d h w"]]:
        coarse, fine = self.coarse(F.relu(coarse)), self.fine(F.relu(fine))
        return coarse + self.down(F.relu(fine)), fine + fitted(self.up(F.relu(coarse)), fine)
