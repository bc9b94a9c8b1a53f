"""Feedback of a guest after paying: one key, a digit, Enter, and never in the way of the next order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.domain.making import Hand, forged
from tests.tui.playing import LOG_IN, Till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.test_news import comes
from till.cli.demo_venue import DEMO
from till.domain.events.envelope import SERVER, Draft
from till.domain.order.events import Erased, FeedbackGiven
from till.domain.order.state import Feedback, Order
from till.ports import Received

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [(80, 24), (120, 36)]
PAID = LOG_IN + "2 idly{enter}{f9}{enter}"


def sold(till: Till) -> Order:
    order = till.app.controller.sold
    assert order is not None
    return till.register.ledger.order(order.id)


def seen(till: Till, words: str) -> bool:
    return any(words in row for row in till.rows())


@pytest.mark.parametrize("size", SIZES)
async def test_one_key_a_digit_and_enter(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=PAID) as till:
        assert not seen(till, "Ctrl+A ")  # it is no cashier's duty
        await till.type("{ctrl+a}")
        assert seen(till, "How was it?")
        await till.type("4{enter}")
        assert till.answer() == "Thank you: 4 of 5."
        assert sold(till).feedback == Feedback(4, "")
        assert seen(till, "1-000001")
        await till.type("tea{enter}")
        assert till.lines() == {"Tea": 1}


async def test_words_go_with_it_beside_the_event(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=PAID + "feedback{enter}5 lovely dosa{enter}") as till:
        assert till.answer() == "Thank you: 5 of 5, “lovely dosa”."
        event = till.journal.events_of(sold(till).id)[-1]
        assert isinstance(event.data, FeedbackGiven)
        assert (event.data.score, event.data.words, "lovely" in event.body) == (5, "lovely dosa", False)
        placed = sold(till).placed
        assert placed is not None
        assert event.data.order_id == placed.data.order_id


async def test_a_second_feedback_replaces_the_first(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=PAID + "{ctrl+a}2{enter}tea{enter}{ctrl+a}{up}{enter}") as till:
        assert sold(till).feedback == Feedback(1, "")
        assert till.lines() == {"Tea": 1}
        written = len(till.journal.events_of(sold(till).id))
        await till.type("{ctrl+a}{enter}")
        assert len(till.journal.events_of(sold(till).id)) == written


@pytest.mark.parametrize(("keys", "score"), [("{enter}", 4), ("4{enter}", 4), ("{up}{enter}", 3)])
async def test_a_score_alone_keeps_the_words_that_were_typed(tmp_path: Path, keys: str, score: int) -> None:
    async with a_quiet_till(tmp_path, typed=PAID + "{ctrl+a}4 the dosa was cold{enter}{ctrl+a}" + keys) as till:
        assert sold(till).feedback == Feedback(score, "the dosa was cold")
        await till.type("{ctrl+a}5 lovely after all{enter}")
        assert sold(till).feedback == Feedback(5, "lovely after all")


async def test_no_feedback_is_recorded_without_a_valid_score(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=PAID) as till:
        for keys in ("{enter}", "{escape}", "3{escape}", "3{backspace}{enter}"):
            await till.type("{ctrl+a}" + keys)
            assert sold(till).feedback is None, keys
            assert not till.app.controller.sheets, keys
        await till.type("{ctrl+a}")
        for typed in ("6", "0", "55", "9 great"):
            await till.type(typed + "{enter}")
            assert till.answer() == "A score is a digit from 1 to 5, for an order that was paid.", typed
            assert sold(till).feedback is None, typed
            await till.type("{backspace}" * len(typed))


async def test_a_score_and_words_are_one_line(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=PAID + "feedback 4 slow{enter}") as till:
        assert till.answer() == "Thank you: 4 of 5, “slow”."
        assert sold(till).feedback == Feedback(4, "slow")
        await till.type("feedback 5{enter}")
        assert sold(till).feedback == Feedback(5, "slow")
        await till.type("feedback 9 great{enter}")
        assert till.answer() == "A score is a digit from 1 to 5, for an order that was paid."
        await till.type("{escape}feedback slow{enter}")
        assert till.answer() == "Type “feedback”, or “feedback 4 slow”: 1 to 5, and words."
        assert sold(till).feedback == Feedback(5, "slow")


async def test_words_alone_ask_for_the_digit(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=PAID + "{ctrl+a}lovely{enter}") as till:
        assert till.answer() == "Begin with a digit from 1 to 5: “5 lovely dosa”."
        await till.type("{escape}{ctrl+a}{down}{down}lovely{enter}")
        assert sold(till).feedback == Feedback(2, "lovely")


async def test_before_anything_was_paid_it_says_why_not(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "idly{enter}{ctrl+a}") as till:
        assert till.answer() == "No sale since this till was opened. F10 shows earlier ones."


async def test_the_words_can_be_forgotten(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=PAID + "{ctrl+a}1 call Asha{enter}") as till:
        session, hand = sold(till).id, Hand(SERVER, start=till.clock.now())
        ids = tuple(event.id for event in till.journal.events_of(session) if event.texts)
        event = hand.seal(Draft(Erased(events=ids), session))
        await comes(till, session, [Received(1, forged(event, store_id=DEMO.store_id))])
        assert sold(till).feedback == Feedback(1, "")
