"""A brief as a Word file: `python tests/sample_docx.py` writes it anew."""

from __future__ import annotations

from pathlib import Path

from archives import docx, item, note, paragraph, run, table

FILE = Path(__file__).parent.parent / "corpus" / "tobacco-plain-packaging.docx"
TITLE = "Plain packs: what selling tobacco without a brand taught governments"
CORE = (
    f"<dc:title>{TITLE}</dc:title><dc:creator>kb project</dc:creator>"
    '<dcterms:modified xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:type="dcterms:W3CDTF">2025-10-20T09:00:00Z</dcterms:modified>'
)
NOTES = {
    ("footnote", 1): "Guidelines for Articles 11 and 13 of the convention, adopted in November "
    "2008 in Durban.",
    ("footnote", 2): "JT International SA v Commonwealth of Australia [2012] HCA 43.",
}
MARK = "Sample brief, written for the kb project."
OPENING = (
    "In December 2012 every packet of cigarettes in Australian shops turned the same drab brown. "
    "Logos, colours and slogans were gone; only the name of the brand was left, in a prescribed "
    "size and typeface, below a large warning. Producers fought the law in three courts and lost "
    "in all of them. This brief asks what a government that thinks of standardised packs can learn "
    "from those who went first."
)
ADVERTISEMENT = (
    "When advertising on television, in print and on hoardings had been forbidden, the pack was "
    "the last place where a producer could speak to a buyer. It is taken out in company many times "
    "a day, and light colours were used to suggest a milder smoke after words such as mild had "
    "been banned. The Framework Convention on Tobacco Control of the World Health Organization, "
    "in force since February 2005, asks its parties for large warnings, and the guidelines to it "
    "advise them to consider plain packs."
)
AUSTRALIA = (
    "The Tobacco Plain Packaging Act 2011 applied to everything sold from 1 December 2012. It says "
    "what a pack may look like down to the finish of the card, which has to be matt. Graphic "
    "warnings, which had covered less of the front before, grew at the same time to three quarters "
    "of it. Excise was raised as well in the years that followed, so that nobody can say with "
    "certainty how much of the later fall in smoking was owed to the pack alone."
)
COURTS = (
    "At home, producers argued that the state had acquired their trade marks without just terms. "
    "The High Court found in 2012, by six judges to one, that to restrict the use of property is "
    "not to acquire it: the Commonwealth had gained nothing of a proprietary kind.",
    "A second attack went through an investment treaty between Australia and Hong Kong. The "
    "tribunal refused to hear the claim in December 2015, since the company had moved its "
    "Australian shares to Hong Kong when the dispute was already in sight, which it called an "
    "abuse of rights. The third went to the World Trade Organization, where several countries that "
    "grow or make tobacco complained. A panel found for Australia in June 2018, and the Appellate "
    "Body upheld that in June 2020.",
)
FOLLOWERS = (
    "The United Kingdom and France were the first in Europe. British law let shops sell their old "
    "stock for a year, until 20 May 2017, which spared small traders a loss and took one argument "
    "out of the debate. Ireland passed its act in 2015 and New Zealand followed in 2018."
)
LAWS = (
    ("Country", "Packs made plain from", "Way of challenge"),
    ("Australia", "December 2012", "High Court, treaty, WTO"),
    ("United Kingdom", "May 2016", "High Court in London"),
    ("France", "January 2017", "Conseil d’État"),
)
ADVICE_OPENS = "A government that wants to follow should do four things."
ADVICE = (
    "Write down the purpose before the bill, with the evidence for it, since every court asked "
    "whether the measure could contribute to public health.",
    "Prescribe the look in full, from the typeface to the inner foil, as producers make use of "
    "whatever is left open.",
    "Give shops a date by which old stock must be gone, and hold to it.",
    "Collect figures on smoking by age before the change, so that its effect can be told from that "
    "of taxes.",
)
DOUBTS = (
    "Producers warned that plain packs would be easier to forge. Such packs still carry tax stamps "
    "and printed warnings, and the seizures that customs services report depend on how hard they "
    "look, so the figures prove little either way. It is more certain that price matters: where "
    "brands can no longer be told apart, buyers move to cheap ones, and a minimum tax on each pack "
    "keeps the cheapest from becoming cheaper."
)
STYLES = (
    '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Georgia" w:hAnsi="Georgia"/>'
    '<w:sz w:val="22"/><w:lang w:val="en-GB"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
    '<w:pPr><w:spacing w:after="160"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/>'
    '<w:basedOn w:val="Normal"/><w:rPr><w:b/><w:sz w:val="40"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Date"><w:name w:val="Date"/>'
    '<w:basedOn w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
    '<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr><w:keepNext/>'
    '<w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="FootnoteText"><w:name w:val="footnote text"/>'
    '<w:basedOn w:val="Normal"/><w:rPr><w:sz w:val="18"/></w:rPr></w:style>'
)
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_TYPES = "http://schemas.openxmlformats.org/package/2006/"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_KINDS = ("styles", "numbering", "footnotes", "endnotes")


def sample() -> bytes:
    """The bytes of the sample brief, with the parts that Word asks for."""
    body = [paragraph(run(TITLE), "Title"), paragraph(run("20 October 2025"), "Date")]
    body += [paragraph(run(MARK)), paragraph(run(OPENING))]
    body += [_heading("The pack as the last advertisement"), _noted(ADVERTISEMENT, 1)]
    body += [_heading("What Australia did"), paragraph(run(AUSTRALIA))]
    body += [_heading("Three courts"), _noted(COURTS[0], 2), paragraph(run(COURTS[1]))]
    body += [_heading("Those who followed"), paragraph(run(FOLLOWERS))]
    body.append(table([[run(cell) for cell in row] for row in LAWS]))
    body += [_heading("What to do"), paragraph(run(ADVICE_OPENS))]
    body += [item(run(line), numbered=True) for line in ADVICE]
    body += [_heading("What remains in doubt"), paragraph(run(DOUBTS))]
    return docx("".join(body), notes=NOTES, core=CORE, styles=STYLES, parts=_package())


def _heading(text: str) -> str:
    return paragraph(run(text), "Heading1")


def _noted(text: str, number: int) -> str:
    return paragraph(run(text) + note("footnote", number))


def _package() -> dict[str, str]:
    """The parts that name the others: content types and relations."""
    overrides = {f"/word/{kind}.xml": f"{_MAIN}{kind}+xml" for kind in _KINDS}
    overrides["/word/document.xml"] = f"{_MAIN}document.main+xml"
    overrides["/docProps/core.xml"] = "application/vnd.openxmlformats-package.core-properties+xml"
    types = "".join(
        f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides.items()
    )
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}{kind}" Target="{kind}.xml"/>'
        for number, kind in enumerate(_KINDS, 1)
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{types}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_TYPES}relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}officeDocument" Target="word/document.xml"/><Relationship Id="r2" '
        f'Type="{_TYPES}relationships/metadata/core-properties" Target="docProps/core.xml"/>'
        "</Relationships>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_TYPES}relationships">'
        f"{relations}</Relationships>",
    }


if __name__ == "__main__":
    FILE.write_bytes(sample())
