"""Masks of another size than their images."""

from pathlib import Path

from pixelwise.data.doctor._case import Case, Entry
from pixelwise.data.doctor._findings import SHOWN, Example, Finding, Repair, many
from pixelwise.data.doctor._steps import Fit

_SAME_SHAPE = 0.01  # by which the two scales may differ

Size = tuple[int, int]


def sizes(case: Case) -> list[Finding]:
    """Masks that are a scaled image of their own, and masks that are of another shape."""
    scaled: list[tuple[Entry, Path, Size, Size]] = []
    other: list[tuple[Entry, Path, Size, Size]] = []
    for entry in case.entries:
        header = case.headers.get(entry.image) if entry.image else None
        for path in entry.masks:
            mask = case.masks.get(path)
            if header is None or mask is None or mask.size == header.size:
                continue
            if header.turned and mask.size == header.size[::-1]:
                continue  # see `orientation`
            alike = case.raw and _same_shape(header.size, mask.size)
            (scaled if alike else other).append((entry, path, header.size, mask.size))
    found: list[Finding] = []
    if scaled:
        steps = {path: Fit(size) for _, path, size, _ in scaled}
        found.append(
            _finding(
                case,
                "masks of another size",
                f"{many(len(scaled), 'mask is', 'masks are')} scaled: of the image's shape, not of its size.",
                scaled,
                Repair("resize the masks by nearest neighbour", steps),
            )
        )
    if other:
        saying = f"{many(len(other), 'mask is', 'masks are')} of another shape than the image."
        found.append(_finding(case, "masks of another shape", saying, other, None))
    return found


def _finding(
    case: Case, title: str, saying: str, of: list[tuple[Entry, Path, Size, Size]], repair: Repair | None
) -> Finding:
    advice = "Export the masks at the size of the images."
    if repair is None:
        advice = "Not repaired: cropped, padded or stretched cannot be told apart. Export them again."
    return Finding(
        title,
        "fault",
        saying,
        count=len(of),
        files=tuple(f"{case.short(path)}: {mask}, its image {image}" for _, path, image, mask in of),
        examples=tuple(Example((entry.number,), f"mask {mask}") for entry, _, _, mask in of[:SHOWN]),
        repair=repair,
        advice=advice,
    )


def _same_shape(image: Size, mask: Size) -> bool:
    """Whether one scale fits both sides, to half a pixel or a hundredth."""
    down, across = mask[0] / image[0], mask[1] / image[1]
    exact = abs(image[1] * down - mask[1]) <= 0.5 or abs(image[0] * across - mask[0]) <= 0.5
    return exact or abs(down / across - 1) <= _SAME_SHAPE
