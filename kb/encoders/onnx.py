"""The fast encoder: onnxruntime and tokenizers alone, over a model prepared once.

Each text runs by itself, the processor's cores side by side. Dynamic quantisation takes its scale
over all that runs at once, so in a batch a vector would depend on its neighbours (cosine .987 to
the same text alone), and finding on the order of ingest. It is faster too: nothing is padded.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.encoder import Tokens
from kb.encoders.models import languages_of
from kb.encoders.prepared import MODEL, TOKENIZER, Prepared, folder_for
from kb.encoders.telemetry import import_quietly
from kb.encoders.tokens import tokens_of
from kb.errors import ModelUnavailable

if TYPE_CHECKING:
    from kb.encoder import Matrix, Vector

SHORT, REMEMBERED = 300, 256  # characters; texts: title and headings are counted many times over


class OnnxEncoder:
    """A prepared model. See `kb.encoder.Encoder`; nothing is loaded before the first text."""

    def __init__(self, prepared: Prepared, folder: Path | None = None) -> None:
        """`folder` is where the files are, the cache's folder for the model without it."""
        self._prepared = prepared
        self._folder = folder or folder_for(prepared.fingerprint)
        self.name = prepared.name
        self.fingerprint = prepared.fingerprint
        self.dimension = prepared.dimension
        self.window = prepared.window
        self._count_short = lru_cache(REMEMBERED)(self._count)

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages the model knows, None where nobody says."""
        return languages_of(self.name)

    def count(self, text: str) -> int:
        """Tokens of `text` with the prompt for passages, special tokens included, without a cut."""
        return self._count_short(text) if len(text) <= SHORT else self._count(text)

    def _count(self, text: str) -> int:
        return len(self._tokenizer.encode(self._prepared.passage_prompt + text).ids)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """float32[n, dimension], unit length."""
        return self._encode([self._prepared.passage_prompt + text for text in texts])

    def encode_question(self, text: str) -> Vector:
        """float32[dimension], unit length."""
        vector: Vector = self._encode([self._prepared.question_prompt + text])[0]
        return vector

    def passage_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The last hidden states, unit length, side by side."""
        return self._tokens(self._prepared.passage_prompt, list(texts))

    def question_tokens(self, text: str) -> Tokens:
        """The last hidden states of a question, unit length."""
        return self._tokens(self._prepared.question_prompt, [text])[0]

    def _encode(self, texts: list[str]) -> Matrix:
        import numpy as np

        matrix = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, vector in enumerate(self._run("sentence_vectors", self._tokenized(texts))):
            matrix[row] = vector
        return matrix

    def _tokens(self, prompt: str, texts: list[str]) -> list[Tokens]:
        encodings = self._tokenized([prompt + text for text in texts])
        states = self._run("token_vectors", encodings)
        return [
            tokens_of(state, encoding.offsets, encoding.special_tokens_mask, len(prompt))
            for state, encoding in zip(states, encodings, strict=True)
        ]

    def _tokenized(self, texts: list[str]) -> list[Any]:
        return list(self._tokenizer.encode_batch(texts))

    def _run(self, output: str, encodings: list[Any]) -> list[Matrix]:
        """One output of the model for each text, in the order of the texts."""
        ids = [self._within_window(encoding.ids) for encoding in encodings]
        if len(ids) == 1:
            return [self._output(output, ids[0])]
        # the longest first, so that no worker is left with a long text at the end
        order = sorted(range(len(ids)), key=lambda row: -len(ids[row]))
        outputs = self._workers.map(lambda row: self._output(output, ids[row]), order)
        found = dict(zip(order, outputs, strict=True))
        return [found[row] for row in range(len(ids))]

    def _output(self, name: str, ids: list[int]) -> Matrix:
        import numpy as np

        feed = np.asarray([ids], dtype=np.int64)
        inputs = {"input_ids": feed, "attention_mask": np.ones_like(feed)}
        output: Matrix = self._session.run([name], inputs)[0][0]
        return output

    def _within_window(self, ids: list[int]) -> list[int]:
        """What the model reads of a text that is too long: its beginning, and the last mark."""
        return ids if len(ids) <= self.window else [*ids[: self.window - 1], ids[-1]]

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count(), "onnx")

    @cached_property
    def _session(self) -> Any:
        onnxruntime = import_quietly("onnxruntime")
        options = onnxruntime.SessionOptions()
        # the graph was optimised when it was prepared
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1  # texts run side by side instead
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(
                str(self._folder / MODEL), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises kinds of its own for each fault
            raise ModelUnavailable(
                f"{self._folder}: the prepared model cannot be loaded. Delete this folder; "
                "it is made again when it is needed."
            ) from error
