"""An answer as one JSON object over several lines."""

from __future__ import annotations

import json

from kb.text.terminal import Terminal
from search.formats.objects import answer_object
from search.hits import Answer


def render(answer: Answer, terminal: Terminal) -> str:
    """The object of `answer_object`, indented."""
    return json.dumps(answer_object(answer), ensure_ascii=False, indent=2) + "\n"
