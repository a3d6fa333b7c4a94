"""A reranker of the user's: a cross-encoder, which reads question and passage as one text.

sentence_transformers and torch are imported with the first reading: some seconds, and some more
for the passages.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from kb.encoders.models import folder_of
from kb.encoders.telemetry import import_quietly
from kb.errors import ModelUnavailable
from search.retrieval.reranking import Relevance


def cross_encoder(name: str) -> CrossEncoder:
    """The cross-encoder in a folder, its weights unread. ModelUnavailable says what is wrong."""
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ModelUnavailable(
            f"{name}: there is no such folder. --reranker takes a folder that holds a "
            "sentence-transformers cross-encoder; leave it out for kb's own reranking."
        )
    config = folder_of(str(folder)) / "config.json"
    try:
        described = json.loads(config.read_text(encoding="utf-8"))
        kinds, labels = described.get("architectures") or [], len(described.get("id2label", "12"))
    except (OSError, ValueError, AttributeError) as error:
        raise ModelUnavailable(
            f"{config}: not the description of a model. Name a cross-encoder's folder."
        ) from error
    if not any(kind.endswith("ForSequenceClassification") for kind in kinds) or labels != 1:
        raise ModelUnavailable(
            f"{name}: this model gives no score for two texts, so it is no cross-encoder. Name one "
            "that was trained to rank passages."
        )
    return CrossEncoder(folder)


class CrossEncoder:
    """Reads question and passage together. See `search.retrieval.reranking.Reranker`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, question: str, texts: Sequence[str]) -> list[Relevance]:
        """The model's score of each text, 0 to 1; it does not say by which tokens."""
        from torch.nn import Sigmoid

        pairs = [(question, text) for text in texts]
        # one pair at a time: padding would make a score depend on its neighbours
        scores = self._model.predict(
            pairs, batch_size=1, activation_fn=Sigmoid(), show_progress_bar=False
        )
        return [Relevance(float(score)) for score in scores]

    @cached_property
    def _model(self) -> Any:
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        model = import_quietly("sentence_transformers").CrossEncoder
        transformers = import_quietly("transformers")
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        try:
            return model(
                str(self._folder),
                device="cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # transformers, torch and safetensors raise kinds of their own
            line = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelUnavailable(
                f"{self._folder}: this cross-encoder cannot be loaded ({line[:200]}). Name another "
                "one, or leave --reranker out for kb's own reranking."
            ) from error
