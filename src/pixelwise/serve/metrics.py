"""What a server counts, as Prometheus reads it."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_IMAGES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Counts of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "pixelwise_requests", "Answers by route and status.", ["route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "pixelwise_request_seconds",
            "Time to the answer.",
            ["route"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._batch = Histogram(
            "pixelwise_batch_images", "Images that went together.", registry=self.registry, buckets=_IMAGES
        )
        self._model = Counter(
            "pixelwise_model_seconds", "Time the models were at work.", registry=self.registry
        )
        self.held = Gauge("pixelwise_requests_held", "Requests waiting or worked on.", registry=self.registry)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def batched(self, images: int, seconds: float) -> None:
        """Count images that went through a model together."""
        self._batch.observe(images)
        self._model.inc(seconds)

    def text(self) -> bytes:
        """All counts."""
        return generate_latest(self.registry)
