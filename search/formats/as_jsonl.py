"""An answer as one JSON object on one line."""

from __future__ import annotations

import json

from kb.text.terminal import Terminal
from search.formats.objects import answer_object
from search.hits import Answer

# line ends to some readers, though not to JSON
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


def render(answer: Answer, terminal: Terminal) -> str:
    """The object of `answer_object` and a line end."""
    line = json.dumps(answer_object(answer), ensure_ascii=False)
    return line.translate(_LINE_ENDS) + "\n"
