"""The labels of a site: whole lines by which its furniture is known. Data: no judgement."""

from __future__ import annotations

import re

from ingest.boilerplate.alternatives import line_of, one_of
from ingest.boilerplate.looks import (
    ADVERTISEMENT,
    COMMENTS,
    COOKIES,
    FOOTER,
    NAVIGATION,
    NEWSLETTER,
    RELATED,
    SHARE,
    SUBSCRIPTION,
    Look,
)

_VERB = one_of(r"""
    accept; allow; agree(?: to)?; reject; decline; deny; refuse; disable; enable; manage
    customi[sz]e; adjust; change; edit; review; update; set; view; show; withdraw; save; confirm
    submit; exercise; open; continue with
""")
_OBJECT = one_of(r"""
    all; only; and; or; &; my; your; our; the; selected; current; optional; additional
    (?:non-)?essential; (?:strictly )?necessary; required; analytics; marketing; tracking
    third-party; privacy; consent; cookies?; trackers; data; preferences?; settings; choices?
    selections?; options; vendors; purposes; partners; rights
""")
_NETWORK = one_of(r"""
    facebook; twitter; x; linked ?in; whats ?app; reddit; pinterest; instagram; you ?tube; telegram
    flipboard; tumblr; bluesky; mastodon; threads; tiktok; pocket; messenger; e-?mail; mail; print
""")
_TABLE = (
    (COOKIES, Look.BUTTON, rf"""
        (?:yes,? )?(?:i )?(?:do not )?{_VERB}(?=.*(?:cookie|consent|preference|privacy|necessary\
            |essential|vendors|choices?|trackers|select(?:ed|ion)|all$))(?: {_OBJECT})+
    """),
    (COOKIES, Look.BUTTON, r"""
        (?:accept|agree|save|reject|decline) (?:and|&) (?:close|exit|continue|proceed|accept)
        (?:do not|don't) sell(?: or share)? my (?:personal )?(?:info\w*|data); notice at collection
        limit the use of my sensitive personal information; close (?:this )?.{0,20}(?:banner|dialog)
        (?:use )?(?:(?:strictly )?necessary|essential) cookies only; (?:use )?only necessary cookies
        i (?:agree to|accept|have read) (?:the|your|our) .{3,60}; [^.]{0,60}\balways (?:active|on)
        (?:list of|view)(?: our| all| iab)* (?:partners|vendors?)(?: \(vendors\)| list)?
        (?:iab )?vendors? list; we (?:value|respect|care about) your privacy
        (?:this|our) (?:web)?site uses cookies; cookies on (?:this|our) (?:web)?site
        continue without (?:accepting|consent\w*|agreeing)
        powered by (?:onetrust|cookiebot|usercentrics|trustarc|didomi|quantcast|cookieyes)
        alles? (?:cookies )?(?:akzeptieren|ablehnen|zulassen)
        nur (?:notwendige|erforderliche)(?: cookies)?; tout (?:accepter|refuser)
        continuer sans accepter; (?:gérer|paramétrer) (?:les |mes )?(?:cookies|préférences|choix)
        (?:aceptar|rechazar) tod[oa]s?(?: las cookies)?; (?:configurar|gestionar) (?:las )?cookies
    """),
    (COOKIES, Look.WORD, r"""
        (?:(?:cookies?|privacy|consent|preferences?) )+(?:settings|preferences?|choices|options\
            |list|manager|cent(?:er|re)|declaration|consent|banner|details|overview|policy|notice\
            |statement)
        (?:(?:strictly )?necessary|essential|functional(?:ity)?|performance|targeting|social media\
            |marketing|analytics?|statistics?|advertising|preference|(?:first|third)[- ]party\
            |unclassified)(?: cookies)?
        cookies?; your (?:\w+ )?privacy (?:choices|rights|options); about your privacy; vendors
        legitimate interest; settings; options; details; preferences; consent; more information
        (?:cookie|datenschutz)-?einstellungen
    """),
    (COOKIES, Look.TOOL, r"""
        x; ok(?:ay)?; close; accept; decline; reject; deny; (?:i )?agree; i understand
        i (?:do not |don't )?accept
        got it!?; yes; save; no,? thanks; submit; continue; dismiss; hide this message; apply
        (?:learn|read|find out|show|see) more; (?:more|manage) (?:options|settings); more info
        customi[sz]e(?: settings)?; show (?:details|purposes); let me choose; on; off; active
        inactive; cancel; clear; confirm; opt[- ](?:out|in); (?:checkbox label ?)+; akzeptieren
        ablehnen; accepter; refuser; aceptar; rechazar
    """),
    (NAVIGATION, Look.SURE, r"""
        (?:skip|jump) (?:directly )?to (?:the )?(?:main |page )?(?:content|navigation|search|footer)
        skip navigation; (?:back|return|go) to (?:the )?(?:top|home ?page|gallery|search results)
        (?:toggle|open|close|show|hide|main|primary) (?:the )?(?:main )?(?:navigation|menu|search)
        (?:you are here:? ?)?(?:home|startseite|accueil|inicio) ?[>»›/→] ?\S.{0,100}[^.:,]
        (?:is|was) this page (?:useful|helpful)\?; report a problem with this page
        you are here:? home; search (?:this|our|the) (?:web)?site; download (?:as )?(?:a )?pdf
        (?:previous|next) (?:article|post|story|page); print(?:er)?[- ]friendly(?: version)?
        zum (?:haupt)?inhalt(?: springen)?; aller au contenu(?: principal)?
    """),
    (SHARE, Look.SURE, rf"""
        (?:share|tweet|print|e-?mail) this; copy (?:the )?link(?: to clipboard)?; link copied!?
        (?:share|tweet|print|e-?mail|save|listen to) (?:this|the) (?:article|page|story|post|brief)
        (?:share|post|send|follow us|find us|like us|click to share)(?: this(?: \w+)?)?\
            [ ](?:on|by|via|to|with) {_NETWORK}(?: \(opens in .{{3,20}}\))?
    """),
    (SHARE, Look.TOOL, rf"""
        {_NETWORK}; share; tweet; pin(?: it)?; follow(?: us)?; save; bookmark; listen; \d+ shares
    """),
    (FOOTER, Look.SURE, r"""
        (?:copyright )?© ?(?:copyright )?(?:19|20)\d\d\b.{0,400}
        (?:©|\(c\)|copyright)?[^.]{0,80}\.? ?all rights reserved(?:[.,|].{0,300})?
        (?:(?:web)?site|theme) by \S+(?: \S+){0,3}; powered by (?:wordpress|drupal|squarespace|wix)
    """),
    (FOOTER, Look.NOTICE, r"""
        .{0,80}\bis a registered (?:charity|company|trade ?mark)\b.{0,120}
        (?:registered )?(?:charity|company) (?:registration )?(?:no|number)\b.{0,60}
        this (?:web)?site is protected by recaptcha\b.{0,100}
        use of this (?:web)?site constitutes (?:acceptance|agreement)\b.{0,300}
    """),
    (FOOTER, Look.TOOL, r"copyright (?:19|20)\d\d .{3,60}"),
    (NEWSLETTER, Look.SURE, r"""
        (?:sign up|subscribe)(?: now| today| here)? (?:for|to) our .{0,40}(?:newsletters?|updates\
            |mailing list|alerts|briefing|digest|e-?mails)\b.{0,80}
        (?:sign up|subscribe)(?: now| today)? (?:for|to) .{0,60}(?:newsletter|your inbox)\b.{0,60}
        (?:get|receive|have) (?:the|our) .{3,90}\b(?:in|to|into) your (?:e-?mail )?inbox\b.{0,40}
        sign up (?:for|to receive) (?:the latest|news|updates|weekly|daily|e-?mail) .{0,100}
        (?:get|receive) (?:our )?(?:e-?mail )?updates\b.{0,60}; join (?:our|the) mailing list[.!]?
        newsletter sign-?up
        never miss an? (?:story|update|article|post|publication)[.!]?
        (?:please )?(?:enter|type) (?:a valid|your) e-?mail(?: address)?(?: here)?[.!…]*
        thank(?:s| you) for (?:signing up|subscribing)[.!]?
    """),
    (SUBSCRIPTION, Look.SURE, r"""
        already (?:a|an) (?:subscriber|member|registered user)\?.{0,40}
        (?:subscribe|register|sign in|log in) (?:now )?to (?:continue|keep|read|unlock)\b.{0,60}
        you (?:have|'ve) (?:reached your|\w+) (?:free |complimentary )?articles?\b.{0,60}
    """),
    (NEWSLETTER, Look.TOOL, r"""
        (?:your )?e-?mail(?: address)?:? ?\*; (?:your )?e-?mail address; your e-?mail
        (?:first|last|your) name:? ?\*?; sign ?up(?: now)?; sign me up
        subscribe(?: now)?; subscribe to \S+(?: \S+){0,4}
    """),
    (ADVERTISEMENT, Look.SURE, r"""
        advertisements?; advert; ad; anzeige; werbung; publicité; publicidad
        sponsored(?: content| post)?; paid (?:content|post); (?:skip|report|close) (?:this )?ad
        (?:advertisement\W+)?(?:article|story) continues (?:below|after)(?: (?:this )?ad\w*)?
        (?:continue|keep) reading below; scroll (?:down )?to continue(?: reading)?
    """),
    (COMMENTS, Look.SURE, r"""
        (?:leave|post|add|write) a (?:comment|reply)(?: cancel reply)?; join the conversation
        (?:view|show|read|hide)(?: all)? (?:\d+ )?comments(?: \(\d+\))?; log in to comment
    """),
    (RELATED, Look.SURE, r"""
        (?:read (?:more|also|next)|related (?:article|story)): ?\S.{8,120}[^.:,]
    """),
    (NEWSLETTER, Look.WORD, r"stay (?:informed|connected|in touch|up to date)"),
    (NAVIGATION, Look.WORD, r"""
        home(?: ?page)?; about(?: us)?; contact(?: us)?; search; menu; log ?(?:in|out); register
        sign ?(?:in|out); subscriptions?; my account; donate; support us; careers; jobs; news ?room
        news; newsletters?; press(?: room| releases)?; events; blogs?; podcasts?; videos?; topics
        experts; publications; research; shop; store; help; faqs?; advertise(?: with us)?
        ad ?choices; rss(?: feeds?)?; site ?map; archives?; photos; media kit; legal(?: notice)?
        our (?:team|people|experts|work|history); (?:your )?privacy; imprint; impressum; kontakt
        terms(?: (?:of (?:use|service)|(?:&|and) conditions))?; conditions of use; disclaimer
        accessibility(?: statement)?; feedback; masthead; community guidelines; copyright
        freedom of information; datenschutz(?:erklärung)?; mentions légales; aviso legal
    """),
)  # fmt: skip
_LABEL = line_of("|".join(f"(?P<row{i}>{one_of(row[2])})" for i, row in enumerate(_TABLE)))


