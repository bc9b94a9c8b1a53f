"""Simulated guests: the same for the same seed, shaped on trading, asking only for what is sold."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from tests.register.conftest import MENU, VENUE
from till.domain.catalogue.menu import read_menu
from till.domain.money.amount import Currency
from till.domain.order.paying import CASH
from till.domain.structs import replace
from till.register.quick_entry.vocabulary import shipped_vocabulary
from till.training.drills import DRILLS, drill_of
from till.training.guests import Crowd, Guest, Want, order_sentence
from till.training.profile import BUILT_IN

INR = Currency(VENUE["currency"])
MENU_HERE = read_menu(MENU, INR)
MORNING = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def crowd(seed: int, cash: float = 0.5) -> Crowd:
    return Crowd(MENU_HERE, shipped_vocabulary("en"), INR, replace(BUILT_IN, cash=cash), Random(seed))  # noqa: S311 - a test repeats itself


def guests(seed: int, drill: str = "rush") -> list[Guest]:
    rules = drill_of(drill)
    assert rules is not None
    return [*crowd(seed).guests(rules, MORNING)]


def test_equal_seeds_give_equal_guests_and_others_do_not() -> None:
    assert guests(1) == guests(1)
    assert guests(1) != guests(2)


def test_guests_ask_for_what_is_sold_now_at_a_price() -> None:
    asked = {want.name for seed in range(20) for guest in guests(seed) for want in guest.wants}
    assert asked <= {"Idly", "Masala Dosa", "Plain Dosa", "Deposit", "Filter Coffee", "7 Up", "Xacuti"}
    assert len(asked) > 4, "not always the same"


def test_a_note_in_cash_is_enough_for_the_order() -> None:
    for seed in range(50):
        one = crowd(seed, cash=1)
        wants = one.wants(MORNING)
        pays = one.pays(wants)
        assert pays.tender == CASH
        prices = [MENU_HERE.by_id[want.item_id].price4 or 0 for want in wants]
        assert pays.note * 100 >= sum(price * want.pieces for price, want in zip(prices, wants, strict=True))


def test_a_change_of_mind_changes_what_is_wanted() -> None:
    changed = [guest for seed in range(20) for guest in guests(seed) if guest.change]
    assert changed
    assert all(guest.change and guest.change.wants != guest.wants for guest in changed)


@pytest.mark.parametrize("drill", [drill.key for drill in DRILLS])
def test_every_drill_has_its_guests_in_the_order_of_their_arrival(drill: str) -> None:
    own, rules = guests(3, drill), drill_of(drill)
    assert rules is not None
    assert len(own) == rules.guests
    assert [guest.arrives_s for guest in own] == sorted(guest.arrives_s for guest in own)
    assert own[0].arrives_s == 0
    assert {guest.task for guest in own} <= {task for task, _weight in rules.tasks}


def test_a_guest_speaks_in_a_sentence() -> None:
    wants = (Want("1", "Idly", 2), Want("2", "Masala Dosa", 1, ("no onion",)), Want("3", "Tea", 12))
    assert order_sentence(wants, shipped_vocabulary("en")) == "Two idly, one masala dosa, no onion, and 12 tea."
    assert order_sentence(wants[:1], shipped_vocabulary("en")) == "Two idly."


def test_a_guest_speaks_in_the_words_in_which_the_trainee_types() -> None:
    wants = (Want("1", "Idly", 2), Want("2", "Masala Dosa", 1))
    assert order_sentence(wants, shipped_vocabulary("hi")) == "Do idly, aur ek masala dosa."
