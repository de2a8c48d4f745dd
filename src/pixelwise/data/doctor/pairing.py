"""Images and masks without their partner."""

from collections.abc import Sequence
from pathlib import Path

from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._findings import Finding, Repair, many
from pixelwise.data.doctor._steps import LeaveOut


def pairing(case: Case) -> list[Finding]:
    """Files that are alone, and every other fault of the layout."""
    found: list[Finding] = []
    pairs = len(case.entries)
    if case.lonely_images:
        saying = f"{many(len(case.lonely_images), 'image has', 'images have')} no mask; {pairs:,} have one."
        found.append(_alone(case, "images without a mask", saying, case.lonely_images))
    if case.lonely_masks:
        saying = f"{many(len(case.lonely_masks), 'mask has', 'masks have')} no image; {pairs:,} have one."
        found.append(_alone(case, "masks without an image", saying, case.lonely_masks))
    found += [
        Finding("layout", "fault", told, advice="Not repaired: only you know which files are meant.")
        for told in case.told
    ]
    return found


def _alone(case: Case, title: str, saying: str, files: Sequence[Path]) -> Finding:
    return Finding(
        title,
        "fault",
        saying,
        count=len(files),
        files=tuple(case.short(file) for file in files),
        repair=Repair("leave them out", {file: LeaveOut() for file in files}),
        advice="Find the missing partners, or rename them alike.",
    )