def label(line: str) -> tuple[Look, str] | None:
    """What a whole line is and the reason to leave it out, if it is a label of a site."""
    row = _LABEL.fullmatch(line)
    if not row or not row.lastgroup:
        return None
    reason, look, _ = _TABLE[int(row.lastgroup.removeprefix("row"))]
    return look, reason


FORM = line_of("share; tweet; pin it; follow us; subscribe; sign up; (?:your )?e-?mail address")
LEGAL = re.compile(r"privacy|terms|cookie|legal|imprint|sitemap|accessib", re.IGNORECASE)

# Words above a list of other articles; in the midst of a text only the plainest of them.
ALWAYS_A_LIST = line_of(r"""
    related (?:articles|stories|posts); recommended for you; most read; trending now
    you (?:may|might) also (?:like|be interested in):?; what to read next; editors?'?s? picks?
""")
LIST = line_of(rf"""
    {ALWAYS_A_LIST.pattern}; related; up next; don't miss; more from .{{3,60}}
    (?:related|recommended|similar|more) (?:articles?|stories|content|posts|news|reading|coverage)
    related (?:links|publications|topics); read (?:more|next|also); most (?:popular|viewed|shared)
    (?:related (?:articles|stories|posts)|recommended for you|related|most read):
    trending(?: stories)?; popular now; more on this (?:topic|story|subject)
    (?:latest|popular|recent) (?:articles|stories|news|posts|publications|reports)
""")
NO_HEADLINE = re.compile(
    r"(?:article|art\.|section|annex|chapter|§|\[?\d+[.)\]])\s*\d*\b"
    r"|.*(?:https?:|doi\b|\bpp?\. ?\d|\((?:19|20)\d\d[a-z]?\)|, (?:19|20)\d\d$|:$)",
    re.IGNORECASE,
)
