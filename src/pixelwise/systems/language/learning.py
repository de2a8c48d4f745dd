"""How the network learns: coarse answers first, then fine ones, by the one engine."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.core.comparison import Tell
from pixelwise.core.sample import Batch
from pixelwise.data.loader import mixed
from pixelwise.engine.budget import Steps
from pixelwise.engine.optimizers import learning_rate, make_optimizer
from pixelwise.engine.predict import predict_logits
from pixelwise.engine.train import Seen, train
from pixelwise.losses.binary_cross_entropy import binary_cross_entropy
from pixelwise.metrics.expressions import expression_scores, expression_sums
from pixelwise.systems.language.network import Referring, spoken
from pixelwise.systems.language.scenes import Expression
from pixelwise.systems.language.words import Vocabulary

_EVERY = 20  # steps between two words on how it goes
_AT_ONCE = 100  # expressions judged at a time


def learn(
    net: Referring,
    samples: Sequence[Expression],
    words: Vocabulary,
    *,
    coarse_steps: int,
    fine_steps: int,
    seed: int,
    batch_size: int = 32,
    lr: float = 5e-3,
    negative: float = 1 / 3,
    tell: Tell = lambda _: None,
) -> None:
    """Train in two resolutions: the logits of cells, then those of pixels, enlarged.

    Args:
        net: On its device; trained in place.
        samples: Images of one size.
        words: The vocabulary.
        coarse_steps: Steps in which a cell should say yes if any of its pixels does.
        fine_steps: Steps on pixels, which go on from there.
        seed: Of the order.
        batch_size: Expressions of a step.
        lr: Highest rate of each stage; both fall to zero along a cosine.
        negative: What a pixel that is not meant counts beside one that is, on pixels; cells count alike.
        tell: Told step and loss every now and then.

    Raises:
        DivergedError: If a loss is no number.

    Reference:
        Hu, Rohrbach & Darrell, 2016, arXiv:1603.06180, section 3. Their stage before these, on boxes cut
        out of the images, is left out; they use SGD with rates falling in steps.
    """
    stages = [(_Coarse(net), coarse_steps, 1.0, 0), (net, fine_steps, negative, coarse_steps)]
    for number, (model, steps, weight, before) in enumerate(stages):
        stream = batches(samples, words, batch_size=batch_size, seed=mixed(seed, number, 0))
        if steps:
            _stage(model, stream, steps=steps, before=before, lr=lr, negative=weight, tell=tell)


def _stage(
    model: nn.Module,
    stream: Iterator[Batch],
    *,
    steps: int,
    before: int,
    lr: float,
    negative: float,
    tell: Tell,
) -> None:
    def say(step: int, seen: Seen) -> bool:
        tell(f"step {before + step}, loss {seen.loss:.3f}")
        seen.forget()
        return False

    train(
        model,
        partial(loss_of, negative=negative),  # pyright: ignore[reportArgumentType] no heads here
        stream,
        make_optimizer(model, "adam", lr=lr),
        Steps(steps),
        rate=learning_rate("cosine", lr, warmup=0.05),
        device=device_of(model),
        every=[(_EVERY, say)],
    )


def device_of(net: nn.Module) -> torch.device:
    """Where a network is."""
    return next(net.parameters()).device


def batches(
    samples: Sequence[Expression], words: Vocabulary, *, batch_size: int, seed: int
) -> Iterator[Batch]:
    """Endless batches of images of one size with their words, one permutation after another."""
    rng = torch.Generator().manual_seed(seed)
    order: list[int] = []
    while True:
        while len(order) < batch_size:
            order += torch.randperm(len(samples), generator=rng).tolist()
        chosen, order = [samples[number] for number in order[:batch_size]], order[batch_size:]
        yield collate(chosen, words)


def collate(samples: Sequence[Expression], words: Vocabulary) -> Batch:
    """Expressions as a batch: words as bands, masks as one plane."""
    images = torch.stack([sample.image for sample in samples])
    numbers = torch.stack([words.numbers(sample.text) for sample in samples])
    labels = torch.stack([sample.mask[None].float() for sample in samples])
    return Batch(spoken(images, numbers), labels, tuple(sample.name for sample in samples))


def loss_of(
    logits: Float[Tensor, "b 1 _ _"], labels: Float[Tensor, "b 1 h w"], *, negative: float = 1.0
) -> Float[Tensor, ""]:
    """Mean over pixels, or over cells, of the binary cross entropy; what is not meant weighs `negative`.

    A cell is meant if any of its pixels is.

    Reference:
        Hu, Rohrbach & Darrell, 2016, arXiv:1603.06180, section 3.
    """
    rows, columns = logits.shape[-2:]
    if labels.shape[-2:] != logits.shape[-2:]:
        labels = F.adaptive_max_pool2d(labels, (rows, columns))
    return negative * binary_cross_entropy(logits, labels, positive_weight=1 / negative)


def judge(
    net: Referring,
    samples: Sequence[Expression],
    words: Vocabulary,
    *,
    texts: Sequence[str] | None = None,
) -> dict[str, float]:
    """Scores of `metrics.expressions` on samples of one size; a pixel is meant if its logit is positive.

    Args:
        net: The network.
        samples: Held out.
        words: The vocabulary it learnt.
        texts: What is said instead of the samples' own expressions, to see whether words matter.
    """
    net.eval()
    sums = torch.zeros(9, dtype=torch.double)
    for first in range(0, len(samples), _AT_ONCE):
        part = samples[first : first + _AT_ONCE]
        images = torch.stack([sample.image for sample in part])
        said = [sample.text for sample in part] if texts is None else texts[first : first + _AT_ONCE]
        numbers = torch.stack([words.numbers(text) for text in said])
        logits = predict_logits(net, spoken(images, numbers), device_of(net), None)
        sums += expression_sums(logits[:, 0].cpu() > 0, torch.stack([sample.mask for sample in part]))
    return expression_scores(sums)


@final
class _Coarse(nn.Module):
    """The network without its enlargement."""

    def __init__(self, net: Referring) -> None:
        super().__init__()
        self.net = net

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 _ _"]:
        return self.net.coarse(images)
