"""The sentences of `sentences.toml` and `spanish.toml`, each typed at a till: its effect, by the events written."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.register.conftest import Till
from tests.register.fakes import MemoryJournal
from till.cli.demo_venue import DEMO, demo_reference
from till.domain.catalogue.menu_csv import read_menu_csv
from till.domain.errors import AskedBackError, TillError
from till.domain.money.amount import Currency
from till.domain.order.naming import order_type_name
from till.domain.order.selling import ItemEntry
from till.register.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Order

#: At least so many do what they must; every other one asks.
RIGHT: Final = 194
MANAGER: Final = 9
INR: Final = Currency("INR")


def _rows(played: dict[str, Any]) -> list[tuple[list[str], str, str]]:
    return [(group["order"], *row) for group in played["group"] for row in group["sentences"]]


ENGLISH, SPANISH = (
    tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    for name in ("sentences", "spanish")
)
ROWS: Final = _rows(ENGLISH)


#: The effect of each event, in the words of `sentences.toml`; the names are of lines and of items.
EFFECTS: Final[dict[str, Callable[[Any, dict[str | None, str]], str]]] = {
    "item_added": lambda data, _names: ", ".join(
        [f"add {data.quantity} {data.item_name}", *(f"note {one.name} on {data.item_name}" for one in data.modifiers)]
    ),
    "quantity_changed": lambda data, names: f"take off {data.taken_off} {names[data.line_id]}",
    "line_voided": lambda data, names: (
        "undo" if data.reason == "undone" else f"take off {data.removed.pieces} {names[data.line_id]}"
    ),
    "line_noted": lambda data, names: f"note {data.note} on {names[data.line_id]}",
    "menu_viewed": lambda _data, _names: "menu",
    "checkout_started": lambda _data, _names: "checkout",
    "change_undone": lambda _data, _names: "undo",
    "order_type_set": lambda data, _names: f"order type {order_type_name(data.order_type)}",
    "discount_applied": lambda data, names: f"discount {float(data.percent):g}% on {names[data.line_id]}",
    "payment_started": lambda data, _names: f"{data.tender.lower()} {data.amount}",
    "tab_assigned": lambda data, _names: f"tab {data.name.removeprefix('table ')}",
    "item_marked": lambda data, names: f"{'sold out' if data.sold_out else 'back'} {names[data.item_id]}",
}


class Counter:
    """A till of the demo venue, or of a bar with its own menu and words, with an order on it."""

    def __init__(self, lines: list[str], menu: str = "", vocabulary: str = "en") -> None:
        journal = MemoryJournal()
        own = {"menu": read_menu_csv(menu, INR, DEMO.store_id)} if menu else {}
        for name, body in (demo_reference() | own).items():
            journal.cache(name, 0, body)
        self.till = Till(user=MANAGER, journal=journal, vocabulary=vocabulary)
        self.register = self.till.register
        order: Order | None = None
        for line in lines:
            pieces, _space, name = line.partition(" ")
            item = self.register.lookup.exact(name)
            assert item is not None
            order = self.register.sales.add(order.id if order else None, MANAGER, ItemEntry(item, int(pieces)))
        self.session = order.id if order is not None else None
        self.due = self.register.formats.currency.text(order.due) if order is not None else "-"

    def outcome(self, sentence: str) -> str:
        """Say a sentence, and return what came of it in the words of `sentences.toml`."""
        before = len(self.till.journal.own)
        conversation = Conversation(self.register, MANAGER, self.session)
        try:
            answer = conversation.say(sentence)
        except TillError as problem:
            refused = "ask" if isinstance(problem, AskedBackError) else "refuse"
            return refused if len(self.till.journal.own) == before else f"{refused}, and changed something"
        names: dict[str | None, str] = {item.id: item.name for item in self.register.menu.items} | {None: "order"}
        if conversation.order is not None:
            names |= {line.id: line.name for line in conversation.order.lines.values()}
        found = [(EFFECTS[event.type], event.data) for event in self.till.journal.own[before:] if event.type in EFFECTS]
        done = ", ".join(words(data, names) for words, data in found)
        done = re.sub(r"order type eat in, (?=tab )", "", done)  # a table eats in
        if not done and answer.startswith("This order is"):
            done = f"order type {answer.removeprefix('This order is ').partition('.')[0]}"
        return done.replace(f" {self.due}", "") or ("cart" if "Total" in answer else answer)


def is_right(expected: str, outcome: str) -> bool:
    """True if a sentence did one of the things that it may; a question is as good as a refusal."""
    ways = expected.split(" | ")
    return outcome in ways or (outcome == "ask" and "refuse" in ways)


def test_at_least_194_of_200_sentences_do_what_they_must_and_every_other_one_asks() -> None:
    assert len(ROWS) == 200
    outcomes = [(sentence, expected, Counter(order).outcome(sentence)) for order, sentence, expected in ROWS]
    wrong = [one for one in outcomes if not is_right(*one[1:])]
    assert [one for one in wrong if one[2] not in {"ask", "refuse"}] == []
    assert len(ROWS) - len(wrong) >= RIGHT


@pytest.mark.parametrize("vocabulary", ["es+en", "en+hi+es"])
def test_each_spanish_sentence_does_what_it_must(vocabulary: str) -> None:
    rows = _rows(SPANISH)
    outcomes = [
        (typed, must, Counter(order, SPANISH["menu"], vocabulary).outcome(typed)) for order, typed, must in rows
    ]
    assert [one for one in outcomes if not is_right(*one[1:])] == []
