"""What of a page is not the brief: its blocks, those marked with a reason. Pure.

A notice is known by its voice, not by its topic: a site that speaks of itself ("we", "our
partners") to its visitor ("your browser", "you can opt out"). A brief about consent speaks of
"websites" and "users", or quotes. Furniture (buttons, menus, share bars) is known by whole lines.
Most of it counts only where furniture stands: at an end of the page or beside other furniture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from ingest.drafts import Block

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
    """What a block looks like by itself."""

    PROSE = "sentences, a quotation or a table: the brief, as far as one can tell"
    LINE = "a short line that means nothing by itself"
    WORD = "a label that could head a section of a brief, too"
    TOOL = "a label that is hardly a heading"
    ECHO = "sentences that go along with a notice beside them"
    NOTICE = "sentences of a site to its visitor: goes at an end of the page or beside furniture"
    BUTTON = "a consent button: goes at an end of the page or beside a notice"
    SURE = "goes wherever it stands"
    GONE = "left out before"


@dataclass(frozen=True, slots=True)
class Sign:
    """What a block looks like and why it would be left out."""

    look: Look
    reason: str = ""


_PROSE = Sign(Look.PROSE)
_LINE = Sign(Look.LINE)
_BRIEF = (Look.PROSE, Look.LINE)
_LABELS = (Look.WORD, Look.TOOL)
_ANCHORS = (Look.NOTICE, Look.BUTTON, Look.SURE)
_AT_THE_FOOT = (COOKIES, FOOTER)  # after these, at the end of a page, short lines are furniture
_EXAMPLE = 4  # units: what follows a colon and is no longer is an example
_BRIDGE = 4  # short lines between two consent notices that go with them

# Labels: whole lines, without case. Alternatives stand between semicolons.


def _one_of(alternatives: str) -> str:
    return "(?:" + "|".join(part.strip() for part in alternatives.split(";")) + ")"


_CONSENT_VERB = _one_of(
    "accept; allow; agree(?: to)?; reject; decline; deny; refuse; disable; enable; manage; "
    "customi[sz]e; adjust; change; edit; review; update; set; view; show; withdraw; save; "
    "confirm; submit; exercise; continue with"
)
_CONSENT_OBJECT = _one_of(
    "all; only; and; or; &; my; your; our; the; selected; current; optional; additional; "
    "non-essential; essential; (?:strictly )?necessary; required; analytics; marketing; tracking; "
    "third-party; privacy; consent; cookies?; trackers; data; preferences?; settings; choices?; "
    "selections?; options; vendors; purposes; partners; rights"
)
_NETWORK = _one_of(
    "facebook; twitter; x; linked ?in; whats ?app; reddit; pinterest; instagram; you ?tube; "
    "telegram; flipboard; tumblr; bluesky; mastodon; threads; tiktok; pocket; messenger; xing; "
    "e-?mail; mail; print; rss"
)
_PLACE = _one_of(
    "home(?: ?page)?; about(?: us)?; contact(?: us)?; search; menu; log ?(?:in|out); "
    "sign ?(?:in|up|out); register; subscribe(?: now)?; subscriptions?; my account; donate; "
    "careers; jobs; press(?: room| releases)?; newsroom; news; events; blogs?; podcasts?; videos?; "
    "topics; experts; publications; research; opinion; world; politics; business; sports?; science; "
    "health; tech(?:nology)?; culture; travel; entertainment; shop; store; help; support; faqs?; "
    "sections?; more; close; advertise(?: with us)?; ad ?choices; newsletters?; rss(?: feeds?)?; "
    "site ?map; archives?; photos; media(?: kit)?; our (?:team|people|experts|work|history); "
    "accessibility(?: statement)?; imprint; impressum; legal(?: notice| information)?; disclaimer; "
    "corrections; feedback; masthead; community guidelines; mentions légales; aviso legal; kontakt; "
    "terms(?: (?:of (?:use|service)|(?:&|and) conditions))?; datenschutz(?:erklärung)?; "
    "(?:your )?privacy(?: (?:policy|notice|statement))?; cookies?(?: (?:policy|notice))?; "
    "conditions of use; freedom of information; modern slavery statement; copyright"
)
_MAIL = r"(?:newsletters?|inbox|mailing list|e-?mails?|updates?|alerts|briefing|digest)"
_TABLE: tuple[tuple[str, Look, str], ...] = (
    (
        COOKIES,
        Look.BUTTON,
        rf"(?:yes,? )?(?:i )?{_CONSENT_VERB}(?=.*\b(?:cookies?|consent|preferences?|privacy|necessary"
        rf"|essential|vendors|choices?|trackers|selections?|all$))(?: {_CONSENT_OBJECT})+;"
        r"(?:accept|agree|save|reject|decline) (?:and|&) (?:close|exit|continue|proceed|accept);"
        r"(?:(?:manage|cookies?|privacy|consent) )+(?:settings|preferences?|choices|options|manager"
        r"|cent(?:er|re)|list|declaration|consent|banner|details);"
        r"your (?:\w+ )?privacy (?:choices|rights|options); use of my sensitive personal information;"
        r"(?:do not|don't) sell(?: or share)? my (?:personal )?(?:info\w*|data);"
        r"(?:[\w ,&()/-]{3,60}[ –—:-]+)?always (?:active|on|enabled);"
        r"(?:(?:list of|view|our|iab|all) )+(?:partners|vendors); (?:iab )?(?:vendor|partner)s? list;"
        r"(?:we (?:value|respect|care about)|about) your privacy; cookies on (?:this|our) (?:web)?site;"
        r"(?:this|our) (?:web)?site uses cookies; continue without (?:accepting|consent\w*|agreeing);"
        r"powered by (?:onetrust|cookiebot|usercentrics|trustarc|didomi|quantcast|cookieyes);"
        r"alles? (?:cookies )?(?:akzeptieren|ablehnen|zulassen); (?:cookie|datenschutz)-?einstellungen;"
        r"nur (?:notwendige|erforderliche)(?: cookies)?; tout (?:accepter|refuser);"
        r"continuer sans accepter; (?:gérer|paramétrer) (?:les |mes )?(?:cookies|préférences|choix);"
        r"(?:aceptar|rechazar) tod[oa]s?(?: las cookies)?; (?:configurar|gestionar) (?:las )?cookies",
    ),
    (
        COOKIES,
        Look.WORD,
        r"(?:(?:strictly )?necessary|essential|functional(?:ity)?|performance|targeting|social media"
        r"|marketing|analytics?|statistics?|advertising|preference|(?:first|third)[- ]party"
        r"|unclassified)(?: cookies)?; cookies?(?: (?:policy|notice|statement|use|usage))?;"
        r"privacy overview; legitimate interest; settings; options; details; preferences; consent;"
        r"more information",
    ),
    (
        COOKIES,
        Look.TOOL,
        r"x; ok(?:ay)?; close; accept; decline; reject; (?:i )?agree; i accept; got it!?; yes; save;"
        r"no,? thanks; submit; continue; dismiss; (?:learn|read|find out|show|see) more; more info;"
        r"more options; on; off; active; inactive; apply; cancel; clear; confirm; opt[- ](?:out|in);"
        r"(?:checkbox label ?)+; akzeptieren; ablehnen; accepter; refuser; aceptar; rechazar",
    ),
    (
        NAVIGATION,
        Look.SURE,
        r"(?:skip|jump) (?:directly )?to (?:the )?(?:main |page |site )?(?:content|navigation|search"
        r"|footer|menu); (?:back|return|go) to (?:the )?(?:top|home ?page|gallery|search results);"
        r"(?:toggle|open|close|show|hide|main|primary) (?:the )?(?:main )?(?:navigation|menu);"
        r"(?:you are here:? ?)?(?:home|startseite|accueil|inicio) ?[>»›/→] ?\S.{0,100}[^.:,];"
        r"(?:previous|next) (?:article|post|story|page); download (?:as )?(?:a )?pdf;"
        r"print(?:er)?[- ]friendly(?: version)?; zum (?:haupt)?inhalt(?: springen)?;"
        r"aller au contenu(?: principal)?",
    ),
    (
        SHARE,
        Look.SURE,
        r"(?:share|tweet|print|e-?mail|bookmark|listen to|save) (?:this|the)"
        r"(?: (?:article|page|story|post|brief|report))?;"
        r"(?:share|post|follow us|find us|like us|save|send|click to share) (?:this )?"
        rf"(?:(?:article|page|story|post) )?(?:on|by|via|to|with) {_NETWORK}(?: \(opens in .{{3,20}}\))?;"
        r"copy (?:the )?link(?: to clipboard)?; link copied!?; share (?:link|options|with friends)",
    ),
    (
        SHARE,
        Look.TOOL,
        rf"{_NETWORK}; share; tweet; pin(?: it)?; follow(?: us)?; save; bookmark; listen; send;"
        r"\d+ shares",
    ),
    (
        FOOTER,
        Look.SURE,
        r"(?:copyright )?(?:©|\(c\)) ?(?:copyright )?(?:19|20)\d\d\b.{0,400};"
        r"copyright (?:19|20)\d\d\b[^.]{0,80}\.?(?: all rights reserved\.?)?;"
        r"(?:©|\(c\)|copyright)?[^.]{0,80}\.? ?all rights reserved\.?;"
        r"(?:(?:web)?site|designed|theme|powered) by \S+(?: \S+){0,4}",
    ),
    (
        NEWSLETTER,
        Look.SURE,
        r"(?:sign up|subscribe|register)(?: now| today| here)? (?:for|to) (?:our|the|receive|get)\b"
        rf"(?=.*\b{_MAIL}\b).{{3,160}};"
        r"(?:get|receive|have)\b.{3,100}\b(?:(?:in|to|into) your (?:e-?mail )?inbox|by e-?mail)\b.{0,60};"
        r"(?:join|sign up (?:for|to)) (?:our )?(?:mailing list|newsletters?)[.!]?;"
        r"never miss an? (?:story|update|article|post|publication)[.!]?;"
        r"(?:please )?enter (?:a valid|your) e-?mail(?: address)?(?: here)?[.!…]*;"
        r"thank(?:s| you) for (?:signing up|subscribing)[.!]?",
    ),
    (
        NEWSLETTER,
        Look.TOOL,
        r"(?:your )?e-?mail address:? ?\*?; your e-?mail ?\*?; (?:first|last|your) name:? ?\*?;"
        r"sign ?up(?: now)?; subscribe(?: now)?; sign me up",
    ),
    (
        ADVERTISEMENT,
        Look.SURE,
        r"advertisements?; advert; ad; anzeige; werbung; publicité; publicidad;"
        r"sponsored(?: content| post| by \S+(?: \S+){0,3})?; paid (?:content|post|promotion);"
        r"(?:article|story) continues (?:below|after)(?: (?:this |the )?ad\w*)?;"
        r"(?:continue|keep) reading below; scroll (?:down )?to continue(?: reading)?;"
        r"(?:skip|report|close) (?:this )?ad(?:vertisement)?",
    ),
    (
        SUBSCRIPTION,
        Look.SURE,
        r"already (?:a|an) (?:subscriber|member|registered user)\?.{0,40};"
        r"(?:subscribe|register|sign in|log in) (?:now )?to (?:continue|keep|read|unlock)\b.{0,60};"
        r"you (?:have|'ve) (?:reached your|\w+) (?:free |complimentary )?articles?\b.{0,60}",
    ),
    (
        COMMENTS,
        Look.SURE,
        r"(?:leave|post|add|write) a (?:comment|reply)(?: cancel reply)?; join the conversation;"
        r"(?:view|show|read|hide)(?: all)? (?:\d+ )?comments(?: \(\d+\))?; log in to (?:comment|reply)",
    ),
    (
        RELATED,
        Look.SURE,
        r"(?:read (?:more|also|next)|related (?:article|story)): ?\S.{8,120}[^.:,]",
    ),
    (NAVIGATION, Look.WORD, _PLACE),
)
_LABEL = re.compile(
    "|".join(f"(?P<row{row}>{_one_of(patterns)})" for row, (_, _, patterns) in enumerate(_TABLE)),
    re.IGNORECASE,
)
_AD_LABEL = Sign(Look.SURE, ADVERTISEMENT)
_SHARING = re.compile(r"share|tweet|pin(?: it)?|follow(?: us)?", re.IGNORECASE)
_EDGES = " \t×✕✖›»«←→▼▾•|·*#>–—-"
_LIST_OPENER = re.compile(
    _one_of(
        r"(?:related|recommended|latest|popular|similar|more)"
        r" (?:articles?|stories|content|posts|news|reading|coverage|links|publications|topics);"
        r"recommended(?: for you)?; related; read (?:more|next|also); what to read next; up next;"
        r"you (?:may|might) (?:also )?(?:like|be interested in); more from (?:\S+ ?){1,6};"
        r"most (?:popular|read|viewed|shared|commented); trending(?: now| stories)?; don't miss;"
        r"editors?'?s? picks?"
    )
    + ":?",
    re.IGNORECASE,
)

# Voice: what a site says of itself, to its visitor, about consent; and what a brief says instead.

_SITE = re.compile(
    r"\bwe\b(?:\W+\w+){0,5}?\W+(?:cookies?|data|information|track(?:ers?|ing)?|technologies|consent"
    r"|privacy|ads|adverts?|advertising)\b"
    r"|\b(?:this|our) (?:web ?)?(?:site|page|portal|platform|app|service)s?\b"
    r"|\bour (?:\w+ ){0,3}(?:partners|vendors|services|cookies?|policy|policies|privacy|newsletter"
    r"|content|terms|traffic|sites|websites|use of)\b"
    r"|\b(?:set|placed|used) by us\b|\byou are visiting\b|\b(?:help|allow|enable)s? us\b"
    r"|\bwe (?:value|respect|care about) your\b|\b(?:these|such) (?:cookies|trackers)\b"
    r"|\bwir (?:und unsere partner )?(?:verwenden|nutzen|setzen)\b|\b(?:diese|unsere)r? web(?:seite|site)\b"
    r"|\bnous (?:et nos partenaires )?utilisons\b|\b(?:ce|notre) site\b|\bnos partenaires\b"
    r"|\b(?:utilizamos|usamos)\b|\b(?:este|nuestro) sitio\b|\bnuestros socios\b",
    re.IGNORECASE,
)
_VISITOR = re.compile(
    r"\byour (?:\w+ ){0,2}?(?:browser|device|computer|experience|preferences?|settings|choices?"
    r"|consent|privacy|visit|use of|interests|activity|selection|data|information|inbox|e-?mail)\b"
    r"|\byou(?: can| may| have the right to| could| do not| don't| cannot)?(?: also| always)?"
    r"(?: at any time)? (?:opt|withdraw|change|manage|choose|disable|refuse|reject|accept|block"
    r"|set|adjust|consent|agree|allow|unsubscribe|navigate|use our|visit|log)\b"
    r"|\bif you (?:do not|don't|opt|continue|want|wish|have enabled|disable|prefer|decline)\b"
    r"|\bby (?:continuing|clicking|using|browsing|closing|accepting|choosing|signing up|subscribing)\b"
    r"|\b(?:click|tap)(?:ing)? (?:on|here|the|below|accept|any)\b|\b(?:offer|show|allow|enable) you\b"
    r"|\bihre?n? (?:browser|gerät|einwilligung|zustimmung|erlebnis|nutzererlebnis|besuch)|\bsie können\b"
    r"|\bwenn sie\b|\bvotre (?:navigateur|appareil|expérience|consentement|navigation)\b"
    r"|\bvous (?:pouvez|acceptez)\b|\ben (?:poursuivant|continuant|cliquant)\b|\bsi continúa\b"
    r"|\b(?:su|tu) (?:navegador|dispositivo|experiencia|consentimiento)\b|\bpuede (?:cambiar|aceptar)",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"\bcookies?\b|\btrackers\b|\btracking technologies\b|\bconsent\b|\bopt(?:ing)?[- ](?:out|in)\b"
    r"|\bpersonali[sz]ed?\b|\btarget(?:ed|ing)\b|\bpersonal (?:data|information)\b|\banalytics\b"
    r"|\bprivacy (?:policy|notice|statement|choices|controls|request)\b|\blegitimate interests?\b"
    r"|\bterms (?:of (?:use|service)|and conditions)\b|\b(?:unique )?identifiers\b|\bvendors\b"
    r"|\bdo not sell\b|\bunsubscribe\b|\bmarketing e-?mails\b"
    r"|\beinwilligung\b|\bdatenschutz|\bconsentement\b|\bconfidentialité\b|\bprivacidad\b",
    re.IGNORECASE,
)
_DISCOURSE = re.compile(
    r"\b(?:must|should|shall|ought|however,? the|users|visitors|consumers|citizens|patients|readers"
    r"|businesses|companies|firms|publishers|controllers|operators|governments?|policy ?makers"
    r"|regulators?|authorit(?:y|ies)|court|judg(?:e)?ment|ruling|ruled|directive|legislation|lawmakers"
    r"|commission|committee|minister|survey(?:ed)?|stud(?:y|ies)|researchers?|recommend\w*|fined?"
    r"|per ?cent|percentage|banners?|dark patterns?)\b|\d ?%|\barticle \d|\b(?:19|20)\d\d\b"
    r"|(?<!other )\b(?:web)?sites (?:that|which|must|can|use|set|ask|are|have|do)\b"
    r"|\byour (?:\w+ )?(?:web ?)?(?:site|page|app|users|visitors|customers|organi[sz]ation|business"
    r"|company|clients|readers|service|provider|doctor|employer)\b"
    r"|\bI(?:'m|'ve|'d| am| think| have| was| would| want)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:\W*\w+){0,6}?\W*(?:(?:this|our) (?:web ?)?(?:site|page)|we(?: and our [\w ]{1,30})?)"
    r"(?: (?:also|may|only))? uses? (?:\w+ ){0,3}cookies|\W*diese (?:web)?seite (?:verwendet|nutzt) cookies"
    r"|\W*wir (?:verwenden|nutzen) cookies|\W*(?:ce|notre) site utilise des cookies"
    r"|\W*nous utilisons des cookies|\W*(?:este sitio(?: web)? utiliza|utilizamos|usamos) cookies"
    r"|\W*by (?:using|continuing to use|signing up to|subscribing to) (?:this|our)\b.{0,60}?"
    r"\byou (?:agree|accept|consent)",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r'“[^”]*(?:”|\Z)|„[^“”]*(?:[“”]|\Z)|«[^»]*(?:»|\Z)|‘[^‘’]{3,}’|"[^"]*"|\A\s*"[^"]*\Z'
)
_NO_HEADLINE = re.compile(
    r"(?:article|art\.|section|annex|chapter|§|\[?\d+[.)\]])\s*\d*\b|.*(?:https?:|doi\b|\bpp?\. ?\d"
    r"|\((?:19|20)\d\d[a-z]?\))",
    re.IGNORECASE,
)
_META = re.compile(
    r"(?:by )?(?:[A-Z][\w.’'-]+,? ?){1,4}|(?:\w+ )?(?:\d{1,2}(?:st|nd|rd|th)?,? )?\w+ \d{1,2}?,? ?20\d\d"
    r"|\d+ (?:min(?:ute)?s?|hours?|days?) (?:read|ago)"
)
_ENDS = re.compile(r"[.!?…:;][\"”’»)\]\d]*\s*\Z")
_FULL_STOP = re.compile(r"[.!?…][\"”’»)\]\d]*\s*\Z")
_LEGAL = re.compile(r"privacy|terms|cookie|legal|imprint|sitemap|accessib", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unit:
    """A block, or one line of a block in which labels and notices stand line by line."""

    text: str
    sign: Sign
    at: int
    block: Block

    @property
    def look(self) -> Look:
        """What it looks like by itself."""
        return self.sign.look


def mark(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The same blocks in the same order, those that are not the brief with a reason.

    A reason that a block already has stays. Nothing is marked where nothing would be left.
    """
    marked = tuple(blocks)
    while (further := _marked_once(marked)) != marked:
        marked = further
    return marked


