"""What stands where on a page: menus, footers, boxes, by element, role and name."""

from __future__ import annotations

import re
from functools import lru_cache

from ingest.readers.common.xml import Element
from ingest.readers.html.elements import HEADINGS

HIDDEN = "hidden on the page"
_STYLED_AWAY = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_LANDMARKS = {"nav": "navigation", "footer": "footer", "aside": "sidebar"}
_ROLES = {
    "navigation": "navigation",
    "menu": "navigation",
    "menubar": "navigation",
    "banner": "navigation",
    "search": "navigation",
    "contentinfo": "footer",
    "complementary": "sidebar",
}
# what boxes are called in class and id, as words with a space between; the telling names first
_CALLED = tuple(
    (reason, re.compile(rf"\b(?:{words})\b"))
    for reason, words in (
        (
            "cookie notice",
            r"cookies?\w*|cmp|onetrust|(consent|gdpr) (banner|bar|box|modal|notice|popup)",
        ),
        ("newsletter box", r"newsletters?|subscri(be|ption)s?|sign ?up|mailing ?list|mc embed"),
        ("share links", r"shares?|sharing|share\w*buttons?|social|sociable|addthis|addtoany"),
        ("comments", r"comments?|disqus|respond"),
        ("advertisement", r"ads?|advert\w*|sponsor(ed)?|promos?|dfp|gpt|taboola|outbrain"),
        (
            "related articles",
            r"related\w*|recommended|most ?(read|popular)|trending|teasers?|you ?may|"
            r"also ?(like|read)|more ?(from|on|stories|news|posts)|read ?(more|next)",
        ),
        ("footer", r"footer|colophon"),
        (
            "navigation",
            r"(sub)?(nav|navbar|navigation|menu)|breadcrumbs?|pagination|pager|toc|skip|masthead",
        ),
        ("sidebar", r"(?<!with )(?<!has )(?<!no )(?<!content )sidebar|(?<!elementor )widgets?"),
    )
)
_NAMED_BY_TOPIC = (*HEADINGS, "p", "li", "a", "span")  # their id is a link's target
_TOPIC = re.compile(r"(?<!\S)(?:category|tag|topic|term|tax)-\S+")
_WORDS = re.compile(r"[_\-\s]+|(?<=[a-z])(?=[A-Z])")


def is_hidden(element: Element) -> bool:
    """Whether the page does not show the element, by its attributes and style."""
    get = element.get
    if get("hidden") is not None:
        return True
    if get("aria-hidden") == "true" and element.tag != "figcaption":
        return True  # a caption is shown, and hidden from those to whom the picture's text is read
    if element.tag == "dialog" and get("open") is None:
        return True
    return _STYLED_AWAY.search((get("style") or "").lower()) is not None


def landmark_of(element: Element) -> str | None:
    """The reason to leave out what stands in this element, judged by the element alone."""
    if is_hidden(element):
        return HIDDEN
    name = element.get("class") or ""
    if element.tag not in _NAMED_BY_TOPIC:
        name = f"{name} {element.get('id') or ''}"
    if name and element.tag not in ("article", "main") and (reason := _called(name)):
        # a box around the article is a page "with-comments"
        inside = element.iterdescendants("h1", "article", "main")
        return reason if next(inside, None) is None else None
    return _LANDMARKS.get(str(element.tag)) or _ROLES.get(element.get("role") or "")


@lru_cache(maxsize=4096)  # a page repeats its names, and its site's pages repeat them again
def _called(name: str) -> str | None:
    words = " ".join(_WORDS.split(_TOPIC.sub("", name))).lower()
    return next((reason for reason, called in _CALLED if called.search(words)), None)
