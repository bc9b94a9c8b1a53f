"""Vocabularies: the grammar knows no language, and a file that is ambiguous or broken is refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from till.cli.demo_venue import demo_menu
from till.domain.catalogue.menu import read_menu
from till.domain.errors import ConfigError, QuantityError, TillError
from till.domain.i18n import LANGUAGES, speaking
from till.domain.money.amount import Currency
from till.domain.text import clean
from till.register.quick_entry import vocabulary
from till.register.quick_entry.intents import AddAll, AddItem, Choose, GoToPay, SoldOut, TakeOff, Wish
from till.register.quick_entry.language import quantity_and_name, suggestions, understand
from till.register.quick_entry.lookup import Lookup
from till.register.quick_entry.vocabulary import shipped_vocabulary
from till.tui.screens.sell.commands import BY_NAME

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.slots import Intent

INR: Final = Currency("INR")
MENU: Final = read_menu(demo_menu(), INR)
ENGLISH: Final = Lookup(MENU)
HINDI: Final = Lookup(MENU, shipped_vocabulary("hi"))
BOTH: Final = Lookup(MENU, "en+hi")


def item(name: str) -> Item:
    return next(one for one in MENU.items if one.name == name)


@pytest.mark.parametrize(
    ("hindi", "english"),
    [
        ("idli", "idly"),
        ("do idli", "two idly"),
        ("do idliyan dena", "two idly please"),
        ("mujhe ek masala dosa chahiye", "i want one masala dosa"),
        ("do idli aur ek chai", "two idly and one tea"),
        ("aadha darjan idli", "half a dozen idly"),
        ("do darjan idli", "two dozen idly"),
        ("ek aur", "one more"),
        ("do aur", "two more"),
        ("ek aur idli", "one more idly"),
        ("ek idli hatao", "remove one idly"),
        ("masala dosa hata do", "remove masala dosa"),
        ("do kam", "two less"),
        ("ek kam masala dosa", "one less masala dosa"),
        ("menu dikhao", "show me the menu"),
        ("order dikhao", "view my cart"),
        ("kitna hua", "total"),
        ("hisaab kar do", "checkout"),
        ("nakad", "cash"),
        ("nakad 500", "cash 500"),
        ("500 nakad", "500 cash"),
        ("card se", "pay by card"),
        ("table 7", "table 7"),
        ("khaata Ravi", "tab Ravi"),
        ("10% chhoot", "10% off"),
        ("bill par 10 percent chhoot", "10 percent off the bill"),
        ("le jaana hai", "take away"),
        ("yahin khaana hai", "eat in"),
        ("86 vada", "86 vada"),
        ("pongal khatam ho gaya", "pongal is sold out"),
        ("vada wapas aa gaya", "vada is back"),
        ("2 idli", "2 idly"),
    ],
)
def test_the_same_is_meant_in_hindi_as_in_english(hindi: str, english: str) -> None:
    meant, other = understand(hindi, HINDI, INR), understand(english, ENGLISH, INR)
    if isinstance(meant, TakeOff | SoldOut) and isinstance(other, TakeOff | SoldOut):
        meant = replace(meant, name=other.name)  # as it was typed
    assert meant == other


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("do idly", AddItem(item("Idly"), 2)),
        ("2 idly aur teen chai", AddAll((AddItem(item("Idly"), 2), AddItem(item("Tea"), 3)))),
        ("two idly and teen tea", AddAll((AddItem(item("Idly"), 2), AddItem(item("Tea"), 3)))),
        ("aadha darjan tea", AddItem(item("Tea"), 6)),
        ("masala dosa hata do", TakeOff("masala dosa", (item("Masala Dosa").id,))),
        ("remove masala dosa", TakeOff("masala dosa", (item("Masala Dosa").id,))),
        ("bina namak", Wish("bina namak")),
        ("no salt", Wish("no salt")),
        ("checkout", GoToPay()),
        ("hisaab kar do", GoToPay()),
    ],
)
def test_both_languages_are_understood_together(typed: str, meant: Intent) -> None:
    assert understand(typed, BOTH, INR) == meant


def test_english_is_spoken_where_both_are_understood() -> None:
    numbers = {count: words for words, count in BOTH.words.numbers.items() if " " not in words}
    assert (BOTH.words.language, numbers[2], BOTH.words.of("and")[0]) == ("English", "two", "and")
    assert BOTH.words.command("undo") == BOTH.words.command("wapas lo") == "undo"
    assert BOTH.words.command("print") == "print_receipt"


COUNTS: Final = {
    words: count for one in ("en", "es", "hi") for words, count in shipped_vocabulary(one).numbers.items() if count > 1
}


@pytest.mark.parametrize("lookup", [ENGLISH, BOTH], ids=["English", "both"])
def test_no_count_in_words_is_dropped_whatever_its_language(lookup: Lookup) -> None:
    """Before or behind an item, spelt right or wrong, a count in words is taken or the entry is refused."""
    read = 0
    for words, count in COUNTS.items():
        for one in MENU.items[::3]:
            name = clean(one.name).lower()
            wrong = name[:1] + name[2:] if len(name) > len("vada") else name
            for typed in (f"{words} {name}", f"{name} {words}", f"{words} {wrong}", f"{wrong} {words}"):
                try:
                    meant = understand(typed, lookup, INR)
                except TillError:
                    assert quantity_and_name(typed, lookup)[0] == count or not suggestions(typed, lookup), typed
                    continue
                if isinstance(meant, Wish):
                    assert words in meant.words
                    continue
                assert isinstance(meant, AddItem | AddAll | Choose), typed
                if not isinstance(meant, AddAll) and (meant.options if isinstance(meant, Choose) else meant.modifiers):
                    continue  # a dosa, “do”, with a choice
                pieces = [entry.quantity for entry in (meant.items if isinstance(meant, AddAll) else (meant,))]
                assert count in pieces, (typed, meant)
                read += 1
    assert read > 200


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("do idly", "“do” is 2? Type “2 idly”, or the name alone."),
        ("do dosa", "“do” is 2? Type “2 dosa”, or the name alone."),
        ("das masala dosa", "“das” is 10? Type “10 masala dosa”, or the name alone."),
        ("idly do", "“do” is 2? Type “2 idly”, or the name alone."),
        ("2 do idly", "2 or 2 × idly? One number is the quantity."),
        ("remove do dosa", "“do” is 2? Type “2 dosa”, or the name alone."),
    ],
)
def test_a_count_in_another_language_is_asked_about(typed: str, sentence: str) -> None:
    with pytest.raises(QuantityError) as refused:
        understand(typed, ENGLISH, INR)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize("typed", ["char siu", "char s", "do nut", "das bier", "sette", "two brothers"])
def test_a_count_that_is_a_word_of_an_item_is_its_name(typed: str) -> None:
    names = {"char siu": "Char Siu", "char s": "Char Siu", "do nut": "Do Nut", "das bier": "Das Bier", "sette": "Sette"}
    name = names.get(typed, "Two Brothers")
    own = replace(MENU, items=(*MENU.items, replace(item("Tea"), id="own", name=name, aliases=(), plu=None)))
    assert understand(typed, Lookup(own), INR) == AddItem(own.items[-1], 1)


def test_a_wish_in_hindi_keeps_its_words() -> None:
    assert understand("bina namak ke", HINDI, INR) == Wish("bina namak ke")
    assert understand("kam shakkar", HINDI, INR) == Wish("kam shakkar", named="shakkar")


@pytest.mark.parametrize("typed", ["add two idly", "one more", "remove one idly", "show me the menu", "pay by cash"])
def test_english_is_no_part_of_the_grammar(typed: str) -> None:
    try:
        meant = understand(typed, HINDI, INR)
    except TillError:
        return
    assert meant != understand(typed, ENGLISH, INR)


@pytest.mark.parametrize("language", ["en", "es", "hi"])
def test_a_shipped_vocabulary_names_nothing_that_is_not_there(language: str) -> None:
    english = shipped_vocabulary("en")
    assert shipped_vocabulary(language).commands <= BY_NAME.keys()
    assert shipped_vocabulary(language).phrases <= english.phrases
    for screen, sentences in shipped_vocabulary(language).screens.items():
        assert set(sentences.names) <= set(english.on(screen).names)


def test_all_languages_are_understood_together_whatever_the_screens_speak() -> None:
    """One with two meanings, of one language or of two, is refused when they are read."""
    together = Lookup(MENU, "+".join(LANGUAGES))
    meant = AddAll((AddItem(item("Masala Dosa"), 2), AddItem(item("Tea"), 1)))
    for spoken in LANGUAGES:
        for typed in ("two masala dosa and one tea", "dos masala dosas y un tea", "do masala dosa aur ek tea"):
            with speaking(spoken):
                assert understand(typed, together, INR) == meant


@pytest.mark.parametrize(
    ("was", "becomes", "sentence"),
    [
        ('"how much is it"', '"how much is it", "menu"', "is ambiguous: “menu” means menu and cart. Keep one."),
        ("[numbers]", "[numbers]\nmenu = 3", "is ambiguous: “menu” means numbers and menu. Keep one."),
        ('undo = ["undo"', 'undo = ["checkout"', "is ambiguous: “checkout” means pay and undo. Keep one."),
        ('"back {name}"', '"86 {item}"', "is ambiguous: “86 {item}” means sold_out and back. Keep one."),
        ("tip =", "tips =", "has no use for tips. Its phrases and commands are named as in en.toml."),
        ("undo =", "redo =", "has no use for redo. Its phrases and commands are named as in en.toml."),
        ("hand_over =", "hand =", "has no use for hand. Its phrases and commands are named as in en.toml."),
        ('hold = ["hold', 'hold = ["hold {item}", "hold', "has no use for {item} in hold. Its slots are named"),
        ('["copy", "print", "reprint"]', '["copy", "all"]', "is ambiguous: “all” means all and copy. Keep one."),
        ('"{figure} off"', '"{figure} (off"', "cannot be read: "),
        ('"{figure} off"', '"{sum} off"', "cannot be read: {sum}."),
        ('"{figure} off"', '"{figure} {figure} off"', "cannot be read: {figure}."),
        ('"{figure} off"', '"{figure} <no> off"', "cannot be read: "),
        ("two = 2", 'two = "2"', "cannot be read: "),
        ("two = 2", "two = 2\ntwo = 3", "cannot be read: "),
        ("[numbers]", "[counts]", "cannot be read: "),
    ],
)
def test_a_vocabulary_with_a_clash_or_a_slip_is_refused_in_one_sentence(was: str, becomes: str, sentence: str) -> None:
    text = (Path(vocabulary.__file__).parent / "vocabularies" / "en.toml").read_text(encoding="utf-8")
    assert was in text
    with pytest.raises(ConfigError) as refused:
        vocabulary.own(text.replace(was, becomes), "own.toml")
    assert refused.value.sentence.startswith(f"The vocabulary own.toml {sentence}")
    assert "\n" not in refused.value.sentence


def test_a_screen_has_the_words_of_its_language_and_else_those_in_english() -> None:
    text = (Path(vocabulary.__file__).parent / "vocabularies" / "hi.toml").read_text(encoding="utf-8")
    made = vocabulary.own(f'{text}\n[screens.tables]\nmerge = ["jodo {{of}}"]\n', "own.toml")
    assert list(made.on("tables").find("jodo 7", ("move", "merge"))) == [("merge", {"of": "7"})]
    assert made.on("waiting") is shipped_vocabulary("en").on("waiting")


def test_a_vocabulary_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(
        ConfigError, match=r"There is no vocabulary fr\. There are en, es, hi, or name a file of your own\."
    ):
        shipped_vocabulary("fr")
