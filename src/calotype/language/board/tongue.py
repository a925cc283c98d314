"""Whether a brief is written in English, which is what the lexicon reads. By its small words: it knows no others."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset((
    "a", "about", "all", "an", "and", "are", "as", "at", "be", "by", "every", "for", "from", "has", "have", "her",
    "his", "how", "in", "is", "it", "its", "no", "not", "of", "on", "one", "our", "so", "that", "the", "their", "they",
    "this", "to", "under", "up", "we", "what", "when", "where", "which", "who", "with", "without", "you", "your"))
_OTHERS = frozenset((
    # German, Dutch
    "auf", "aus", "bei", "das", "dein", "deine", "deinen", "dem", "den", "der", "des", "dich", "ein", "eine", "einem",
    "einen", "einer", "ihr", "ihre", "im", "ist", "mit", "nicht", "ohne", "und", "unser", "unsere", "vom", "von", "wir",
    "zu", "zum", "zur", "für", "über", "een", "het", "jouw", "met", "niet", "onze", "voor", "zonder",
    # French
    "au", "aux", "avec", "ce", "cette", "dans", "du", "elle", "est", "et", "la", "le", "les", "leur", "mes",
    "notre", "nous", "par", "pour", "qui", "sans", "ses", "sur", "une", "un", "votre", "vos", "vous",
    # Spanish, Portuguese, Italian
    "al", "com", "con", "da", "de", "del", "della", "di", "dos", "e", "el", "em", "en", "gli", "il", "las", "lo",
    "los", "mas", "nas", "nel", "no", "nos", "o", "os", "para", "per", "più", "por", "que", "se", "seu", "sin",
    "su", "sua", "sus", "tu", "tua", "tuo", "tus", "um", "uma", "una", "uno", "y",
    # Polish, Czech, Scandinavian, Turkish
    "dla", "jest", "na", "nie", "och", "og", "på", "pro", "som", "til", "till", "ve", "için", "bir", "z", "ze",
)) - {"no", "so"}


@cache
def is_english(text: str) -> bool:
    """False where more of its small words are those of other languages than English, or where most of its letters are
    of another script. A text without small words is taken for English."""
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum("LATIN" in unicodedata.name(letter, "") for letter in letters)
    if 2 * latin < len(letters):
        return False
    words = [word.casefold() for word in _WORD.findall(text)]
    return sum(word in _OTHERS for word in words) <= sum(word in _ENGLISH for word in words)
