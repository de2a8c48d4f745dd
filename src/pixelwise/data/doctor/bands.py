"""Images that differ in bands or bits."""

from collections import Counter

from pixelwise.core.errors import listing
from pixelwise.data.doctor._case import Case, spread
from pixelwise.data.doctor._depth import depth
from pixelwise.data.doctor._findings import SHOWN, Example, Finding

_LOOKED_AT = 500


def bands(case: Case) -> list[Finding]:
    """Sets in which some images have other bands, or other bits, than the rest."""
    whole = [entry for entry in case.entries if entry.image in case.headers]
    found: list[Finding] = []
    number_of = {entry.number: case.headers[entry.image].bands for entry in whole if entry.image}
    counts = Counter(number_of.values())
    if len(counts) > 1:
        usual = counts.most_common(1)[0][0]
        odd = [entry for entry in whole if number_of[entry.number] != usual]
        said = listing([f"{images} with {number}" for number, images in sorted(counts.items())])
        found.append(
            Finding(
                "images of different bands",
                "fault",
                f"images differ in bands: {said}.",
                count=len(odd),
                files=tuple(f"{entry.name}: {number_of[entry.number]}" for entry in odd),
                examples=tuple(Example((entry.number,)) for entry in odd[:SHOWN]),
                advice="Not repaired: which bands are meant is yours to say. Train with "
                f"--set data.reader.bands={usual}, or export all images alike.",
            )
        )
    depths = {entry.name: depth(entry.image) for entry in spread(whole, _LOOKED_AT) if entry.image}
    kinds = Counter(depths.values())
    if len(kinds) > 1:
        usual_depth = kinds.most_common(1)[0][0]
        odd_ones = tuple(f"{name}: {bits}" for name, bits in depths.items() if bits != usual_depth)
        said = listing([f"{images} of {bits}" for bits, images in kinds.most_common()])
        found.append(
            Finding(
                "images of different bit depths",
                "warning",
                f"images differ in bits: {said}. All are scaled to 0..1, so brightness may differ as well.",
                count=len(odd_ones),
                files=odd_ones,
                advice="Not repaired: 12 bits in a 16-bit file look dark beside 8 bits. Export all alike.",
            )
        )
    return found
