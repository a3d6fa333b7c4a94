"""Which language a text is in, and its name."""

from __future__ import annotations

ENOUGH = 100  # characters: from a shorter text the guess is a toss
LOOKED_AT = 500  # characters: of 930 documents none was guessed otherwise from a thousand

NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the text's language by its opening, None when there is too little of it.

    By py3langid (Lui and Baldwin 2012).
    """
    sample = text[:LOOKED_AT]
    if len(sample.strip()) < ENOUGH:
        return None
    import py3langid

    code, _ = py3langid.classify(sample)
    return str(code)


def in_english(code: str) -> str:
    """The language's English name, its code when kb does not know one."""
    return NAMES.get(code, code)
