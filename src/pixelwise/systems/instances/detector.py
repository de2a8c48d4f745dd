"""A detector that has learnt: an image to the things in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

import pixelwise
from pixelwise.core.errors import CheckpointError
from pixelwise.engine.checkpoint import Checkpoint, load, save
from pixelwise.engine.precision import choose_device
from pixelwise.engine.state import model_tensors, restore_model
from pixelwise.models._bridge import PRETRAINED
from pixelwise.systems.instances.found import Instances
from pixelwise.systems.instances.names import Numbering, coco_names, numbers_of
from pixelwise.systems.instances.network import Kind, network_of, resnet50

FILE = "instances.safetensors"
CPU = torch.device("cpu")

_SYSTEM = "instances"


@dataclass(frozen=True, slots=True)
class Detector:
    """A Mask R-CNN with the names of its classes.

    Attributes:
        network: Torchvision's, in evaluation mode on its device.
        names: Of the classes as they are told, the background first.
        kind: Which network it is.
        size: Rows or columns that images are scaled to.
        numbers: The class told for each class of the network; empty where they are the same.
        device: Where it is.
    """

    network: nn.Module
    names: tuple[str, ...]
    kind: Kind = "small"
    size: int = 64
    numbers: tuple[int, ...] = ()
    device: torch.device = CPU

    def detect(self, image: Float[Tensor, "3 h w"], *, least_score: float = 0.5) -> Instances:
        """The things in an image of any size, the surest first; a mask is where its chance is above one half.

        Args:
            image: RGB in 0..1.
            least_score: Things that are less sure are left out; below 0.05 none are known.
        """
        with torch.inference_mode():
            said: dict[str, Tensor] = self.network([image.to(self.device)])[0]
        kept = said["scores"] >= least_score
        boxes, labels, scores, masks = (
            said[name][kept].cpu().clone() for name in ("boxes", "labels", "scores", "masks")
        )
        if self.numbers:
            labels = torch.tensor(self.numbers)[labels]
        names = tuple(self.names[label] for label in labels.tolist())
        return Instances(boxes[:, [1, 0, 3, 2]], masks[:, 0] > 0.5, labels, names, scores)


def coco_detector(
    weights: str = PRETRAINED, *, numbering: Numbering = "contiguous", device: torch.device | None = None
) -> Detector:
    """Torchvision's Mask R-CNN for the 80 things of COCO.

    Args:
        weights: `pretrained` downloads; else the path of a safetensors file with torchvision's names.
        numbering: `contiguous`: 81 classes without gaps; `raw`: COCO's own 91 numbers.
        device: Where to put it; None chooses.

    Raises:
        CheckpointError: If the weights cannot be had or do not fit.
    """
    place = device or choose_device()[0]
    network = resnet50(weights=weights).to(place).eval()
    return Detector(network, coco_names(numbering), "resnet50_frozen", 800, numbers_of(numbering), place)


def keep(path: Path, detector: Detector) -> None:
    """Write a detector to a file.

    Raises:
        StorageError: If the disk refuses.
    """
    facts: dict[str, Any] = {
        "system": _SYSTEM,
        "version": pixelwise.__version__,
        "kind": detector.kind,
        "size": detector.size,
        "names": list(detector.names),
        "numbers": list(detector.numbers),
    }
    save(path, Checkpoint(model_tensors(detector.network), facts))


def open_detector(run: Path | str, *, device: torch.device | None = None) -> Detector:
    """The detector of a file, or of a folder that holds `instances.safetensors`.

    Args:
        run: The file or folder. The word `pretrained` downloads torchvision's for COCO.
        device: Where to put it; None chooses.

    Raises:
        CheckpointError: If there is none, it cannot be trusted, or it is another system's.
    """
    if str(run) == PRETRAINED:
        return coco_detector(device=device)
    path = Path(run) / FILE if Path(run).is_dir() else Path(run)
    checkpoint = load(path)
    facts = checkpoint.facts
    if facts.get("system") != _SYSTEM:
        raise CheckpointError(
            f"{path} was not trained to find instances. It is of the system {facts.get('system')!r}. Train "
            "one with the system 'instances', or say 'pretrained' for torchvision's."
        )
    place = device or choose_device()[0]
    network = network_of(facts["kind"], len(facts["numbers"] or facts["names"]), facts["size"])
    restore_model(network, checkpoint.part("model/"))
    return Detector(
        network.to(place).eval(),
        tuple(facts["names"]),
        facts["kind"],
        facts["size"],
        tuple(facts["numbers"]),
        place,
    )
