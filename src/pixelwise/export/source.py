"""What a target is given to write."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from pixelwise.export.form import Form


@dataclass(frozen=True, slots=True)
class Source:
    """A network that is to leave.

    Attributes:
        network: On the CPU, in float32, in evaluation mode; it takes and gives what the form says.
        form: What is asked for.
        bands: Of its images.
        samples: Batches that the form takes `[b c h w]`, to calibrate whole numbers on;
            empty unless bits is int8.
    """

    network: nn.Module
    form: Form
    bands: int
    samples: Sequence[Tensor] = ()
