"""How a benchmark measures: processes and calls in turn, so that ratios hold as speed drifts."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

KB = [sys.executable, "-c", "from kb.cli import main; main()"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: seconds by the clock, and the most memory it held, in MB."""

    seconds: float
    megabytes: float


def cost(command: Sequence[str | Path]) -> Cost:
    """The cost of a command; its output is thrown away, an exit code but 0 is an error.

    A small process stands between: one that is begun by a large one bears its memory as its peak.
    """
    between = [sys.executable, "-S", __file__, *map(str, command)]
    done = subprocess.run(between, stdout=subprocess.PIPE, check=True)
    return Cost(*json.loads(done.stdout))


def _cost(command: Sequence[str]) -> tuple[float, float]:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    return seconds, usage.ru_maxrss * unit / 1e6


def costs(commands: Mapping[str, Sequence[str | Path]], runs: int) -> dict[str, Cost]:
    """The median cost of each, run in turn; the first round warms up and is not counted."""
    seen: dict[str, list[Cost]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            one = cost(command)
            if number:
                seen[name].append(one)
    return {name: _median(measured) for name, measured in seen.items()}


def seconds(calls: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The median seconds of each call, made in turn; the first round is not counted."""
    seen: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(runs + 1):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            if number:
                seen[name].append(time.perf_counter() - began)
    return {name: statistics.median(measured) for name, measured in seen.items()}


def machine() -> str:
    """What the figures were measured on."""
    names = ("onnxruntime", "tokenizers", "faiss-cpu", "sentence-transformers", "torch", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}\n{versions}"
    )


def _processor() -> str:
    """The processor's name, and whether it multiplies small integers by itself (VNNI)."""
    try:
        facts = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in facts.splitlines() if "model name" in line]
    return f"{names[0] if names else platform.machine()} ({'' if 'vnni' in facts else 'no '}VNNI)"


def _median(measured: list[Cost]) -> Cost:
    return Cost(
        statistics.median(one.seconds for one in measured),
        statistics.median(one.megabytes for one in measured),
    )


if __name__ == "__main__":
    print(json.dumps(_cost(sys.argv[1:])))
