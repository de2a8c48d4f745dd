"""The encoder of SegFormer, in six sizes."""

from pathlib import Path
from typing import Literal, TypeVar, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.core.errors import CheckpointError, RecipeError
from pixelwise.models.encoders._encoder import Encoder, OutputStride
from pixelwise.models.encoders._weights import read_weights

Size = Literal["mit_b0", "mit_b1", "mit_b2", "mit_b3", "mit_b4", "mit_b5"]

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)

_DEPTHS: dict[Size, tuple[int, int, int, int]] = {
    "mit_b0": (2, 2, 2, 2),
    "mit_b1": (2, 2, 2, 2),
    "mit_b2": (3, 4, 6, 3),
    "mit_b3": (3, 4, 18, 3),
    "mit_b4": (3, 8, 27, 3),
    "mit_b5": (3, 6, 40, 3),
}
_HEADS = (1, 2, 5, 8)  # of attention in each stage
_SHRINKING = (8, 4, 2, 1)  # of keys and values in each stage, in rows and in columns
_DROPPED = 0.1  # share of the deepest residual branches left out in training
_EXPANSION = 4


def mix_transformer(
    in_channels: int,
    *,
    architecture: Size = "mit_b0",
    weights: Path | str | None = None,
    output_stride: OutputStride = 32,
) -> Encoder:
    """A transformer whose four stages shrink the image like those of a convolutional network.

    Attention is spared by shrinking keys and values; a depthwise convolution between the two layers of
    each perceptron tells where a pixel lies, so there is no code of position and images may have any size.

    Args:
        in_channels: Bands of the image.
        architecture: How large; `mit_b0` has 3.3 million parameters, `mit_b5` 81.
        weights: None starts at random; else the path of a safetensors file with the names of this
            network. There is no download: the authors' code and weights may not be used commercially,
            and nothing here comes from them.
        output_stride: 32, the only stride it has.

    Raises:
        RecipeError: If another output stride is asked for.
        CheckpointError: If the weights are asked to be downloaded, cannot be read or do not fit.

    Reference:
        Xie, Wang, Yu, Anandkumar, Alvarez & Luo, "SegFormer", 2021, arXiv:2105.15203, section 3.1,
        table 6. What a norm adds to the variance is 1e-6 in and after the blocks, as where the networks
        were trained; the library transformers has 1e-5 there.
    """
    if output_stride != 32:
        raise RecipeError(
            f"{architecture!r} ends at stride 32. Found output_stride={output_stride}. Set it to 32, or "
            "choose a convolutional encoder, such as 'resnet18'."
        )
    width = 32 if architecture == "mit_b0" else 64
    channels = [width, 2 * width, 5 * width, 8 * width]
    body = _MixTransformer(in_channels, channels, _DEPTHS[architecture])
    if weights is not None:
        _fill(body, architecture, str(weights))
    return Encoder(body, channels, (4, 8, 16, 32))


def _fill(body: nn.Module, architecture: str, weights: str) -> None:
    if weights == "pretrained":
        raise CheckpointError(
            f"there are no weights of {architecture!r} to download. The authors' may not be used "
            "commercially. Give the path of a safetensors file, or leave weights out to start at random."
        )
    try:
        body.load_state_dict(read_weights(Path(weights)))
    except RuntimeError as error:
        raise CheckpointError(
            f"{weights} does not hold the weights of {architecture!r}. {error} Give a file with the names "
            "of this network."
        ) from error


@final
class _MixTransformer(nn.Module):
    """Four stages, each a quarter, an eighth, a 16th and a 32nd of the image in rows and columns."""

    def __init__(self, in_channels: int, channels: list[int], depths: tuple[int, ...]) -> None:
        super().__init__()
        shares = torch.linspace(0, _DROPPED, sum(depths), device="cpu").tolist()  # more, the deeper
        inputs = [in_channels, *channels]
        self.stages = nn.ModuleList()
        for number, depth in enumerate(depths):
            drops = [shares.pop(0) for _ in range(depth)]
            self.stages.append(_Stage(number, inputs[number], channels[number], drops))

    def forward(self, images: Float[Tensor, "b c h w"]) -> list[Float[Tensor, "b _ _ _"]]:
        features, maps = images, []
        for stage in self.stages:
            features = stage(features)
            maps.append(features)
        return maps


