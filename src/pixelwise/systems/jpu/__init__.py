"""Keep an ordinary encoder and join its last stages: FastFCN's pyramid against dilation.

The network itself is the model `fastfcn`; the experiment shows what it is worth and what it costs.
"""

from collections.abc import Sequence

from pixelwise.core.comparison import Comparison, Tell


def jpu(*, seeds: Sequence[int], quick: bool, tell: Tell) -> Comparison:
    """One head on stride 32, on a joint pyramid, and on a dilated encoder; work and time with ResNet-50.

    Args:
        seeds: Of scenes and weights.
        quick: Fewer steps, and multiply-adds instead of seconds.
        tell: Told in a few words what goes on.
    """
    from pixelwise.systems.jpu.experiment import experiment

    return experiment(seeds, quick=quick, tell=tell)
