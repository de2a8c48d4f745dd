"""How the networks learn, by the one engine, and how well they do."""

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from pixelwise.core.comparison import Tell
from pixelwise.core.sample import Batch
from pixelwise.engine.budget import Steps
from pixelwise.engine.optimizers import learning_rate, make_optimizer
from pixelwise.engine.predict import predict_logits
from pixelwise.engine.train import Seen, train
from pixelwise.metrics.confusion import Tally, confusion_counts, mean_iou, winners
from pixelwise.systems.hierarchy.levels import DRAWN, VESSEL, Level, apart, at_level, loss_of_levels
from pixelwise.systems.hierarchy.network import Attentive
from pixelwise.systems.hierarchy.scenes import Scene

_EVERY = 20  # steps between two words on how it goes
_AT_ONCE = 64  # scenes judged at a time


def learn(
    net: Attentive,
    scenes: Sequence[Scene],
    *,
    steps: int,
    seed: int,
    levels: Sequence[Level] = DRAWN,
    batch_size: int = 16,
    lr: float = 3e-3,
    tell: Tell = lambda _: None,
) -> None:
    """Train one of the two networks on scenes of one size, with the true regions.

    Args:
        net: On its device; trained in place.
        scenes: What it learns from.
        steps: How long.
        seed: Of the order.
        levels: What it says: `(VESSEL,)` for the first network, several for the second.
        batch_size: Scenes of a step.
        lr: Highest rate; it falls to zero along a cosine.
        tell: Told step and loss every now and then.

    Raises:
        DivergedError: If a loss is no number.
    """

    def say(step: int, seen: Seen) -> bool:
        tell(f"step {step}, loss {seen.loss:.3f}")
        seen.forget()
        return False

    train(
        net,
        partial(loss_of_levels, levels=levels),  # pyright: ignore[reportArgumentType] no heads here
        batches(scenes, batch_size=batch_size, seed=seed),
        make_optimizer(net, "adam", lr=lr),
        Steps(steps),
        rate=learning_rate("cosine", lr, warmup=0.05),
        device=device_of(net),
        every=[(_EVERY, say)],
    )


def batches(scenes: Sequence[Scene], *, batch_size: int, seed: int) -> Iterator[Batch]:
    """Endless batches, one permutation after another; the region is the last band of the images."""
    rng = torch.Generator().manual_seed(seed)
    order: list[int] = []
    while True:
        while len(order) < batch_size:
            order += torch.randperm(len(scenes), generator=rng).tolist()
        chosen, order = [scenes[number] for number in order[:batch_size]], order[batch_size:]
        labels = torch.stack([scene.labels for scene in chosen])
        regions = torch.stack([scene.region for scene in chosen])
        yield Batch(with_region(images_of(chosen), regions), labels, tuple(scene.name for scene in chosen))


def device_of(net: nn.Module) -> torch.device:
    """Where a network is."""
    return next(net.parameters()).device


def images_of(scenes: Sequence[Scene]) -> Tensor:
    """The images of scenes of one size `[b c h w]`."""
    return torch.stack([scene.image for scene in scenes])


def with_region(images: Tensor, regions: Tensor) -> Tensor:
    """Images `[b c h w]` whose last band is the region `[b h w]`."""
    return torch.cat([images, regions[:, None].to(images)], 1)


def said(net: Attentive, images: Tensor, levels: Sequence[Level]) -> list[Tensor]:
    """Labels `[b h w]` of each level, of images whose last band is a region."""
    net.eval()
    logits = predict_logits(net, images, device_of(net), None)
    return [winners(scores).cpu() for scores in apart(logits, levels)]


def vessels(net: Attentive, images: Tensor) -> Tensor:
    """Where the first network sees a vessel `[b h w]`, in images without a region."""
    nowhere = torch.zeros_like(images[:, 0])
    return said(net, with_region(images, nowhere), (VESSEL,))[0] == 1


def judge(
    net: Attentive,
    scenes: Sequence[Scene],
    *,
    levels: Sequence[Level] = DRAWN,
    first: Attentive | None = None,
) -> dict[str, float]:
    """Mean IoU of each level on held-out scenes of one size, as `mean_iou_<level>`; `mean_iou` is the finest.

    Args:
        net: The network that is judged.
        scenes: Held out.
        levels: What it says.
        first: The network whose vessels are taken for regions; the true ones when left out.
    """
    counts = [torch.zeros(len(level.classes), len(level.classes), dtype=torch.int64) for level in levels]
    for begin in range(0, len(scenes), _AT_ONCE):
        part = scenes[begin : begin + _AT_ONCE]
        images, labels = images_of(part), torch.stack([scene.labels for scene in part])
        regions = torch.stack([scene.region for scene in part])
        regions = regions if first is None else vessels(first, images)
        found = said(net, with_region(images, regions), levels)
        for count, level, guess in zip(counts, levels, found, strict=True):
            count += confusion_counts(guess, at_level(labels, level), len(level.classes)).sum(0)
    scores = [float(mean_iou(Tally(count))) for count in counts]
    named = {f"mean_iou_{level.name}": score for level, score in zip(levels, scores, strict=True)}
    return {"mean_iou": scores[-1], **named}
