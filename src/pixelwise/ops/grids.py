"""Where windows of one size begin that step over an image; without torch, which tiling does not need."""

from typing import Literal

Edge = Literal["drop", "pad", "shift"]


def grid(length: int, size: int, stride: int) -> list[int]:
    """First pixels of the windows of `size` pixels, every `stride`, until one reaches the end of `length`.

    The last one may reach beyond it. With a stride above the size there are gaps, also at the end.
    """
    return [start for start in range(0, length, stride) if not start or start - stride + size < length]


def window(start: int, length: int, size: int, edge: Edge) -> tuple[int, int] | None:
    """Where a window of the grid lies at last: its first pixel, and how many of the image it has.

    Args:
        start: Its place in the grid.
        length: Pixels of the image.
        size: Pixels of the window.
        edge: What becomes of one that reaches beyond the end: it is dropped (None), padded (it has fewer
            pixels of the image than its size), or shifted back to end with the image. In an image shorter
            than a window, a shifted one has all its pixels and no more.
    """
    if start + size <= length:
        return start, size
    if edge == "drop":
        return None
    return (start, length - start) if edge == "pad" else (max(0, length - size), min(size, length))
