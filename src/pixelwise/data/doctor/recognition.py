"""Whether a reader takes the data."""

from pixelwise.data.doctor._case import Case
from pixelwise.data.doctor._findings import Finding


def recognition(case: Case) -> list[Finding]:
    """That no reader fits, or that the one that fits refuses, with everything it says."""
    if not case.reader:
        headline, *reasons = case.reason.splitlines()
        return [
            Finding(
                "format not recognised",
                "fault",
                headline,
                files=tuple(reason.strip() for reason in reasons),
                advice="Not repaired: nothing says what belongs together. Arrange the files as one of these.",
            )
        ]
    if not case.refusal:
        return []
    headline, *faults = case.refusal.splitlines()
    return [
        Finding(
            f"{case.reader} refuses the data",
            "fault",
            headline if faults else case.refusal,
            count=max(1, len(faults)),
            files=tuple(fault.strip() for fault in faults),
            advice="Mend what is named; nothing else can be said before it is read.",
        )
    ]
