"""`bedside-bench`: the figures of docs/benchmarks.md, with machine, versions and the peer's own figure."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

_NAMED = ("bedside", "numpy", "cyvcf2", "starlette", "uvicorn", "orjson")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the scripts of `benchmarks/` one after the other; the exit status is that of the worst."""
    parser = argparse.ArgumentParser(prog="bedside-bench", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="NAME", help="only scripts with this in the name")
    parser.add_argument("--folder", type=Path, default=Path("benchmarks"), help="where the scripts are")
    arguments = parser.parse_args(argv)
    scripts = chosen(arguments.folder, arguments.only)
    if not scripts:
        print(f"bedside-bench: no scripts in {arguments.folder}; run it from a clone", file=sys.stderr)
        return 1
    print(machine(), flush=True)
    worst = 0
    for script in scripts:
        print(f"\n== {script.stem}", flush=True)
        done = subprocess.run([sys.executable, str(script)], check=False)  # noqa: S603
        worst = max(worst, abs(done.returncode))
    return worst


def chosen(folder: Path, only: Sequence[str]) -> list[Path]:
    """The scripts to run, in name order; files that start with an underscore are parts of others."""
    return [
        path
        for path in sorted(folder.glob("*.py"))
        if not path.name.startswith("_") and (not only or any(word in path.stem for word in only))
    ]


def machine() -> str:
    """What the figures were made on."""
    versions = ", ".join(f"{name} {version(name)}" for name in _NAMED)
    memory = ""
    if hasattr(os, "sysconf"):
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    return (
        f"{platform.machine()}, {os.cpu_count()} cores{memory}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {versions}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
