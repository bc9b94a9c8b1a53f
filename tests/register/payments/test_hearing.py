"""Answers of tenders that fail, hang or make no sense, and hints that come too often."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.fakes import SetClock
from tests.register.payments.scripted import played
from till.domain.money.measures import Minor
from till.ports import ChargeAnswer, Outcome
from till.register.payments.hearing import Hints, hear

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

LOST = ChargeAnswer(key="one", outcome=Outcome.UNKNOWN)
TAKEN = ChargeAnswer(key="two", outcome=Outcome.APPROVED, amount=Minor(8_000))


async def answered(answer: Any, after: float = 0.0) -> Any:
    await asyncio.sleep(after)
    if isinstance(answer, BaseException):
        raise answer
    return answer


@pytest.mark.parametrize(
    ("request_of", "expected", "passed", "fault"),
    [
        (lambda: answered(TAKEN), TAKEN, 0.0, ""),  # its key says whose it is
        (lambda: answered(TAKEN, 4.75), TAKEN, 4.75, ""),
        (lambda: answered(TAKEN, 5.25), LOST, 5.0, ""),
        (lambda: answered(OSError(), 1), LOST, 1.0, "OSError"),
        (lambda: answered(asyncio.CancelledError(), 1), LOST, 1.0, "cancelled"),
        (lambda: answered("approved"), LOST, 0.0, "ValidationError"),
        (lambda: answered(object()), LOST, 0.0, "TypeError"),
        (lambda: answered(ChargeAnswer(key="one", outcome="paid")), LOST, 0.0, "ValidationError"),  # type: ignore[arg-type]
    ],
)
def test_a_request_without_a_sound_answer_in_time_is_unknown(
    request_of: Callable[[], Coroutine[Any, Any, ChargeAnswer]],
    expected: ChargeAnswer,
    passed: float,
    fault: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = SetClock()
    assert played(clock, hear(request_of(), "one", "CARD", 5.0)) == expected
    assert clock.passed == pytest.approx(passed)
    assert [(one.message, one.__dict__["tender"], one.__dict__["error"]) for one in caplog.records] == (
        [("tender_failed", "CARD", fault)] if fault else []
    )


@pytest.mark.parametrize("how", ["hangs", "is cancelled"])
def test_a_request_is_given_up_with_who_waits_for_it(how: str) -> None:
    """The connection to the terminal is closed."""
    closed: list[float] = []
    clock = SetClock()

    async def request() -> ChargeAnswer:
        try:
            await asyncio.Event().wait()
        finally:
            closed.append(clock.passed)
        return TAKEN

    async def story() -> None:
        asked = asyncio.ensure_future(hear(request(), "one", "CARD", 5.0))
        await asyncio.sleep(1)
        if how == "is cancelled":
            asked.cancel()
        await asyncio.sleep(9)
        assert closed == [1.0 if how == "is cancelled" else 5.0]

    played(clock, story())


def test_hints_about_a_payment_are_followed_at_once_and_then_once_a_second() -> None:
    looks: list[tuple[float, str]] = []
    clock = SetClock()

    async def story() -> None:
        hints = Hints(lambda key: looks.append((round(clock.passed, 2), key)))
        for at, key in [(0, "a"), (0.25, "b"), (0.5, "a"), (0.75, "a"), (1.5, "a"), (1.75, "a"), (5, "a"), (7, "b")]:
            await asyncio.sleep(at - clock.passed)
            hints.hint(key)
        await asyncio.sleep(5)

    played(clock, story())
    assert looks == [(0.0, "a"), (0.25, "b"), (1.0, "a"), (2.0, "a"), (5.0, "a"), (7.0, "b")]


def test_hints_about_made_up_payments_cost_a_few_looks_a_second() -> None:
    looks: list[str] = []

    async def story() -> None:
        hints = Hints(looks.append)
        for number in range(1_000):
            hints.hint(f"made up {number}")
        await asyncio.sleep(2)
        hints.hint("paid")

    played(SetClock(), story())
    assert (len(looks), looks[-1]) == (21, "paid")
