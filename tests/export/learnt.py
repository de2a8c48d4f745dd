"""A small network that has learnt drawn scenes: whole numbers say nothing of random weights."""

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pixelwise.models.unet import unet

SIZE = (45, 62)  # multiples of no stride


def scenes(number: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images with a bright disc and a dark box on a grey ground, and what each pixel is."""
    rng = torch.Generator().manual_seed(seed)
    rows, columns = torch.meshgrid(*(torch.arange(float(size)) for size in SIZE), indexing="ij")
    labels = torch.zeros(number, *SIZE, dtype=torch.long)
    for scene in labels:
        y, x, radius = (torch.rand(3, generator=rng) * torch.tensor([34.0, 40, 5])).tolist()
        scene[((rows - y - 5).abs() < 8) & ((columns - x - 10).abs() < 9)] = 2
        y, x = (torch.rand(2, generator=rng) * torch.tensor([34.0, 40])).tolist()
        scene[(rows - y - 5) ** 2 + (columns - x - 10) ** 2 < (5 + radius) ** 2] = 1
    colours = torch.tensor([[0.5, 0.5, 0.5], [0.9, 0.7, 0.3], [0.1, 0.3, 0.2]])
    noise = 0.05 * torch.randn(number, 3, *SIZE, generator=rng)
    return (colours[labels].permute(0, 3, 1, 2) + noise).clamp(0, 1), labels


@cache
@torch.enable_grad()
def network() -> nn.Module:
    """A narrow U-Net with batch norms, after a few steps."""
    torch.manual_seed(0)
    model = unet(3, 3, width=[8, 16, 16], norm="batch", dropout=0.0).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for step in range(40):
        images, labels = scenes(8, seed=step + 1)
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
    return model.eval()