def split_lines(text: str) -> list[str]:
    """The consecutive pieces of a block's text: what may be the brief, and furniture.

    Joined by line ends they are the text again. There is one piece unless the block holds lines
    of both sorts; a wrapped paragraph, a list, a poem or an address stays whole.
    """
    units = _units(text)
    pieces: list[list[str]] = []
    before = ""
    for (line, _), sort in zip(units, _sorts(units), strict=True):
        if sort == before:
            pieces[-1].append(line)
        else:
            pieces.append([line])
        before = sort
    return ["\n".join(piece) for piece in pieces]


def _sorts(units: list[tuple[str, Sign]]) -> list[str]:
    """Of each line: "brief", "furniture", or "beside" for what follows furniture and may be."""
    looks = [sign.look for _, sign in units]
    if not any(
        look in (Look.PROSE, Look.NOTICE) or sign.reason in (FOOTER, NAVIGATION)
        for look, (_, sign) in zip(looks, units, strict=True)
    ):
        return ["brief"] * len(units)
    sorts: list[str] = []
    for i, (look, (_, sign)) in enumerate(zip(looks, units, strict=True)):
        after_brief = i > 0 and sorts[-1] == "brief"
        fits = not after_brief or _may_follow(units[i - 1][0], sign)
        if (look in _ANCHORS and fits) or (look in _LABELS and i > 0 and not after_brief):
            sorts.append("furniture")
        elif look is Look.PROSE or after_brief or i == 0:
            sorts.append("brief")
        else:
            sorts.append("beside")
    for i in range(len(units) - 2, -1, -1):
        fits = i == 0 or bool(_FULL_STOP.search(units[i - 1][0]))
        if sorts[i + 1] == "furniture" and looks[i] in _LABELS and fits:
            sorts[i] = "furniture"
    return sorts


