"""Models made ready for the fast encoder, kept in the user's cache folder under their fingerprint.

A prepared model is a folder: `model.onnx` with its `weights.bin`, `tokenizer.json`, and
`manifest.json`, which names the digests of them all. What does not fit its manifest is not used,
and is prepared anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from kb.keys import sha256_of_file

MODEL = "model.onnx"
WEIGHTS = "weights.bin"  # beside the model, so that a process maps them and reads what it needs
TOKENIZER = "tokenizer.json"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model that is ready: what it is, and the files that hold it.

    `files` maps a file's name to its SHA-256, its size in bytes and its mtime in ns: while size
    and mtime hold, the digest need not be computed again. Prompts stand before every text.
    """

    name: str
    fingerprint: str
    dimension: int
    window: int
    passage_prompt: str
    question_prompt: str
    files: dict[str, tuple[str, int, int]]


def cache_folder() -> Path:
    """Where prepared models are kept for this user; it need not exist."""
    from platformdirs import user_cache_path  # only who encodes needs a model

    return user_cache_path("kb", appauthor=False) / "encoders"


def folder_for(fingerprint: str) -> Path:
    """The folder of a prepared model; it need not exist."""
    name = "".join(char if char.isalnum() or char in "-_." else "-" for char in fingerprint)
    return cache_folder() / name


def read(fingerprint: str) -> Prepared | None:
    """The prepared model of a fingerprint; None when it is missing or damaged."""
    folder = folder_for(fingerprint)
    try:
        prepared = Prepared(**json.loads((folder / MANIFEST).read_bytes()))
        sound = prepared.fingerprint == fingerprint and all(
            _is_sound(folder / name, *facts) for name, facts in prepared.files.items()
        )
    except (OSError, ValueError, TypeError):
        return None
    return prepared if sound else None


def write_manifest(folder: Path, prepared: Prepared) -> None:
    """Write the manifest, last of all files."""
    (folder / MANIFEST).write_text(json.dumps(asdict(prepared), indent=1), encoding="utf-8")


def facts_of(path: Path) -> tuple[str, int, int]:
    """Digest, size and mtime of a file."""
    state = path.stat()
    return sha256_of_file(path), state.st_size, state.st_mtime_ns


def _is_sound(path: Path, sha256: str, size: int, modified: int) -> bool:
    state = path.stat()
    if state.st_size != size:
        return False
    return state.st_mtime_ns == modified or sha256_of_file(path) == sha256
