"""The catalogues: what lint and a release refuse of them, and what a till makes of a hole."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from till.domain import i18n
from till.domain.i18n import N_, _, ngettext, pgettext, quote, speak, speaking, spoken, translations, unspoken
from till.register.quick_entry.vocabulary import shipped_vocabulary
from tools import catalogues, messages
from tools.catalogues import TRANSLATED, Entry, entries, language_table, quoted
from tools.messages import at_import, counter, faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    speak("en")


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_catalogue_has_every_sentence_of_the_counter_and_no_fault(language: str) -> None:
    assert list(faults(language, whole=False)) == []
    assert translations(language).lacks == sum(not each.is_whole for each in entries(language))


def test_a_table_that_is_missing_is_english_and_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(i18n._LOADED, "es", raising=False)
    monkeypatch.setitem(sys.modules, "till.languages.es", None)
    speak("es")
    assert (spoken(), _("Paid"), ngettext("{n} item", "{n} items", 2)) == ("es", "Paid", "{n} items")
    assert unspoken() == "Español is missing here: `make setup` makes it."
    i18n._LOADED.pop("es")
    monkeypatch.setitem(sys.modules, "till.languages.es", ModuleType("till.languages.es"))
    with pytest.raises(AttributeError):  # a broken one is no missing one
        speak("es")


def test_no_sentence_is_translated_at_import() -> None:
    assert list(at_import()) == []
    planted = ast.parse('X = _("a")\ndef f(y=_("b")): return _("c")\nclass A:\n    z = {1: ngettext("d", "e", 2)}\n')
    assert [*messages._at_import(planted)] == [1, 2, 4]


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_figure_of_a_payment_has_a_word_of_its_own(language: str) -> None:
    with speaking(language):
        figures = [_(each) for each in ("Due", "To pay", "Paid", "Still due", "Due then", "Change", "Tip")]
    assert sorted(figures) == sorted(set(figures))


def test_spanish_speaks_to_the_cashier_as_usted() -> None:
    """Find an imperative of “tú” by the same verb in the form of “usted”, as most sentences have it."""
    act = re.compile(r"(?:^|[.:…!?] )([A-Z]\w+[ae])(?= (aquí|el|la|los|las|un|una|su|otra)\b)")
    found = [each[1] for one in entries("es") for text in one.translations for each in act.finditer(text)]
    often, of_two = Counter(found), {"a": "e", "e": "a"}
    assert [word for word in found if often[word] < often[word[:-1] + of_two[word[-1]]]] == []


@pytest.mark.parametrize(
    ("sentence", "translation", "fault"),
    [
        ("{n} to send", "{n} por enviar", None),
        ("{n} to send", "{m} por enviar", "other placeholders"),
        ("{n} to send", "por enviar", "other placeholders"),
        ("{n:>3} to send", "{n} por enviar", "other placeholders"),
        ("{n} to send", "{n por enviar", "other placeholders"),
        ("Type “clear”.", "Teclea “clear”.", None),
        ("Type “clear”.", "Teclea “borrar”.", "quotes other words"),
        ("Type “clear”.", "Teclea “clear|borrar”.", None),
        ("Type “clear”.", "Teclea “undo|borrar”.", "quotes other words"),
        ("No {name} “{text}”.", "Ningún {name} “{text}”.", None),
        ("“86 {name}” again.", "Otra vez “agotado {name}”.", "quotes other words"),
        ("Run `till doctor`.", "Ejecute `caja doctor`.", "quotes other words"),
    ],
)
def test_a_translation_keeps_placeholders_and_words_to_type(sentence: str, translation: str, fault: str | None) -> None:
    found = [*Entry("", (sentence,), (translation,), is_fuzzy=False).faults()]
    assert bool(found) == bool(fault)
    assert all(fault in each for each in found if fault)


def test_a_hole_a_fuzzy_sentence_and_a_broken_one_are_english_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, hole, fuzzy, broken = [each.id for each in counter() if isinstance(each.id, str) and "{n}" in each.id][:4]
    folder = tmp_path / "till/languages"
    monkeypatch.setattr(catalogues, "FOLDER", folder)
    for name in ("till/languages", "tools"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "tools/catalogues.py").touch()
    (folder / "es.po").write_text(
        f'msgid "{whole}"\nmsgstr "x {{n}}"\n\nmsgid "{hole}"\nmsgstr ""\n\n'
        f'#, fuzzy\nmsgid "{fuzzy}"\nmsgstr "y {{n}}"\n\nmsgid "{broken}"\nmsgstr "{{m}}"\n',
        encoding="utf-8",
    )
    table: dict[str, object] = {}
    exec(language_table("es"), table)  # noqa: S102 - our own
    assert (table["SENTENCES"], table["LACKS"]) == ({whole: "x {n}"}, 3)
    refused = [*faults("es", whole=True)]
    assert any("has no translation" in each for each in refused)
    assert any("has a fuzzy translation" in each for each in refused)
    assert any("other placeholders" in each for each in refused)


def test_a_paper_has_a_language_of_its_own_while_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = N_("Paid")
    for language, text in (("es", "Pagado"), ("hi", "चुकता")):
        made = translations(language)._replace(sentences={sentence: text}, plurals={"{n} item": (text, text + "s")})
        monkeypatch.setitem(i18n._LOADED, language, made)
    speak("hi")
    with speaking("es"):
        assert (spoken(), _(sentence), ngettext("{n} item", "{n} items", 2)) == ("es", "Pagado", "Pagados")
        assert ngettext("{n} item", "{n} items", 1) == "Pagado"
    assert (spoken(), _(sentence), pgettext("remarks", "No such sentence")) == ("hi", "चुकता", "No such sentence")
    speak("xx")
    assert (spoken(), _(sentence)) == ("en", "Paid"), "no language of a till is English"


def _meant(vocabulary: str, typed: str) -> set[str]:
    """Return all that words may mean on the entry line or on a screen, by the names of the vocabulary."""
    words = shipped_vocabulary(vocabulary)
    rooms = {"": words, **words.screens}
    found = {f"{room} {name}" for room, of in rooms.items() for name, _slots in of.find(typed, of.names)}
    return found | {f"begun {words.begun(typed)}", f"command {words.command(typed)}"} - {"begun None", "command None"}


_NUMBERS = dict.fromkeys(("amount", "count", "n", "number", "other", "plain"), "5")
_UNKNOWN = "qxzw"


def _filled(quoted: str) -> str:
    return re.sub(r"\{(\w+)[^}]*\}", lambda field: _NUMBERS.get(field[1], _UNKNOWN), quoted)


def _commanded(vocabulary: str, quoted: str) -> set[str]:
    """Return all that quoted words mean by themselves: not as any words would, which are a note or an item."""
    typed = _filled(quoted)
    return _meant(vocabulary, typed) - _meant(vocabulary, re.sub(r"[^\W\d_]+", _UNKNOWN, typed))


def _has(vocabulary: str, meaning: str) -> bool:
    """Return True if a vocabulary has words of its own for a meaning."""
    words = shipped_vocabulary(vocabulary)
    room, _space, name = meaning.partition(" ")
    if "command " in meaning:
        return bool(words.words_of(meaning.rpartition(" ")[2]))
    return name in words.screens[room].names if room in words.screens else not room and name in words.names


def _unquoted(language: str) -> Iterator[tuple[str, str]]:
    """Yield words to type that a translation has in English alone, though its language has words for each meaning."""
    for entry in entries(language):
        for words in {one for text in entry.translations for one in re.findall("“([^”|]+)”", text)}:
            meant = {one for one in _commanded("en", words) if not one.startswith("begun ")}
            is_own = bool(meant & _commanded(language, words))
            if meant and not is_own and all(_has(language, one) for one in meant):
                yield words, entry.sentences[0]


@pytest.mark.parametrize("language", TRANSLATED)
def test_words_to_type_mean_the_same_in_the_language_of_the_screen(language: str) -> None:
    pairs = quoted(language)
    assert len(pairs) > 20
    assert [pair for pair in pairs if not _commanded("en", pair[0]) & _commanded(language, pair[1])] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_words_to_type_are_quoted_of_a_vocabulary_that_has_them(language: str) -> None:
    """English is understood beside each vocabulary, so it is right where that has no such words: Hindi has not all."""
    assert sorted(_unquoted(language)) == []


def test_a_screen_quotes_the_words_of_its_language_if_they_are_typed() -> None:
    sentence = "Type “card”, or “card 50” with an amount."
    shown = []
    for typed in ("en", "es", "hi", "en"):
        quote(typed)
        with speaking("es"):
            shown.append(_(sentence))
    english, spanish = (
        "Escriba “card”, o “card 50” con un importe.",
        "Escriba “tarjeta”, o “tarjeta 50” con un importe.",
    )
    assert shown == [english, spanish, english, english]
    assert _(sentence) == sentence