def _may_follow(before: str, sign: Sign) -> bool:
    """Whether furniture may begin after that line of a brief, which must not run on into it."""
    if _FULL_STOP.search(before):
        return True
    own = sign.look is Look.NOTICE or sign.reason in (FOOTER, NAVIGATION)
    return own and not before.rstrip().endswith((":", ","))


def _marked_once(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    units = [
        Unit(text, sign, at, block)
        for at, block in enumerate(blocks)
        for text, sign in _units_of(block)
    ]
    gone = _left_out(units)
    kept = {unit.at for i, unit in enumerate(units) if i not in gone}
    reasons = {units[i].at: reason for i, reason in sorted(gone.items(), reverse=True)}
    marked = tuple(
        block
        if at in kept or block.reason is not None or block.kind == "title"
        else replace(block, reason=reasons[at])
        for at, block in enumerate(blocks)
    )
    brief = {u.at for u in units if u.look in (Look.PROSE, Look.ECHO, Look.NOTICE)}
    left = any(
        block.reason is None and (at in brief or block.kind in ("item", "quote", "table"))
        for at, block in enumerate(marked)
    )
    return marked if left else blocks


# From text to signs.


def _units_of(block: Block) -> list[tuple[str, Sign]]:
    if block.kind == "title":
        signed = [(block.text, _LINE)]
    elif block.kind in ("quote", "table"):
        cookies = block.kind == "table" and "cookie" in block.text.lower()
        signed = [(block.text, Sign(Look.ECHO, COOKIES) if cookies else _PROSE)]
    else:
        signed = _units(block.text)
    if block.reason is None:
        return signed
    gone = Sign(Look.GONE, block.reason)
    return [(text, gone if sign.look in _BRIEF else sign) for text, sign in signed]


def _units(text: str) -> list[tuple[str, Sign]]:
    """The text as one, or line by line where labels and notices stand among its lines."""
    said = _QUOTED.sub(lambda quoted: re.sub(r"[^\n]", "_", quoted[0]), text)
    if "\n" not in text:
        return [(text, _sign(said))]
    units: list[tuple[str, Sign]] = []
    start = 0
    for line in said.split("\n"):
        end = start + len(line)
        sign = _sign(line)
        if units and sign.look in _BRIEF and _runs_on(units[-1][0], line):
            start -= len(units.pop()[0]) + 1
            sign = _sign(said[start:end])
        units.append((text[start:end], sign))
        start = end + 1
    looks = {sign.look for _, sign in units}
    if looks & set(_ANCHORS) or looks <= set(_LABELS):
        return units
    return [(text, _sign(said))]


def _runs_on(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence of the line before it."""
    if _ENDS.search(before):
        return False
    wrapped = len(before.rpartition("\n")[2]) >= 50
    return wrapped or line.lstrip()[:1].islower()


def _sign(said: str) -> Sign:
    """What a line or paragraph looks like; `said` is without what it quotes."""
    said = said.replace("’", "'")
    line = " ".join(said.split()).strip(_EDGES).rstrip(":")
    if not line:
        return Sign(Look.TOOL, COOKIES) if set(said) & set("×✕✖") else _PROSE
    label = (_label(line) or _bar(line)) if len(line) <= 450 else None
    if label:
        return label
    voice = _voice(said)
    if voice:
        return voice
    short = len(line.split()) <= 14 and not _ENDS.search(said)
    return _LINE if short else _PROSE


def _label(line: str) -> Sign | None:
    found = _LABEL.fullmatch(line)
    if not found or not found.lastgroup:
        return None
    reason, look, _ = _TABLE[int(found.lastgroup.removeprefix("row"))]
    return Sign(look, reason)


def _bar(line: str) -> Sign | None:
    """The sign of a line that is a row of labels: a menu, a share bar, buttons."""
    parts = [part.strip() for part in re.split(r"\s[|·•/]\s|\|", line) if part.strip()]
    if len(parts) == 1:
        parts = _labels_in(line.split())
    labels = [_label(part) for part in parts]
    known = [label for label in labels if label]
    if len(parts) < 2 or 2 * len(known) < len(parts) or max(map(len, parts)) > 50:
        return None
    sure = [label for label in known if label.look in (Look.SURE, Look.BUTTON)]
    if sure and len(known) == len(parts) and sure[0].reason != ADVERTISEMENT:
        return sure[0]
    if len(known) < (2 if "|" in line else 4):
        return None
    return Sign(Look.SURE, FOOTER if _LEGAL.search(line) else known[0].reason)


def _labels_in(words: list[str]) -> list[str]:
    """The fewest labels, each with a capital, that make up all the words; [] when none do."""
    if len(words) > 16:
        return []
    best: list[list[str] | None] = [[]]
    for end in range(1, len(words) + 1):
        ways = [
            [*before, " ".join(words[start:end])]
            for start in range(max(0, end - 8), end)
            if (before := best[start]) is not None
            and words[start][:1].isupper()
            and _label(" ".join(words[start:end]))
        ]
        best.append(min(ways, key=len) if ways else None)
    return best[-1] or []


def _voice(said: str) -> Sign | None:
    """The sign of a notice: a site that speaks of itself, to its visitor, about consent."""
    site, visitor, consent, discourse = (
        len({match.group().lower() for match in pattern.finditer(said)})
        for pattern in (_SITE, _VISITOR, _CONSENT, _DISCOURSE)
    )
    spoken = site + visitor + consent
    greets = _GREETING.match(said) is not None and len(said.split()) <= 60 and not discourse
    if greets or (site and visitor and consent and spoken >= 3 + 2 * discourse):
        return Sign(Look.NOTICE, COOKIES)
    if (site or visitor) and spoken >= 2 + 2 * discourse:
        return Sign(Look.ECHO, COOKIES)
    return None


# From signs to what is left out.


def _left_out(units: list[Unit]) -> dict[int, str]:
    """The reasons, by place, of the units that are not the brief."""
    units = _with_lists(_without_topical(units))
    prose = [i for i, unit in enumerate(units) if unit.look is Look.PROSE]
    first, last = (prose[0], prose[-1]) if prose else (len(units), -1)
    gone: dict[int, str] = {}
    for run in _runs(units):
        gone |= _of_run(units, run, at_head=run.start < first, at_tail=run.start > last)
    for i in range(last + 1, len(units)):
        after = units[i - 1].look in _ANCHORS or i - 1 in gone
        if last >= 0 and i > last + 1 and after and gone.get(i - 1) in _AT_THE_FOOT:
            gone.setdefault(i, gone[i - 1])
    return gone | _headings_above(units, gone)


def _without_topical(units: list[Unit]) -> list[Unit]:
    """The units; a single label "Advertisement" is a heading in a text about advertising."""
    labels = [i for i, unit in enumerate(units) if unit.sign == _AD_LABEL]
    prose = " ".join(unit.text for unit in units if unit.look is Look.PROSE)
    if len(labels) != 1 or len(re.findall(r"\badverti|\bads\b", prose, re.IGNORECASE)) < 2:
        return units
    return [replace(unit, sign=_LINE) if unit.sign == _AD_LABEL else unit for unit in units]


def _runs(units: list[Unit]) -> Iterator[range]:
    """The places that furniture takes, label beside label; short lines between notices too."""
    member = [unit.look not in _BRIEF for unit in units]
    for i, unit in enumerate(units):
        if unit.look in _ANCHORS and unit.sign.reason == COOKIES:
            following = [j for j in range(i + 1, min(i + _BRIDGE + 2, len(units))) if member[j]]
            if not following:
                continue
            between = units[i + 1 : following[0]]
            closes = units[following[0]].sign
            notice = closes.look in _ANCHORS and closes.reason == COOKIES
            if notice and all(u.look is Look.LINE and u.block.kind != "title" for u in between):
                member[i : following[0]] = [True] * (following[0] - i)
    start = 0
    for i, inside in enumerate([*member, False]):
        if not inside:
            if start < i:
                yield range(start, i)
            start = i + 1


def _of_run(units: list[Unit], run: range, *, at_head: bool, at_tail: bool) -> dict[int, str]:
    """The reasons, by place, of what goes of a run of furniture."""
    introduced = run.start > 0 and units[run.start - 1].text.rstrip().endswith(":")
    if introduced and len(run) <= _EXAMPLE and not at_head:
        return {}
    anchors = _anchors(units, run, at_edge=at_head or at_tail)
    if not anchors:
        return {}
    first, last = anchors[0], anchors[-1]
    prose_follows = run.stop < len(units) and units[run.stop].look is Look.PROSE
    while first > run.start and units[first - 1].look in (*_LABELS, Look.GONE):
        if units[first - 1].look is Look.WORD and prose_follows and not at_head:
            break
        first -= 1
    while last + 1 < run.stop and units[last + 1].look in (*_LABELS, Look.GONE):
        heads = last + 2 == run.stop and prose_follows
        if units[last + 1].look is Look.WORD and heads:
            break
        last += 1
    reason = units[anchors[0]].sign.reason
    return {i: units[i].sign.reason or reason for i in range(first, last + 1)}


def _anchors(units: list[Unit], run: range, *, at_edge: bool) -> list[int]:
    """The places in a run of what shows that it is furniture; [] when nothing does."""
    looks = {i: units[i].look for i in run}
    notices = [i for i in run if looks[i] is Look.NOTICE]
    buttons = [i for i in run if looks[i] is Look.BUTTON]
    sure = [i for i in run if looks[i] is Look.SURE]
    tools = [i for i in run if looks[i] is Look.TOOL]
    labels = [i for i in run if looks[i] in _LABELS]
    if at_edge or sure or (notices and len(notices) + len(buttons) + len(tools) > 1):
        found = sorted(notices + buttons + sure)
        if found:
            return found
    shares = any(_SHARING.fullmatch(units[i].text.strip()) for i in tools)
    if (shares and len(tools) > 1) or (at_edge and len(labels) > 2):
        return labels
    return []


def _with_lists(units: list[Unit]) -> list[Unit]:
    """The units, with lists of other articles' headlines signed as such."""
    signed = list(units)
    for i, unit in enumerate(units):
        if _LIST_OPENER.fullmatch(" ".join(unit.text.replace("’", "'").split())):
            for j in _headlines(units, i):
                signed[j] = replace(units[j], sign=Sign(Look.SURE, RELATED))
    return signed


def _headlines(units: list[Unit], opener: int) -> range:
    """The places of a list of other articles, from its opening words; empty when there is none."""
    end = opener + 1
    while end < len(units) and _is_headline(units[end]):
        end += 1
    in_tail = all(unit.look is not Look.PROSE for unit in units[end:])
    if not in_tail:
        ends_in_item = units[end - 1].block.kind == "item"
        end -= 0 if ends_in_item or units[end].look is not Look.PROSE else 1
    long = [unit for unit in units[opener + 1 : end] if len(unit.text.split()) >= 4]
    return range(opener, end) if len(long) >= (1 if in_tail else 2) else range(0)


def _is_headline(unit: Unit) -> bool:
    if unit.block.kind == "title" or _NO_HEADLINE.match(unit.text.strip()):
        return False
    if unit.look in (Look.LINE, *_LABELS):
        return True
    asks = unit.text.rstrip().endswith(("?", "!", "?”", "!”", "…")) or not _ENDS.search(unit.text)
    return unit.look is Look.PROSE and asks and len(unit.text.split()) <= 25


def _headings_above(units: list[Unit], gone: dict[int, str]) -> dict[int, str]:
    """The headings under which nothing is left, but for the first words of the page."""
    empty: dict[int, str] = {}
    last = len(units)
    prose_before = next((i for i, unit in enumerate(units) if unit.look is Look.PROSE), last)
    below: Block | None = None
    reason = ""
    for i in range(last - 1, prose_before, -1):
        block = units[i].block
        if i in gone:
            reason = gone[i]
        elif (
            block.kind == "heading"
            and reason
            and (below is None or (below.kind == "heading" and below.level <= block.level))
        ):
            empty[i] = reason
        else:
            below, reason = block, ""
    return empty
