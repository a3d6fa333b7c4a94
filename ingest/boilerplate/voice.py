"""The voice of a site that speaks to its visitor: phrases, wherever they stand. Data."""

from __future__ import annotations

import re

from ingest.boilerplate.alternatives import line_of, phrases_of

SITE = phrases_of(r"""
    we(?:\W+\w+){0,7}?\W+(?:cookies?|data|information|track(?:ers?|ing)?|technologies|consent|ads\
        |adverts?|advertising)
    (?:this|our) (?:web ?)?(?:site|page|portal|platform|app|service)s?; we and our (?:\w+ )?partners
    our (?:\w+ ){0,3}(?:partners|vendors|services|cookies?|policy|policies|privacy|newsletter\
        |content|terms|traffic|sites|websites|use of)
    by (?:clicking|continuing|using|browsing|closing|choosing).{0,60}? you (?:agree|accept|consent)
    (?:set|placed|used) by us; you are visiting; (?:help|allow|enable)s? us; (?:these|such) cookies
    we (?:value|respect|care about) your; (?:diese|unsere)r? web(?:seite|site)
    wir(?: und unsere partner)? (?:verwenden|nutzen|setzen); (?:ce|notre) site; nos partenaires
    nous(?: et nos partenaires)? utilisons; utilizamos; usamos; (?:este|nuestro) sitio
""")
VISITOR = phrases_of(r"""
    your (?:\w+ ){0,2}?(?:browser|device|computer|experience|preferences?|settings|choices?|consent\
        |privacy|visit|use of|interests|activity|selection|data|information|inbox|e-?mail)
    you(?: can| may| have the right to| could| do not| don't| cannot)?(?: also| always)?\
        (?: at any time)? (?:opt|withdraw|change|manage|choose|disable|refuse|reject|accept|block
        |set|adjust|consent|agree|allow|unsubscribe|navigate|use our|visit|log)
    if you (?:do not|don't|opt|continue|want|wish|have enabled|disable|prefer|decline)
    by (?:continuing|clicking|using|browsing|closing|accepting|choosing|signing up|subscribing)
    (?:click|tap)(?:ing)? (?:on|here|the|below|accept|any); (?:offer|show|allow|enable) you
    ihre?n? (?:browser|gerät|einwilligung|zustimmung|(?:nutzer)?erlebnis|besuch); sie können
    wenn sie; votre (?:navigateur|appareil|expérience|consentement|navigation); si continúa
    vous (?:pouvez|acceptez); en (?:poursuivant|continuant|cliquant); puede (?:cambiar|aceptar)
    (?:su|tu) (?:navegador|dispositivo|experiencia|consentimiento)
""")
CONSENT = phrases_of(r"""
    cookies?; trackers; tracking technologies; consent; your privacy; opt(?:ing)?[- ](?:out|in)
    personali[sz]ed?; target(?:ed|ing); personal (?:data|information); analytics; vendors
    privacy (?:policy|notice|statement|choices|controls|request); (?:unique )?identifiers
    legitimate interests?; terms (?:of (?:use|service)|and conditions); do not sell; unsubscribe
    einwilligung; datenschutz\w*; consentement; confidentialité; privacidad
""")
WEB = phrases_of(r"""
    cookies?; browser; (?:web ?)?sites?; trackers; tracking; online; page; click\w*; ads
    unsubscribe; your (?:settings|preferences)
    information on (?:a|your) device; terms (?:of (?:use|service)|and conditions); privacy policy
    navigation; navegación; datenschutz\w*
""")
ADDRESSED = re.compile(r"\b(?:you|your|our|this (?:web ?)?site)\b", re.IGNORECASE)
DISCOURSE = phrases_of(r"""
    must; should; shall; ought; users; consumers; citizens; patients; readers; businesses; companies
    firms; publishers; controllers; operators; governments?; policy ?makers; regulators?; minister
    authorit(?:y|ies); court; judge?ment; ruling; ruled; directive; legislation; lawmakers
    commission; committee; survey(?:ed)?; stud(?:y|ies); researchers?; recommend\w*; fined?
    per ?cent; percentage; banners?; dark patterns?; said; says; reads?:; believe; argue; found
    \d+ ?%; article \d+; (?:19|20)\d\d; I(?:'m|'ve|'d| am| think| have| was| would| want)
    (?<!other )(?:web)?sites (?:that|which|must|can|use|set|ask|are|have)
    your (?:\w+ )?(?:web ?)?(?:site|page|app|users|visitors|customers|organi[sz]ation|business\
        |company|clients|readers|service|provider|doctor|employer)
""")
GREETING = line_of(r"""
    (?:\w+\W+){0,6}?(?:(?:this|our) (?:web ?)?(?:site|page)|we(?: and our [\w ]{1,30})?)\
        (?: also| may| only)? uses? (?:\w+ ){0,3}cookies
    (?:diese|unsere) (?:website|webseite|seite) (?:verwendet|nutzt) cookies
    wir(?: und unsere .{0,20}partner)? (?:verwenden|nutzen) cookies
    (?:nous(?: et nos partenaires)? utilisons|(?:ce|notre) site utilise) des cookies
    (?:este sitio(?: web)? utiliza|utilizamos|usamos) cookies
    by (?:using|continuing to use) (?:this|our)\b.{0,60}?\byou (?:agree|accept|consent)
    your privacy (?:is important|matters) to us; we(?:'ve| have) updated our (?:privacy|terms)
    please accept cookies; manage your cookie preferences
    you(?:'ve| have) (?:rejected|accepted) (?:\w+ )?cookies
""")
INVITATION = line_of(r"""
    (?=.*\b(?:sign up|signing up|subscribe|join|your e-?mail address)\b)(?=.*\b(?:our|your)\b)\
        .*\b(?:newsletters?|mailing list|briefing|digest|inbox|e-?mail (?:updates|alerts))\b
    by (?:subscribing|signing up|submitting|registering)\b.*\b(?:you|i) (?:agree|accept|consent)\b
    thanks for reading\b.*\bsubscribe\b
    (?:get|receive|join|stay|never|don't|want|the latest)\b.*\b(?:our|the latest)\b.*\byour inbox\b
""")
QUOTED = re.compile(
    r'“[^”]*(?:”|\Z)|„[^“”]*(?:[“”]|\Z)|«[^»]*(?:»|\Z)|"[^"]*"|\A\s*"[^"]*\Z'
    r"|(?<=\bread|\bsaid|\bsays): [^\n]+|‘[^‘]{3,}?’(?!\w)"
    r"|(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w)){3,}'(?!\w)"
)
ENDS = re.compile(r"[.!?…:;][\"”’»)\]\d]*\s*\Z")
FULL_STOP = re.compile(r"[.!?…][\"”’»)\]\d]*\s*\Z")


def distinct(phrases: re.Pattern[str], said: str) -> int:
    """How many different ones of the phrases are said."""
    return len({phrase.group().lower() for phrase in phrases.finditer(said)})
