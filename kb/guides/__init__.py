"""What does a person read to use kb? The guides that `kb help TOPIC` shows.

Each is a Markdown file in this folder, with a heading of the form "# Topic: what it is about".
"""

from __future__ import annotations

from importlib import resources

TOPICS = ("formats", "asking", "citing", "keeping", "measuring", "python", "json")  # to be read so


def guide(topic: str) -> str:
    """The Markdown of one of the guides."""
    return resources.files("kb.guides").joinpath(f"{topic}.md").read_text("utf-8")


def about(topic: str) -> str:
    """What one of the guides is about, in a line: its heading without the topic."""
    heading = guide(topic).partition("\n")[0]
    return heading.partition(": ")[2]
