"""Characters that are not to be seen, out of what is read. Pure."""

from __future__ import annotations

import re

from ingest.readers.common.decoding import without_controls

_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphens, zero-width spaces


def clean(text: str) -> str:
    """The text without invisible characters, and with a space for each control character."""
    return _UNSEEN.sub("", without_controls(text)[0])
