"""All benchmarks, one after the other: python -m benchmarks [name ...]."""

import subprocess
import sys

NAMES = ("epoch", "loop", "digits", "folders", "augmenting", "counting", "crf", "tile", "serving", "export")


def main() -> None:
    """Run those named, or all; each in a process of its own."""
    for name in sys.argv[1:] or NAMES:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)


if __name__ == "__main__":
    main()
