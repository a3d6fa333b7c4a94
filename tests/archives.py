"""Makes Word files, books and other archives for tests, of strings alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    f'xmlns:w="{W}" xmlns:r="{_OFFICE}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/>{more}</w:style>'
    for id, name, more in [
        ("Title", "Title", ""),
        ("Heading1", "heading 1", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>'),
        ("Heading2", "heading 2", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>'),
        ("Heading3", "heading 3", '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>'),
        ("Quote", "Quote", ""),
        ("TOC1", "toc 1", ""),
        ("House", "Ministry chapter", '<w:basedOn w:val="Heading1"/>'),
    ]
)
_BULLET, _NUMBER = "7", "8"
NUMBERING = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
    '</w:abstractNum><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1">'
    '<w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1(%2)"/></w:lvl>'
    f'</w:abstractNum><w:num w:numId="{_BULLET}"><w:abstractNumId w:val="0"/></w:num>'
    f'<w:num w:numId="{_NUMBER}"><w:abstractNumId w:val="1"/></w:num>'
)


def zipped(parts: Mapping[str, str | bytes], stored: Sequence[str] = ()) -> bytes:
    """An archive of these parts, those in `stored` not packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 1, 0, 0, 0)), content, kind)
    return file.getvalue()


def run(text: str, properties: str = "") -> str:
    """A run of text; a line end in it is a break."""
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
    )
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{lines}</w:r>"


def paragraph(content: str, style: str = "", properties: str = "") -> str:
    """A paragraph around runs."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    inside = f"<w:pPr>{named}{properties}</w:pPr>" if named or properties else ""
    return f"<w:p>{inside}{content}</w:p>"


def item(content: str, depth: int = 0, *, numbered: bool = False) -> str:
    """A list entry."""
    place = f'<w:ilvl w:val="{depth}"/><w:numId w:val="{_NUMBER if numbered else _BULLET}"/>'
    return paragraph(content, properties=f"<w:numPr>{place}</w:numPr>")


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table; each cell is a paragraph's runs."""
    lines = ("".join(f"<w:tc><w:tcPr/>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return (
        f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"
    )


def note(kind: str, id: int) -> str:
    """The mark of a footnote or endnote."""
    return f'<w:r><w:{kind}Reference w:id="{id}"/></w:r>'


def drawn(text: str, *, fallback: bool = True) -> str:
    """A text box as Word writes it: for today's versions, and again for those of before 2010."""
    inside = f"<w:txbxContent>{paragraph(run(text))}</w:txbxContent>"
    shape = f"<w:pict><v:shape><v:textbox>{inside}</v:textbox></v:shape></w:pict>"
    old = f"<mc:Fallback>{shape}</mc:Fallback>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic>'
        f"<a:graphicData><wps:wsp><wps:txbx>{inside}</wps:txbx></wps:wsp></a:graphicData>"
        f"</a:graphic></wp:anchor></w:drawing></mc:Choice>{old if fallback else ''}"
        "</mc:AlternateContent></w:r>"
    )


def docx(
    body: str,
    *,
    notes: Mapping[tuple[str, int], str] | None = None,
    core: str = "",
    styles: str = STYLES,
    before: str = "",
    parts: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A Word file with this body; `before` stands before the root of its main part."""
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"{before}<w:document {_NAMES}><w:body>{body}<w:sectPr/></w:body>"
        "</w:document>",
        "word/styles.xml": f"<w:styles {_NAMES}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {_NAMES}>{NUMBERING}</w:numbering>",
    }
    for kind in ("footnote", "endnote"):
        inside = "".join(
            f'<w:{kind} w:id="{id}">{paragraph(run(text))}</w:{kind}>'
            for (its, id), text in (notes or {}).items()
            if its == kind
        )
        separator = f'<w:{kind} w:type="separator" w:id="-1">{paragraph(run("___"))}</w:{kind}>'
        files[f"word/{kind}s.xml"] = f"<w:{kind}s {_NAMES}>{separator}{inside}</w:{kind}s>"
    if core:
        files["docProps/core.xml"] = (
            '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
            'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            f'xmlns:dcterms="http://purl.org/dc/terms/">{core}</cp:coreProperties>'
        )
    return zipped({**files, **(parts or {})})


def chapter(body: str, head: str = "<title/>") -> str:
    """A chapter of a book, as XHTML."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html '
        'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head>{head}</head><body>{body}</body></html>"
    )


def epub(
    chapters: Mapping[str, str],
    metadata: str = "<dc:title>A levy works</dc:title>",
    *,
    spine: Sequence[str] | None = None,
    nav: str = "",
    parts: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A book of chapters by file name; `spine` orders them, `nav` is its table of contents."""
    items = "".join(
        f'<item id="{name}" href="text/{name}" media-type="application/xhtml+xml"'
        f"{' properties=' + chr(34) + 'nav' + chr(34) if name == nav else ''}/>"
        for name in chapters
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in spine or chapters)
    files: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:'
        'container"><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        "OPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" '
        'xmlns:opf="http://www.idpf.org/2007/opf"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>'
        f"<manifest>{items}</manifest><spine>{order}</spine></package>",
    }
    files |= {f"OPS/text/{name}": text for name, text in chapters.items()}
    return zipped({**files, **(parts or {})}, stored=["mimetype"])


def odt(body: str, meta: str = "", parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """An OpenDocument text of paragraphs and headings."""
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "meta", "table")
    )
    dublin = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    files: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {names} {dublin}><office:body><office:text>{body}"
        "</office:text></office:body></office:document-content>",
        "styles.xml": f"<office:document-styles {names}><office:font-face-decls/><office:styles/>"
        "<office:automatic-styles/><office:master-styles/></office:document-styles>",
        "meta.xml": f"<office:document-meta {names} {dublin}><office:meta>{meta}</office:meta>"
        "</office:document-meta>",
    }
    return zipped({**files, **(parts or {})}, stored=["mimetype"])
