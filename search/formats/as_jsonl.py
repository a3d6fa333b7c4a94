"""An answer as one JSON object on one line."""

from __future__ import annotations

import json

from kb.terminal import Terminal
from search.formats.objects import answer_object
from search.hits import Answer


def render(answer: Answer, terminal: Terminal) -> str:
    """The object of `answer_object` and a line end."""
    return json.dumps(answer_object(answer), ensure_ascii=False) + "\n"
