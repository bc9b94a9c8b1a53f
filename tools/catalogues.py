"""The catalogues of the languages as they are on disk, and the tables that a till loads of them.

Run it as `make setup`: it writes the tables, which are not kept in git. A wheel is not built of others
(`tools/packing.py`).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Final, NamedTuple

from babel.messages.pofile import read_po

from till.domain.i18n import CONTEXT, ENGLISH, LANGUAGES
from tools.packing import made_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from babel.messages import Catalog

FOLDER: Final = Path(__file__).parents[1] / "till/languages"
TRANSLATED: Final = tuple(language for language in LANGUAGES if language != ENGLISH)
#: Words in quotes are to be typed, and English words always work; commands of the shell are in backquotes.
_TYPED: Final = re.compile("“[^”]+”|`[^`]+`")
#: Words to type in English and, behind a bar, in the language of the catalogue: “as the order|como el pedido”.
_BOTH: Final = re.compile("“([^”|]+)[|]([^”]+)”")


class Entry(NamedTuple):
    """An entry of a catalogue: one sentence, or two with a number; its translations are empty if it is a hole."""

    context: str
    sentences: tuple[str, ...]
    translations: tuple[str, ...]
    is_fuzzy: bool

    @property
    def is_whole(self) -> bool:
        """True if somebody has translated all of it as it is today."""
        return all(self.translations) and not self.is_fuzzy

    def faults(self) -> Iterator[str]:
        """Return a sentence for each difference of placeholders or of words to type."""
        for text in self.translations if self.is_whole else ():
            if not any(_fields(text) == _fields(each) for each in self.sentences):
                yield f"“{text}” has other placeholders than “{self.sentences[0]}”"
            if not any(_typed(text) == _typed(each) for each in self.sentences):
                yield f"“{text}” quotes other words than “{self.sentences[0]}”"


def texts_of(texts: object) -> tuple[str, ...]:
    """Return the texts that babel keeps for an entry: one, or two."""
    return tuple(map(str, texts)) if isinstance(texts, tuple | list) else (str(texts or ""),)


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it is on disk."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, domain="messages")


def entries(language: str) -> list[Entry]:
    """Return the entries of a language as they are on disk."""
    return [
        Entry(str(each.context or ""), texts_of(each.id), texts_of(each.string), each.fuzzy)
        for each in catalogue(language)
        if each.id
    ]


def _fields(text: str) -> set[str]:
    """Return the placeholders of a text; what does not parse has itself as one, which no other text has."""
    try:
        return {f"{name}!{kind or ''}:{form}" for _, name, form, kind in Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}


def _typed(text: str) -> list[str]:
    return sorted(_TYPED.findall(_quoting(text)))


def _quoting(text: str, *, own: bool = False) -> str:
    """Return a translation that quotes the words to type in English, or its own."""
    return _BOTH.sub(r"“\2”" if own else r"“\1”", text)


def quoted(language: str) -> list[tuple[str, str]]:
    """Return the words to type that a catalogue has in English and in its own language."""
    return sorted({pair for each in entries(language) for text in each.translations for pair in _BOTH.findall(text)})


def _forms(entry: Entry, *, own: bool = False) -> str:
    """Return the two forms of a sentence with a number, as a table has them."""
    return "(" + ", ".join(_literal(_quoting(text, own=own)) for text in entry.translations) + ")"


def language_table(language: str) -> str:
    """Return the table of a language that a till loads. A sentence with a fault is not in it, so that it is English."""
    sentences, plurals, own, own_plurals, found = {}, {}, {}, {}, entries(language)
    sound = [each for each in found if each.is_whole and not any(each.faults())]
    for each in sorted(sound):
        if len(each.sentences) > 1:
            plurals[each.sentences[0]] = _forms(each)
            if (forms := _forms(each, own=True)) != plurals[each.sentences[0]]:
                own_plurals[each.sentences[0]] = forms
        else:
            key = (each.context + CONTEXT if each.context else "") + each.sentences[0]
            sentences[key] = _literal(_quoting(each.translations[0]))
            if (text := _literal(_quoting(each.translations[0], own=True))) != sentences[key]:
                own[key] = text
    return (
        f'"""The sentences in {LANGUAGES[language]}. Written by `make setup`, from `{language}.po`."""\n\n'
        "from typing import Final\n\n# fmt: off\n\n"
        f"{made_of(FOLDER / f'{language}.po')}\n"
        f"LACKS: Final = {len(found) - len(sound)}\n"
        f"PLURALS: Final[dict[str, tuple[str, str]]] = {{\n{_rows(plurals)}}}\n"
        "#: Those that quote words to type, in the words of this language.\n"
        f"QUOTED: Final[dict[str, str]] = {{\n{_rows(own)}}}\n"
        f"QUOTED_PLURALS: Final[dict[str, tuple[str, str]]] = {{\n{_rows(own_plurals)}}}\n"
        f"SENTENCES: Final[dict[str, str]] = {{\n{_rows(sentences)}}}\n"
    )


def _rows(written: dict[str, str]) -> str:
    return "".join(f"    {_literal(key)}: {text},\n" for key, text in written.items())


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace(CONTEXT, "\\4") + '"'


def write_tables(languages: Sequence[str] = TRANSLATED) -> None:
    """Write the tables of languages, each beside its catalogue."""
    for language in languages:
        (FOLDER / f"{language}.py").write_text(language_table(language), encoding="utf-8")


if __name__ == "__main__":
    write_tables(sys.argv[1:])
