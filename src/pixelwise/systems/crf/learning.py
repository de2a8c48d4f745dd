"""Teach the small DeepLab, and ask it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pixelwise.core.errors import DataError
from pixelwise.core.sample import Sample
from pixelwise.engine.budget import Steps
from pixelwise.engine.crf_search import Judged
from pixelwise.engine.optimizers import learning_rate, make_optimizer
from pixelwise.engine.predict import predict_logits
from pixelwise.engine.train import train
from pixelwise.losses.cross_entropy import cross_entropy
from pixelwise.ops.heads import Said, logits_of
from pixelwise.systems.crf.network import Parts, network
from pixelwise.systems.crf.shapes import batches

_BATCH, _LR = 16, 0.004
_CPU = torch.device("cpu")


def taught(parts: Parts, samples: list[Sample], seed: int, steps: int) -> nn.Module:
    """A net with these parts after so many steps on these samples."""
    torch.manual_seed(seed)
    model = network(parts).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    train(
        model,
        _loss,
        batches(samples, _BATCH, seed),
        make_optimizer(model, "adamw", lr=_LR, weight_decay=1e-4),
        Steps(steps),
        rate=learning_rate("poly", _LR, warmup=0.05),
        device=_CPU,
        every=(),
    )
    return model.eval()


def asked(model: nn.Module, samples: Sequence[Sample]) -> list[Judged]:
    """What the net says of each sample."""
    images = torch.stack([sample.image for sample in samples])
    probs = predict_logits(model, images, _CPU, None).softmax(1)
    return [_judged(sample, said) for sample, said in zip(samples, probs, strict=True)]


def _judged(sample: Sample, probs: Tensor) -> Judged:
    if sample.labels is None:
        raise DataError(f"{sample.name} has no labels. Found none. Give drawn scenes.")
    return Judged(sample.image, probs, sample.labels)


def _loss(said: Said, labels: Tensor) -> Tensor:
    return cross_entropy(logits_of(said), labels)
