"""Encoders: one module each, imported when one is asked for."""

from __future__ import annotations

from kb.encoder import Encoder

DEFAULT = "all-MiniLM-L6-v2"


def open_encoder(model: str = DEFAULT) -> Encoder:
    """The encoder of that name: the default model, "hashing", a folder or a hub name.

    Nothing is loaded yet; ModelUnavailable comes with the first use of a model that is not there.
    """
    if model == "hashing":
        from kb.encoders.hashing import HashingEncoder

        return HashingEncoder()
    from kb.encoders.sentence_transformers import SentenceTransformersEncoder

    return SentenceTransformersEncoder(model)
