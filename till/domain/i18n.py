"""The language of all sentences that people read.

A sentence is written in English and translated where it is shown. The screens have the language of the person who is
logged in; a document, a ticket and what is written into an event have their own, for as long as `speaking` lasts.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENGLISH: Final = "en"
#: The languages that a till speaks, each by its own name.
LANGUAGES: Final[Mapping[str, str]] = {ENGLISH: "English", "es": "Español", "hi": "हिन्दी"}
#: The mark between a context and its sentence in a table, as in gettext.
CONTEXT: Final = "\4"


class Translations(NamedTuple):
    """The sentences of a language, by their English.

    Attributes:
        language: its code, such as `es`.
        sentences: the translations; what is not here is shown in English.
        plurals: the two forms of a sentence with a number, by the English for one.
        lacks: the number of the counter's sentences that have no translation; None if the table itself is missing.
    """

    language: str
    sentences: Mapping[str, str]
    plurals: Mapping[str, tuple[str, str]]
    lacks: int | None = 0


class OnScreen:
    """The language of this process's screens: a till has one, and a timer of it knows no context of a key.

    Attributes:
        spoken: its sentences; the same object until somebody speaks another. What every key asks for is kept by it.
    """

    spoken: Translations = Translations(ENGLISH, {}, {})
    #: The language of the words that are typed: a screen in it quotes them, any other quotes English.
    typed: str = ENGLISH


_HELD: Final[ContextVar[Translations | None]] = ContextVar("held", default=None)
_LOADED: Final = {ENGLISH: OnScreen.spoken}


def language_name(language: str) -> str:
    """Return the own name of a language; its code if no till speaks it."""
    return LANGUAGES.get(language, language)


def translations(language: str) -> Translations:
    """Return the sentences of a language; of English, if this is no language of a till."""
    if language not in _LOADED:
        if language not in LANGUAGES:
            return _LOADED[ENGLISH]
        _LOADED[language] = _loaded(f"till.languages.{language}", language)
    return _LOADED[language]


def _loaded(module: str, language: str) -> Translations:
    """Load a table. A checkout may have none yet: then all is English, and `unspoken` has a sentence."""
    try:
        table = import_module(module)
    except ModuleNotFoundError as missing:
        if missing.name != module:
            raise
        return Translations(language, {}, {}, lacks=None)
    if language != OnScreen.typed:
        return Translations(language, table.SENTENCES, table.PLURALS, table.LACKS)
    return Translations(language, table.SENTENCES | table.QUOTED, table.PLURALS | table.QUOTED_PLURALS, table.LACKS)


def quote(language: str) -> None:
    """Quote the words of the entry line in a language, on screens in that language. English ones work everywhere."""
    for one in {language, OnScreen.typed} - {ENGLISH}:
        _LOADED.pop(one, None)
    OnScreen.typed = language


def speak(language: str) -> None:
    """Show all screens of this process in a language from now on."""
    OnScreen.spoken = translations(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Hold a language while something is made that is not for the person at the screen; the screen's if it is empty."""
    token = _HELD.set(translations(language) if language else None)
    try:
        yield
    finally:
        _HELD.reset(token)


def unspoken() -> str:
    """Return that the sentences of the screen's language are missing, which no table can translate; empty if not."""
    if OnScreen.spoken.lacks is not None:
        return ""
    return f"{language_name(OnScreen.spoken.language)} is missing here: `make setup` makes it."


def spoken() -> str:
    """Return the code of the language that sentences are translated to here."""
    return (_HELD.get() or OnScreen.spoken).language


def _(sentence: str) -> str:
    """Translate a sentence."""
    return (_HELD.get() or OnScreen.spoken).sentences.get(sentence, sentence)


def N_(sentence: str) -> str:  # noqa: N802 - gettext's name
    """Mark a sentence that is written down before anybody's language is known: `_` translates it where it is shown."""
    return sentence


def ngettext(one: str, many: str, n: int) -> str:
    """Translate a sentence with a number. Each language of a till has two forms, the first of them for 1."""
    forms = (_HELD.get() or OnScreen.spoken).plurals.get(one)
    return (forms or (one, many))[n != 1]


def pgettext(context: str, sentence: str) -> str:
    """Translate a sentence that has another meaning elsewhere, such as `Tab`: a key, or a bill."""
    return (_HELD.get() or OnScreen.spoken).sentences.get(context + CONTEXT + sentence, sentence)


__all__ = [
    "CONTEXT",
    "ENGLISH",
    "LANGUAGES",
    "N_",
    "OnScreen",
    "Translations",
    "_",
    "language_name",
    "ngettext",
    "pgettext",
    "quote",
    "speak",
    "speaking",
    "spoken",
    "translations",
    "unspoken",
]
