"""Memory, disk and time, foretold by hand."""

from datetime import UTC, datetime
from functools import partial

import pytest
import torch
from torch import nn

from pixelwise.core.sample import Batch
from pixelwise.engine.preflight import cost

CPU = torch.device("cpu")


def test_memory_of_a_convolution_by_hand() -> None:
    """Kept: the images (2·3·8·8 floats) for the first, what ReLU gave (2·4·8·8) for itself and the second."""
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Conv2d(4, 2, 1))
    batch = Batch(torch.randn(2, 3, 8, 8), torch.zeros(2, 8, 8, dtype=torch.long), ("a", "b"))
    found = cost.need(model, lambda said, labels: said.sum(), batch, device=CPU, dtype=None)
    assert found.weights == 4 * (3 * 4 + 4 + 4 * 2 + 2)
    assert found.image == 4 * (3 * 8 * 8 + 4 * 8 * 8)
    assert found.step(5) == 4 * found.weights + 5 * found.image


def test_nothing_is_learnt_by_counting() -> None:
    model = nn.Conv2d(1, 2, 1)
    batch = Batch(torch.randn(2, 1, 4, 4), torch.zeros(2, 4, 4, dtype=torch.long), ("a", "b"))
    cost.need(model, lambda said, labels: said.sum(), batch, device=CPU, dtype=None)
    assert model.weight.grad is None


NEED = cost.Need(weights=100, image=1000)
fits = partial(cost.memory, NEED, batch_size=8, scores=0)


def test_a_step_that_fits_is_fine() -> None:
    assert fits(micro_batches=1, free=20_000).severity == "fine"


def test_a_step_that_does_not_fit_is_a_fault_and_the_parts_that_would_are_told() -> None:
    found = fits(micro_batches=1, free=8_000)  # two parts need 4400 of at most 4800
    assert found.severity == "fault" and found.advice == "set train.micro_batches=2."
    assert fits(micro_batches=2, free=8_000).severity == "fine"
    assert "smaller model" in fits(micro_batches=1, free=1_000).advice


def test_a_tight_fit_is_a_warning() -> None:
    assert fits(micro_batches=1, free=9_000).severity == "warning"


def test_scores_of_a_validation_count() -> None:
    assert cost.memory(NEED, batch_size=1, micro_batches=1, scores=5_000, free=10_000).severity == "fault"


def test_the_disk_is_asked_where_the_run_will_be(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cost.shutil, "disk_usage", lambda place: asked.append(place) or Free(2**30))
    asked, Free = [], lambda free: type("Usage", (), {"free": free})
    assert cost.disk(2**20, tmp_path / "not" / "yet").severity == "fine"
    assert asked == [tmp_path]
    assert cost.disk(2**27, tmp_path).severity == "warning"  # 7 times 128 MB and the page: 946 of 1024 MB
    found = cost.disk(2**30, tmp_path)
    assert found.severity == "fault" and "make room" in found.advice


def test_who_waits_for_whom() -> None:
    assert cost.pace(0.1, 1.0, 8, beside=False).severity == "fine"
    assert cost.pace(0.9, 1.0, 8, beside=True).severity == "fine"
    found = cost.pace(1.0, 1.0, 8, beside=False)
    assert found.severity == "warning" and "waits 50% of the time" in found.saying
    assert "waits 75% of the time" in cost.pace(4.0, 1.0, 8, beside=True).saying


NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
ends = partial(cost.finish, step_seconds=0.5, epoch_steps=10.0, now=NOON)


def test_when_it_will_be_done() -> None:
    found = ends(total_steps=7200, budget=None, other_seconds=600.0)
    assert found.saying == "about 1 h 10 min: done at 13:10." and found.severity == "fine"
    late = ends(total_steps=86400 * 2, budget=None, other_seconds=0.0)
    assert late.saying.endswith("done at 01 April, 12:00.")


def test_what_a_budget_gives() -> None:
    found = ends(total_steps=None, budget=110.0, other_seconds=10.0)
    assert "about 200 steps, 20 looks at each image" in found.saying and found.severity == "fine"
    short = ends(total_steps=None, budget=15.0, other_seconds=5.0)
    assert short.severity == "warning" and "2.0 looks" in short.saying and "pixelwise plan" in short.advice


def test_a_container_is_respected(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cost, "_CGROUP", tmp_path)
    monkeypatch.setattr(cost, "free_bytes", lambda: 1000)
    assert cost.room(CPU) == 1000
    (tmp_path / "memory.max").write_text("900\n")
    (tmp_path / "memory.current").write_text("500\n")
    assert cost.room(CPU) == 400
    (tmp_path / "memory.max").write_text("max\n")
    assert cost.room(CPU) == 1000


@pytest.mark.gpu
def test_what_a_gpu_has_free() -> None:
    device = torch.device("cuda", 0)
    assert 0 < cost.room(device) <= torch.cuda.get_device_properties(0).total_memory
