"""PIDNet: branches of details, of context and of boundaries."""

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
    norm_convolution,
    stage,
    start,
    stem,
)
from pixelwise.ops.heads import Auxiliary, Heads, Said
from pixelwise.ops.sizes import pad_to_stride

_EDGES = 50  # what edges weigh beside the classes of the details: 20 to 0.4 in the paper

Details = Float[Tensor, "b c h w"]


def pidnet(
    in_channels: int,
    num_classes: int,
    *,
    size: Literal["s", "m", "l"] = "s",
    width: Width | None = None,
    auxiliary: Annotated[float, Ge(0)] = 0.0,
) -> "Pidnet":
    """Details (P) and context (I), joined where boundaries (D) say which of the two to trust.

    All three end at an eighth of the resolution. The authors' code has some parameters more that a norm
    behind them makes idle: biases of its first two convolutions and shifts of the last norms before the
    pyramid. Images are padded to multiples of 64, so that the branches always line up. The paper's loss of
    the logits where an edge is seen is left out.

    Args:
        in_channels: Bands of the image.
        num_classes: Classes to tell apart.
        size: One of the paper's networks: `s`, `m` (twice as wide) or `l` (deeper, with larger parts
            where the branches are joined).
        width: Channels of the first layers. Left out: 32 for `s`, else 64.
        auxiliary: Weight of the loss of a second classifier, on the details in the middle of the network;
            the paper has 0.4. The loss of the boundaries' own head weighs fifty times that, as there. 0
            builds neither.

    Reference:
        Xu, Xiong & Bhattacharyya, "PIDNet: A Real-time Semantic Segmentation Network Inspired by PID
        Controllers", 2023, arXiv:2206.02066, figure 4 and table 1 of the appendix.
    """
    plan = _PLANS[size]
    return Pidnet(in_channels, num_classes, plan, plan.width if width is None else width, auxiliary)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How large a network is.

    Attributes:
        fine: Residual blocks of each stage at strides of 4 and 8.
        coarse: Those at strides of 16 and 32.
        width: Channels of the first layers.
        pooled: Channels of each mean in the pyramid.
        classifier: Hidden channels of the classifier.
        large: Whether branches are joined by 3×3 convolutions and means one after the other.
    """

    fine: int
    coarse: int
    width: int
    pooled: int
    classifier: int
    large: bool


_PLANS = {
    "s": _Plan(2, 3, 32, 96, 128, large=False),
    "m": _Plan(2, 3, 64, 96, 128, large=False),
    "l": _Plan(3, 4, 64, 112, 256, large=True),
}


@final
class Pidnet(nn.Module):
    """The network `pidnet` builds."""

    def __init__(self, in_channels: int, num_classes: int, plan: _Plan, width: int, auxiliary: float) -> None:
        super().__init__()
        fine, coarse = plan.fine, plan.coarse
        self.stem = nn.Sequential(
            stem(in_channels, width),
            stage("basic", width, width, fine),
            nn.ReLU(),
            stage("basic", width, 2 * width, fine, stride=2),
            nn.ReLU(),
        )
        self.context_16 = stage("basic", 2 * width, 4 * width, coarse, stride=2)
        self.context_32 = stage("basic", 4 * width, 8 * width, coarse, stride=2)
        self.context_64 = stage("bottleneck", 8 * width, 8 * width, 2, stride=2, shift=False)
        self.pyramid = PyramidPooling(16 * width, plan.pooled, 4 * width, deep=plan.large)
        self.details = _Details(width, fine)
        self.boundaries = _Boundaries(width, large=plan.large)
        self.join = (_Join if plan.large else _LightJoin)(4 * width)
        self.classifier = head(4 * width, plan.classifier, num_classes)
        self.auxiliary = auxiliary
        self.second = head(2 * width, plan.classifier, num_classes) if auxiliary else None
        self.edges = head(2 * width, width, 1) if auxiliary else None
        start(self)

    def forward(self, images: Float[Tensor, "b c h w"]) -> Said:
        """Logits of each class at each pixel, with classes and edges from half-way if they are asked for."""
        shared = self.stem(pad_to_stride(images, COARSEST))
        at_16 = F.relu(self.context_16(shared))
        at_32 = F.relu(self.context_32(at_16))
        context = self.pyramid(self.context_64(at_32))
        halfway, details = self.details(shared, at_16, at_32)
        seen, boundaries = self.boundaries(shared, at_16, at_32)
        features = self.join(details, fitted(context, details), boundaries)
        logits = enlarged(self.classifier(features), images, STRIDE)
        if self.second is None or self.edges is None:
            return logits
        classes = Auxiliary("classes", enlarged(self.second(halfway), images, STRIDE), self.auxiliary)
        edges = Auxiliary("edges", enlarged(self.edges(seen), images, STRIDE), _EDGES * self.auxiliary)
        return Heads(logits, (classes, edges))


@final
class _Details(nn.Module):
    """The P branch: keeps its resolution and takes from the context what agrees with it."""

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        channels = 2 * width
        self.first = stage("basic", channels, channels, blocks)
        self.second = stage("basic", channels, channels, blocks)
        self.last = stage("bottleneck", channels, channels, 1)
        self.from_16 = convolution_norm(4 * width, channels, 1)
        self.from_32 = convolution_norm(8 * width, channels, 1)
        self.ask_16 = _Agreement(channels, width)
        self.ask_32 = _Agreement(channels, width)

    def forward(
        self, shared: Details, at_16: Float[Tensor, "b _ _ _"], at_32: Float[Tensor, "b _ _ _"]
    ) -> tuple[Details, Float[Tensor, "b 2*c h w"]]:
        """What is known half-way, and at the end."""
        halfway = self.ask_16(self.first(shared), self.from_16(at_16))
        later = self.ask_32(self.second(F.relu(halfway)), self.from_32(at_32))
        return halfway, self.last(F.relu(later))


@final
class _Boundaries(nn.Module):
    """The D branch: is given the context's differences and learns where classes meet."""

    def __init__(self, width: int, *, large: bool) -> None:
        super().__init__()
        narrow, wide = (2 * width if large else width), 2 * width
        self.first = stage("basic", wide, narrow, 1)
        self.second = stage("basic", narrow, wide, 1) if large else stage("bottleneck", narrow, width, 1)
        self.last = stage("bottleneck", wide, wide, 1)
        self.from_16 = convolution_norm(4 * width, narrow, 3)
        self.from_32 = convolution_norm(8 * width, wide, 3)

    def forward(
        self, shared: Details, at_16: Float[Tensor, "b _ _ _"], at_32: Float[Tensor, "b _ _ _"]
    ) -> tuple[Details, Float[Tensor, "b 2*c h w"]]:
        """What is known half-way, and at the end."""
        early = self.first(shared)
        early = early + fitted(self.from_16(at_16), early)
        halfway = self.second(F.relu(early))
        halfway = halfway + fitted(self.from_32(at_32), halfway)
        return halfway, self.last(F.relu(halfway))


