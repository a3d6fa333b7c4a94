"""Encoders: one module each, imported when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.encoder import Encoder

if TYPE_CHECKING:
    from kb.records import Manifest

DEFAULT = "all-MiniLM-L6-v2"
PRECISION = "int8"
PRECISIONS = ("int8", "fp32")


def open_encoder(
    model: str = DEFAULT, precision: str = PRECISION, fingerprint: str | None = None
) -> Encoder:
    """The encoder of that name: the default model, "hashing", a folder or a hub name.

    With the fingerprint of an earlier use, a model that was prepared is opened without reading
    its own files. One that was not is prepared now, once; one of a kind that cannot be runs
    through sentence-transformers, in fp32. ModelUnavailable says what is wrong with a model.
    """
    if model == "hashing":
        from kb.encoders.hashing import HashingEncoder

        return HashingEncoder()
    from kb.encoders import prepared
    from kb.encoders.onnx import OnnxEncoder

    ready = prepared.read(fingerprint) if fingerprint else None
    if ready is not None:
        return OnnxEncoder(ready)
    from kb.encoders.preparing import NotCovered, prepare

    try:
        return OnnxEncoder(prepare(model, precision))
    except NotCovered:
        from kb.encoders.sentence_transformers import SentenceTransformersEncoder

        return SentenceTransformersEncoder(model)


def encoder_of(manifest: Manifest) -> Encoder:
    """The encoder that a knowledge base was made with, or is to be made with."""
    return open_encoder(manifest.model, manifest.precision, manifest.fingerprint)
