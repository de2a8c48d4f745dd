"""The command line answers at once, explains itself, and is the same as the module."""

import ast
import os
import subprocess
import sys

from typer.testing import CliRunner

import pixelwise
from pixelwise.cli.main import app

HEAVY = {"torch", "torchvision", "timm", "numpy", "PIL", "rasterio", "yaml", "pydantic", "matplotlib"}


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print({{m.split('.')[0] for m in sys.modules}})"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return ast.literal_eval(done.stdout.splitlines()[-1])


def test_nothing_heavy_is_imported_for_help_or_the_package() -> None:
    code = "from typer.testing import CliRunner\nfrom pixelwise.cli.main import app\n"
    code += "CliRunner().invoke(app, ['--help'])"
    assert not modules_after(code) & (HEAVY - {"yaml"})
    assert not modules_after("import pixelwise") & HEAVY


def test_every_command_has_help_with_an_example() -> None:
    told = CliRunner().invoke(app, ["--help"]).stdout
    for command in ("demo", "train", "evaluate", "predict", "check"):
        assert command in told
        page = CliRunner().invoke(app, [command, "--help"]).stdout
        assert f"Example: pixelwise {command}" in " ".join(page.split())


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "pixelwise", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "Usage: pixelwise" in done.stdout


def test_shells_can_complete() -> None:
    env = {
        **os.environ,
        "_PIXELWISE_COMPLETE": "complete_bash",
        "COMP_WORDS": "pixelwise ev",
        "COMP_CWORD": "1",
    }
    done = subprocess.run([sys.executable, "-m", "pixelwise"], env=env, capture_output=True, text=True)
    assert "evaluate" in done.stdout


def test_everything_public_is_there() -> None:
    assert pixelwise.__all__ == sorted(pixelwise.__all__)
    for name in pixelwise.__all__:
        assert getattr(pixelwise, name) is not None
