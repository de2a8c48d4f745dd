"""How a detector learns, by the one engine."""

from collections.abc import Iterator, Sequence
from typing import Any, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pixelwise.core.sample import Batch, Sample
from pixelwise.data.loader import collate
from pixelwise.engine.budget import Steps
from pixelwise.ops.heads import Said, logits_of
from pixelwise.systems.instances.found import semantic, smallest_boxes
from pixelwise.systems.instances.scenes import Scene
from pixelwise.workflows.teach import CPU, teach

_BANDS = 3


@final
class Lesson(nn.Module):
    """A detector that says its own losses.

    Mask R-CNN chooses by the truth which of its proposals it learns from, so the truth must reach it
    before it speaks. It rides behind the three bands of the image: one plane a thing, which holds the
    number of its class where the thing is and 0 elsewhere.

    Args:
        network: A Mask R-CNN of torchvision's kind.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "1 losses 1 1"]:
        """The losses of proposals, classes, boxes and masks, each a mean; all weigh the same."""
        told = [_target(planes) for planes in images[:, _BANDS:]]
        losses: dict[str, Tensor] = self.network(list(images[:, :_BANDS]), told)
        return torch.stack([losses[name] for name in sorted(losses)]).view(1, -1, 1, 1)


def learn(
    network: nn.Module,
    scenes: Sequence[Scene],
    *,
    steps: int,
    seed: int,
    batch_size: int = 4,
    lr: float = 1e-3,
    device: torch.device = CPU,
) -> None:
    """Train a detector; it is in evaluation mode afterwards.

    Args:
        network: On its device; changed in place.
        scenes: What it learns from.
        steps: How long.
        seed: Of the order, and of the choice of proposals.
        batch_size: Scenes of a step.
        lr: Of Adam, falling along a cosine.
        device: Where the network is.

    Raises:
        DivergedError: If a loss is no number.
    """
    torch.manual_seed(seed)
    flow = batches(scenes, batch_size=batch_size, seed=seed)
    lesson = Lesson(network).train()
    teach(lesson, _sum, flow, Steps(steps), lr=lr, schedule="cosine", device=device)
    network.eval()


def batches(scenes: Sequence[Scene], *, batch_size: int, seed: int) -> Iterator[Batch]:
    """Endless batches, one permutation after another; the things ride behind the bands of the image."""
    chance = torch.Generator().manual_seed(seed)
    order: list[int] = []
    while True:
        while len(order) < batch_size:
            order += torch.randperm(len(scenes), generator=chance).tolist()
        chosen, order = [scenes[number] for number in order[:batch_size]], order[batch_size:]
        most = max(len(scene.things) for scene in chosen)
        yield collate([_with_things(scene, most) for scene in chosen])


def _with_things(scene: Scene, most: int) -> Sample:
    """The bands of an image and a plane for each thing, empty ones to fill up; labels are the classes."""
    things = scene.things
    planes = torch.zeros(most, *scene.image.shape[1:])
    planes[: len(things)] = things.masks * things.labels[:, None, None].float()
    return Sample(torch.cat([scene.image, planes]), semantic(things), scene.name)


def _target(planes: Float[Tensor, "n h w"]) -> dict[str, Any]:
    """What torchvision calls a target; its boxes are (x, y, x, y)."""
    planes = planes[planes.flatten(1).any(1)]
    masks = planes > 0
    boxes = smallest_boxes(masks)[:, [1, 0, 3, 2]] if len(masks) else planes.new_zeros(0, 4)
    return {"boxes": boxes, "labels": planes.flatten(1).amax(1).long(), "masks": masks.to(torch.uint8)}


def _sum(said: Said, labels: Tensor) -> Tensor:  # noqa: ARG001  the engine counts pixels by them
    """The sum of the losses that were said."""
    return logits_of(said).sum()
