"""Marking of objective answers: what a learner wrote, held against the key."""

import re
import unicodedata
from dataclasses import dataclass

WRITTEN_TYPES = frozenset({"gap_fill", "sentence_completion", "short_answer"})
LETTER_TYPES = frozenset({"multiple_choice", "matching", "map_labelling"})
# What a learner may write for each verdict.
VERDICTS = {
    "true_false_not_given": {
        "t": "true",
        "true": "true",
        "f": "false",
        "false": "false",
        "ng": "not given",
        "not given": "not given",
    },
    "yes_no_not_given": {
        "y": "yes",
        "yes": "yes",
        "n": "no",
        "no": "no",
        "ng": "not given",
        "not given": "not given",
    },
}

_DASHES = dict.fromkeys(
    map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212"), "-"
)
# What a phone types for an apostrophe is no other word.
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'")
_TRAILING = " .,;:!?\u3002"
_SPACED_HYPHEN = re.compile(r" ?- ?")
_DIGIT_GROUP = re.compile(r"(?<=\d) (?=\d{3}\b)")
_SEPARATORS = re.compile(r"[\s,;/&+]+")


@dataclass(frozen=True, slots=True)
class Key:
    """What a question accepts: variants or letters; ``choose`` is its worth."""

    type: str
    answers: tuple[str, ...]
    choose: int = 1
    word_limit: int | None = None


def points_for(key: Key, value: object) -> int:
    """Return the points of *value*, from 0 to ``key.choose``.

    Whatever is not an answer of the question's type is worth nothing.
    """
    if key.type == "multiple_select":
        return _points_of_letters(key, value)
    if not isinstance(value, str):
        return 0
    if key.type in VERDICTS:
        return int(_is_verdict(key, value))
    if key.type in WRITTEN_TYPES and not fits_limit(value, key.word_limit):
        return 0
    given = normalise(value)
    return int(given != "" and given in map(normalise, key.answers))


def normalise(text: str) -> str:
    """Return what two answers have in common that differ only in typing.

    Articles stay: "the bus" is not "bus" unless the key lists both.
    """
    folded = unicodedata.normalize("NFD", text)
    for _ in range(2):  # folding can undo the composition, and the reverse
        folded = unicodedata.normalize("NFKC", folded.casefold())
    folded = folded.translate(_DASHES).translate(_QUOTES)
    words = _SPACED_HYPHEN.sub("-", " ".join(folded.split()))
    return words.rstrip(_TRAILING)


def count_words(text: str) -> int:
    """Count words: a number is one, a hyphenated word is one, a lone sign is none."""
    joined = _DIGIT_GROUP.sub("", normalise(text))
    return sum(any(map(str.isalnum, word)) for word in joined.split())


def fits_limit(text: str, word_limit: int | None) -> bool:
    """Say whether *text* keeps to "NO MORE THAN n WORDS"."""
    return word_limit is None or count_words(text) <= word_limit


def _is_verdict(key: Key, value: str) -> bool:
    verdicts = VERDICTS[key.type]
    given = verdicts.get(normalise(value))
    accepted = {verdicts.get(normalise(answer)) for answer in key.answers}
    return given is not None and given in accepted


def _points_of_letters(key: Key, value: object) -> int:
    """Count the correct among the first letters, as many as were asked for."""
    given = _SEPARATORS.split(value) if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        return 0
    letters = dict.fromkeys(
        normalise(letter) for letter in given if isinstance(letter, str)
    )
    chosen = [letter for letter in letters if letter][: key.choose]
    correct = {normalise(answer) for answer in key.answers}
    return sum(letter in correct for letter in chosen)
