"""Libraries that report about their user or look for updates, and how they are kept from it.

`import_quietly` is the only way to them in kb: a test refuses any other. They read their switches
when they are loaded, so these are set right before; processes that kb starts get them from
`environment`.

Looked through and found to send nothing by themselves: torch, tokenizers, faiss, onnx, onnxscript,
numpy, trafilatura with courlan, htmldate, justext and tld (they fetch what they are told to
fetch, which kb never does), py3langid, nupunkt, lxml, pypdfium2, markdown-it, rapidfuzz,
watchfiles, sqlite-utils, filelock, click, ir_measures.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kb.errors import ReportingLibrary

YES = ("1", "true", "yes", "on")  # what all of them take for it
NO = ("0",)


@dataclass(frozen=True, slots=True)
class Reporter:
    """A library that would report: `what` and to whom, and what keeps it from that.

    `switches` are variables of the environment and the values that mean "off", ours first, in
    small letters; they hold from version `least` on. `stop` does the same by a call, for a library
    that was loaded before kb came. `brings` are others of these that it imports.
    """

    what: str
    least: str
    switches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stop: Callable[[Any], None] | None = None
    brings: tuple[str, ...] = ()


def _stop_onnxruntime(module: Any) -> None:
    if not hasattr(module, "disable_telemetry_events"):
        raise ReportingLibrary("onnxruntime", module.__version__, None)
    module.disable_telemetry_events()


def _stop_hub(module: Any) -> None:
    constants = import_module("huggingface_hub.constants")
    constants.HF_HUB_DISABLE_TELEMETRY = True  # type: ignore[attr-defined]
    constants.HF_HUB_DISABLE_UPDATE_CHECK = True  # type: ignore[attr-defined]


REPORTERS: Mapping[str, Reporter] = {
    "onnxruntime": Reporter(
        what="from 1.29 on its official builds send its maker events of the process, its models "
        "and its errors, some ten seconds after the start, and keep an identifier and a database "
        "of them in the user's cache; before, only on Windows, through the system",
        least="1.20",
        switches={"ORT_DISABLE_TELEMETRY": YES},
        stop=_stop_onnxruntime,
    ),
    "huggingface_hub": Reporter(
        what="tells the hub, with each fetch of a model, which libraries and which coding agent "
        "are there; its command looks for updates",
        least="0.20",
        switches={"HF_HUB_DISABLE_TELEMETRY": YES, "HF_HUB_DISABLE_UPDATE_CHECK": YES},
        stop=_stop_hub,
        brings=("hf_xet",),
    ),
    "hf_xet": Reporter(
        what="from 1.7 on reports how each transfer of a model from the hub went",
        least="1.0",
        switches={"HF_XET_TELEMETRY_ENABLED": NO},
    ),
    "transformers": Reporter(
        what="tells the hub, with each fetch, its session and what it is used for",
        least="4.41",
        brings=("huggingface_hub",),
    ),
    "sentence_transformers": Reporter(
        what="nothing of its own",
        least="5.0",
        brings=("transformers",),
    ),
}


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment (this process's without one) in which nothing reports.

    What the user set is kept where it says "off" in words of its own.
    """
    made = dict(os.environ if given is None else given)
    for reporter in REPORTERS.values():
        for name, off in reporter.switches.items():
            if made.get(name, "").lower() not in off:
                made[name] = off[0]
    return made


def import_quietly(name: str) -> Any:
    """A module of such a library, imported with its reporting switched off.

    ReportingLibrary when an installed version is too old for that, or has lost its switch.
    """
    top = name.partition(".")[0]
    for one in _with_brought(top):
        _require(one)
    os.environ.update(environment())
    module = import_module(name)
    for one in _with_brought(top):
        if (stop := REPORTERS[one].stop) is not None and one in sys.modules:
            stop(sys.modules[one])
    return module


def _with_brought(name: str) -> list[str]:
    """A library and all that it imports, directly or not."""
    return [name, *(more for one in REPORTERS[name].brings for more in _with_brought(one))]


def _require(name: str) -> None:
    """ReportingLibrary when the installed version is older than the switches."""
    version, least = _installed(name), REPORTERS[name].least
    if version is not None and _numbers(version) < _numbers(least):
        raise ReportingLibrary(name, version, least)


def _installed(name: str) -> str | None:
    """The version as its metadata beside the library say, None where there are none.

    The library is not loaded for it, nor importlib.metadata: that takes a tenth of a second.
    """
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return None
    beside = Path(spec.origin).parent.parent.glob(f"{name}-*.dist-info")
    return next((path.stem.removeprefix(f"{name}-") for path in beside), None)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()
