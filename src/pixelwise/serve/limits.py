"""What a server takes on, and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep one request, or many, from taking the machine.

    Attributes:
        content: Bytes of a request.
        pixels: Rows times columns of an image.
        queue: Requests worked on or waiting; further ones are sent away.
        batch: Images that go through a model together at most.
        window_s: How long an image waits for others of its size.
        timeout_s: How long a request may take once it has arrived.
        patience_s: How long a request may take to arrive, beside what its bytes take.
        rate: Bytes per second at which it must arrive after that.
    """

    content: int = 32 << 20
    pixels: int = 64_000_000
    queue: int = 64
    batch: int = 32
    window_s: float = 0.004
    timeout_s: float = 60.0
    patience_s: float = 10.0
    rate: int = 16 << 10