@final
class _Agreement(nn.Module):
    """Details and context mixed, more of the context where the two agree (Pag).

    Reference:
        The paper's section 3.2, equations 2 and 3.
    """

    def __init__(self, channels: int, compared: int) -> None:
        super().__init__()
        self.of_details = convolution_norm(channels, compared, 1)
        self.of_context = convolution_norm(channels, compared, 1)

    def forward(self, details: Details, context: Float[Tensor, "b c _ _"]) -> Details:
        compared = self.of_details(details) * fitted(self.of_context(context), details)
        trust = compared.sum(1, keepdim=True).sigmoid()
        return trust * fitted(context, details) + (1 - trust) * details


@final
class _Join(nn.Module):
    """Details where a boundary is, context elsewhere, convolved together (Bag)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.both = norm_convolution(channels, channels, 3)

    def forward(self, details: Details, context: Details, boundaries: Details) -> Details:
        edge = boundaries.sigmoid()
        return self.both(edge * details + (1 - edge) * context)


@final
class _LightJoin(nn.Module):
    """Details and context, each given more of the other on its own side of a boundary (Light-Bag)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.details = convolution_norm(channels, channels, 1)
        self.context = convolution_norm(channels, channels, 1)

    def forward(self, details: Details, context: Details, boundaries: Details) -> Details:
        edge = boundaries.sigmoid()
        return self.details(details + (1 - edge) * context) + self.context(context + edge * details)
