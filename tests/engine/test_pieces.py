"""Schedules, budgets, precision, the journal: small things by hand."""

import math

import pytest
import torch

from pixelwise.core.errors import RecipeError
from pixelwise.engine.budget import Seconds, Steps
from pixelwise.engine.journal import Journal
from pixelwise.engine.optimizers import learning_rate, make_optimizer, set_rate
from pixelwise.engine.precision import choose_device, choose_precision


def test_rates_by_hand() -> None:
    assert learning_rate("constant", 0.1)(0.7) == 0.1
    assert learning_rate("poly", 0.1, power=0.9)(0.75) == pytest.approx(0.1 * 0.25**0.9)
    cosine = learning_rate("cosine", 0.1, warmup=0.1)
    assert cosine(0.05) == pytest.approx(0.05) and cosine(0.1) == pytest.approx(0.1)
    assert cosine(0.55) == pytest.approx(0.05) and cosine(1.0) == pytest.approx(0.0)
    assert cosine(0.0) > 0


def test_biases_and_norms_are_not_decayed() -> None:
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    optimizer = make_optimizer(model, "adamw", lr=0.1, weight_decay=0.5)
    decayed, plain = optimizer.param_groups
    assert [p.dim() for p in decayed["params"]] == [4] and decayed["weight_decay"] == 0.5
    assert [p.dim() for p in plain["params"]] == [1, 1, 1] and plain["weight_decay"] == 0
    set_rate(optimizer, 0.25)
    assert all(group["lr"] == 0.25 for group in optimizer.param_groups)


def test_budgets() -> None:
    assert Steps(10).progress(5) == 0.5 and Steps(10).progress(10) == 1
    clock = Seconds(100.0, before=30.0, reserve=20.0)
    assert 0.37 < clock.progress(99999) < 0.4 and 30 <= clock.spent < 31


def test_precision_says_why() -> None:
    cpu = torch.device("cpu")
    assert choose_precision(cpu, "float32") == (None, "float32, as asked")
    assert choose_precision(cpu, "bfloat16")[0] == torch.bfloat16
    dtype, reason = choose_precision(cpu)
    assert reason.startswith("bfloat16: this processor has it" if dtype else "float32: this processor has no")
    assert choose_device("cpu")[0] == cpu
    if not torch.cuda.is_available():
        with pytest.raises(RecipeError, match=r"device 'cuda' is not there\. Found: cpu"):
            choose_device("cuda")


def test_the_journal_forgets_what_a_resume_writes_again(tmp_path) -> None:
    journal = Journal(tmp_path / "j.csv")
    for step in (1, 2, 3):
        journal.add({"step": float(step), "loss": math.nan if step == 1 else 0.5})
    assert (tmp_path / "j.csv").read_text() == "step,loss\n1,\n2,0.5\n3,0.5\n"
    again = Journal(tmp_path / "j.csv", up_to_step=2)
    assert [row["step"] for row in again.rows] == [1, 2] and math.isnan(again.rows[0]["loss"])
