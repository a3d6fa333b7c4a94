"""What a piece of a page can look like, and the reasons to leave it out."""

from __future__ import annotations

from enum import Enum

COOKIES = "cookie notice"
SHARE = "share links"
NAVIGATION = "navigation"
FOOTER = "footer"
NEWSLETTER = "newsletter box"
RELATED = "related articles"
ADVERTISEMENT = "advertisement"
SUBSCRIPTION = "subscription notice"
COMMENTS = "comment box"


class Look(Enum):
    """What a block, or a line of it, looks like by itself."""

    PROSE = "sentences, a quotation or a table: the brief, as far as one can tell"
    LINE = "a short line that means nothing by itself"
    WORD = "a label that could head a section of a brief, too"
    TOOL = "a label that is hardly a heading"
    ECHO = "sentences that go along with the notices around them"
    NOTICE = "sentences of a site to its visitor: go at an end of the page or beside buttons"
    BUTTON = "a consent button: goes at an end of the page or beside a notice"
    SURE = "goes wherever it stands"
    GONE = "left out before"
