"""A brief as a PDF: `python tests/sample_pdf.py` writes it anew.

Its first page bears "i", those after it 1, 2, …, as where front matter is counted by itself.
"""

from __future__ import annotations

from pathlib import Path

from pdf_writer import Sheet, Text, pdf

FILE = Path(__file__).parent.parent / "corpus" / "clock-changes.pdf"
READ = Path(__file__).parent / "fixtures" / "pdf" / "clock-changes.txt"  # as the eye reads it
MARK = "Sample brief, written for the kb project."
TITLE = "Should the clocks still change? Summer time after the votes"
HEAD = "Should the clocks still change?"
FACTS = {
    "Title": "Microsoft Word - clocks_final2.doc",
    "Author": "kb project",
    "CreationDate": "D:20251103090000Z",
}
WIDTH = 88  # characters in a line
BODY = 10.5  # points

SUMMARY = """Most of Europe and North America put their clocks forward by an hour in spring and back
again in autumn. The European Parliament voted to end this in 2019, the Senate of the United States
in 2022, and neither vote became law. This brief asks why, and what a government that wants to stop
has to decide first."""

SECTIONS = (
    (
        "Where the habit comes from",
        """Germany was the first country to change its clocks, on 30 April 1916, to save coal in
the war; Britain followed three weeks later. Most countries dropped the practice in peacetime and
many took it up again after the oil crisis of 1973. In the United States, the Uniform Time Act of
1966 made the dates the same everywhere. It lets a state stay on standard time all year, as Hawaii
and most of Arizona do, but not on summer time. The Energy Policy Act of 2005 made the American
summer time about four weeks longer.""",
        """In the European Union, Directive 2000/84/EC has all member states change on the last
Sundays of March and October, at the same moment. The reason is the single market: timetables,
broadcasts and trading hours would otherwise drift apart for some weeks of each year.""",
    ),
    (
        "What it was meant to save",
        """The reason given was always energy. An hour of light in the evening was to save an
hour of lamps. Lamps have become a small part of what a household uses, however, and heating and
cooling a large one. When the whole of Indiana took up summer time in 2006, households there used
about one per cent more electricity than before: air conditioning on bright evenings cost more than
the lamps had saved.^1^ The federal Department of Energy found a saving of about half a per cent on
each day of the four weeks that were added in 2007.""",
    ),
    (
        "What it costs",
        """The cost is sleep. In the week after the clocks go forward, Swedish hospitals recorded
about five per cent more heart attacks than in the weeks around it.^2^ Those who already sleep too
little are hit hardest: shift workers, and young people whose bodies keep late hours and whose
schools do not.""",
    ),
    (
        "Why the votes came to nothing",
        """In 2018 the European Commission asked the public. It received 4.6 million answers, the
most ever, and 84 per cent of them wanted the change of clocks to end. Parliament agreed in March
2019, by 410 votes to 192, and named 2021 as the last year. The Council of ministers never took a
position. Each country would have had to choose a time to stay on, and neighbours that chose
differently would have put a border of one hour between them, where there had been none.""",
        """The Senate in Washington passed the Sunshine Protection Act on 15 March 2022 without a
word against it. It would have kept summer time all year; the House of Representatives did not take
it up. The country had tried that before. Summer time all year began in January 1974, and by October
Congress had gone back to standard time in winter, as children walked to school in the dark.""",
    ),
    (
        "What to decide first",
        """A government should name the time that it wants to keep before it promises to end the
change, and should say what sunrise in December will then be in its western towns. It should agree
on that with its neighbours. And it should leave two winters between the decision and the last
change, so that timetables, software and school hours can be set once.""",
    ),
)
TABLE = (
    ("Place", "Law", "Who can stop the change"),
    ("European Union", "Directive 2000/84/EC", "Parliament and Council together"),
    ("United States", "Uniform Time Act of 1966", "Congress; a state for standard time only"),
    ("United Kingdom", "Summer Time Act 1972", "Parliament"),
)
NOTES = (
    "M. Kotchen and L. Grant, Does Daylight Saving Time Save Energy?, 2011.",
    "I. Janszky and R. Ljung, Shifts to and from Daylight Saving Time, 2008.",
)


class _Setting:
    """Pages that fill from the top; a note goes to the foot of the page of its mark."""

    def __init__(self) -> None:
        self.sheets = [Sheet()]
        self.y = 730.0
        self._notes: list[list[str]] = [[]]

    def line(self, text: str, size: float = BODY, font: str = "F3", gap: float = 0.0) -> None:
        """A line at the place that is reached, on a new page where this one is full."""
        if self.y - gap < 130:
            self.sheets.append(Sheet())
            self._notes.append([])
            self.y, gap = 730.0, 0.0
        self.y -= gap
        self._notes[-1] += text.split("^")[1::2]
        self.sheets[-1].texts.append(Text(72, self.y, text, size, font))
        self.y -= 1.25 * size

    def paragraph(self, text: str) -> None:
        """A paragraph, broken into lines."""
        lines = [""]
        for word in text.split():
            if lines[-1] and len(lines[-1]) + len(word) >= WIDTH:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        for at, line in enumerate(lines):
            self.line(line, gap=0.0 if at else 8.0)

    def table(self) -> None:
        """The rows of the table."""
        self.y -= 6
        for row in TABLE:
            for x, cell in zip((72, 190, 340), row, strict=True):
                self.sheets[-1].texts.append(Text(x, self.y, cell, 9.5, "F1"))
            self.y -= 15

    def finished(self) -> list[Sheet]:
        """The pages with their heads, notes and numbers."""
        for at, sheet in enumerate(self.sheets):
            for above, number in enumerate(reversed(self._notes[at])):
                y = 80 + 12 * above
                sheet.texts.append(Text(72, y, f"^{number}^{NOTES[int(number) - 1]}", 8.5, "F3"))
            sheet.texts.append(Text(300, 40, str(at) if at else "i", 9, "F3"))
            if at:
                sheet.texts.insert(0, Text(72, 765, HEAD, 9, "F4"))
        return self.sheets


def sample() -> bytes:
    """The bytes of the sample brief."""
    setting = _Setting()
    title, _, subtitle = TITLE.partition("? ")
    setting.line(f"{title}?", 20, "F2")
    setting.line(subtitle, 20, "F2")
    setting.line("kb project", gap=6)
    setting.line("3 November 2025")
    setting.paragraph(MARK)
    setting.paragraph(SUMMARY)
    setting.y = 0.0  # what follows stands on a new page
    for heading, *paragraphs in SECTIONS:
        setting.line(heading, 13, "F2", gap=16)
        for text in paragraphs:
            setting.paragraph(text)
        if heading.startswith("Why"):
            setting.table()
    return pdf(setting.finished(), facts=FACTS, labels="0 << /S /r >> 1 << /S /D >>")


if __name__ == "__main__":
    FILE.write_bytes(sample())