@final
class _Stage(nn.Module):
    """Overlapping patches, and blocks that work on them."""

    def __init__(self, number: int, inputs: int, outputs: int, drops: list[float]) -> None:
        super().__init__()
        kernel, stride = (7, 4) if number == 0 else (3, 2)
        self.patches = _started(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2))
        self.before = nn.LayerNorm(outputs)
        self.blocks = nn.ModuleList(
            _Block(outputs, _HEADS[number], _SHRINKING[number], share) for share in drops
        )
        self.after = nn.LayerNorm(outputs, eps=1e-6)

    def forward(self, images: Float[Tensor, "b i h w"]) -> Float[Tensor, "b o _ _"]:
        patches = self.patches(images)
        rows, columns = patches.shape[-2:]
        tokens = self.before(patches.flatten(2).mT)
        for block in self.blocks:
            tokens = block(tokens, rows, columns)
        return _plane(self.after(tokens), rows, columns)


@final
class _Block(nn.Module):
    """Attention and a perceptron, each added to what came in."""

    def __init__(self, channels: int, heads: int, shrinking: int, drop: float) -> None:
        super().__init__()
        self.drop = drop
        self.norms = nn.ModuleList([nn.LayerNorm(channels, eps=1e-6) for _ in range(2)])
        self.attention = _Attention(channels, heads, shrinking)
        self.perceptron = _MixPerceptron(channels)

    def forward(self, tokens: Float[Tensor, "b n c"], rows: int, columns: int) -> Float[Tensor, "b n c"]:
        for norm, branch in zip(self.norms, (self.attention, self.perceptron), strict=True):
            tokens = tokens + self._kept(branch(norm(tokens), rows, columns))
        return tokens

    def _kept(self, change: Float[Tensor, "b n c"]) -> Float[Tensor, "b n c"]:
        """The change, left out of some images of a training batch and made up for in the others."""
        if not self.training or not self.drop:
            return change
        kept = torch.rand(change.shape[0], 1, 1, device=change.device) >= self.drop
        return change * kept / (1 - self.drop)


@final
class _Attention(nn.Module):
    """Every pixel asks a shrunken map."""

    def __init__(self, channels: int, heads: int, shrinking: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = _started(nn.Linear(channels, channels))
        self.key_value = _started(nn.Linear(channels, 2 * channels))
        self.out = _started(nn.Linear(channels, channels))
        self.shrink = _started(nn.Conv2d(channels, channels, shrinking, shrinking)) if shrinking > 1 else None
        self.norm = nn.LayerNorm(channels) if shrinking > 1 else None

    def forward(self, tokens: Float[Tensor, "b n c"], rows: int, columns: int) -> Float[Tensor, "b n c"]:
        asked = tokens
        if self.shrink is not None and self.norm is not None:
            asked = self.norm(self.shrink(_plane(tokens, rows, columns)).flatten(2).mT)
        query, key, value = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part in (self.query(tokens), *self.key_value(asked).chunk(2, dim=2))
        )
        answer = F.scaled_dot_product_attention(query, key, value)
        return self.out(answer.transpose(1, 2).flatten(2))


@final
class _MixPerceptron(nn.Module):
    """Two layers with a depthwise 3×3 convolution between them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = _EXPANSION * channels
        self.widen = _started(nn.Linear(channels, hidden))
        self.mix = _started(nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden))
        self.narrow = _started(nn.Linear(hidden, channels))

    def forward(self, tokens: Float[Tensor, "b n c"], rows: int, columns: int) -> Float[Tensor, "b n c"]:
        mixed = self.mix(_plane(self.widen(tokens), rows, columns)).flatten(2).mT
        return self.narrow(F.gelu(mixed))


def _plane(tokens: Float[Tensor, "b n c"], rows: int, columns: int) -> Float[Tensor, "b c h w"]:
    return tokens.mT.unflatten(2, (rows, columns))


def _started(layer: Layer) -> Layer:
    """The layer as transformers start: narrow normal weights, or He's by fan out in a convolution."""
    if isinstance(layer, nn.Conv2d):
        fan_out = layer.weight[0, 0].numel() * layer.out_channels // layer.groups
        nn.init.normal_(layer.weight, std=(2 / fan_out) ** 0.5)
    else:
        nn.init.trunc_normal_(layer.weight, std=0.02)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
