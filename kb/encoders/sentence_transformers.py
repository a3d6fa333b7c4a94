"""The reference encoder: any sentence-transformers model, run by sentence-transformers itself.

sentence_transformers and torch (6 to 8 s) are imported when the first text is counted or encoded.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kb.encoders import DEFAULT
from kb.encoders.models import digest_of, folder_of, languages_of
from kb.encoders.telemetry import import_quietly
from kb.encoders.tokens import tokens_of
from kb.errors import ModelUnavailable

if TYPE_CHECKING:
    from kb.encoder import Matrix, Tokens, Vector

BATCH = 32


class SentenceTransformersEncoder:
    """A model by name, folder or hub name, in fp32. See `kb.encoder.Encoder`.

    What the fast encoder does not cover runs through it; the fast one is checked against it.
    """

    def __init__(self, name: str = DEFAULT) -> None:
        self.name = name

    @property
    def languages(self) -> frozenset[str] | None:
        """English for the default model; nobody says for others."""
        return languages_of(self.name)

    @cached_property
    def fingerprint(self) -> str:
        """The name, 12 hex digits over weights and configuration, and the precision."""
        return f"{self.name}@{digest_of(folder_of(self.name))}/fp32"

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

    def passage_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The last hidden states, unit length."""
        return self._tokens(("document", "passage", "corpus"), list(texts))

    def question_tokens(self, text: str) -> Tokens:
        """The last hidden states of a question, unit length."""
        return self._tokens(("query",), [text])[0]

    def _tokens(self, prompts: tuple[str, ...], texts: list[str]) -> list[Tokens]:
        named = (self._model.prompts.get(name) for name in prompts)
        prompt = next((prompt for prompt in named if prompt), "")
        states = self._model.encode(
            texts,
            prompt=prompt,
            batch_size=BATCH,
            show_progress_bar=False,
            output_value="token_embeddings",
        )
        encodings = self._tokenizer.encode_batch([prompt + text for text in texts])
        return [
            tokens_of(state.numpy(), encoding.offsets, encoding.special_tokens_mask, len(prompt))
            for state, encoding in zip(states, encodings, strict=True)
        ]

    @cached_property
    def _model(self) -> Any:
        folder = folder_of(self.name)
        os.environ["HF_HUB_OFFLINE"] = "1"  # the files are here; nothing more is to be fetched
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        model = import_quietly("sentence_transformers").SentenceTransformer
        transformers = import_quietly("transformers")
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        try:
            return model(
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
