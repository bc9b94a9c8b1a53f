"""The bookkeeping of the asker: the movements that it requests, polls and remembers, over a use in memory."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.payments.scripted import HANGS, TERMINAL, UNKNOWN, Terminal, played
from till.domain.errors import JournalError, PaymentError
from till.domain.money.measures import Minor
from till.domain.payment.movement import ANSWERED, MoneyTransfer, PaymentState, Result, apply_result, is_news
from till.domain.structs import replace
from till.ports import ChargeReference, Slip
from till.register.payments.asking import LOOKED_AT, PRINTED, ChargeProgress, PaymentClient
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from datetime import datetime

    from tests.register.conftest import Till
    from tests.register.fakes import SetClock
    from till.ports import ChargeAnswer

A, D, S, U = PaymentState.APPROVED, PaymentState.DECLINED, PaymentState.STARTED, PaymentState.UNKNOWN
BUSY = "₹80.00 is still open there. Wait, or pay in cash."
CODE = replace(TERMINAL, shows_code=True)


@dataclass
class Kept:
    """A `Use` whose movements are kept in memory.

    Attributes:
        old: the movements that the asker does not remember.
        away: the movements that another till polls.
        full: True while the disk refuses each write.
        shown: the newest step, or the state after an answer with True for news, each time that the screen hears of it.
        upcoming: the time of the next poll, each time that the screen hears of the progress.
        elsewhere: the movements whose polls ended without an answer to this till.
    """

    clock: SetClock
    terminal: Terminal
    movements: dict[str, MoneyTransfer] = field(default_factory=dict)
    made: dict[str, ChargeProgress] = field(default_factory=dict)
    old: dict[str, ChargeProgress] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    full: bool = False
    shown: list[tuple[str, bool]] = field(default_factory=list)
    upcoming: list[datetime | None] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)

    def add(
        self, asker: PaymentClient, key: str, state: PaymentState = S, *, of: str = "", **more: Any
    ) -> ChargeProgress:
        """Add a payment of 80.00, or the return of the payment `of`, and return its progress."""
        name = self.terminal.name_charge(key)
        facts: dict[str, Any] = {"reference": (name.place, name.asker, key), "started_at": self.clock.now(), **more}
        facts.setdefault("is_answered", state in ANSWERED and "settled_by" not in more)
        movement = MoneyTransfer(key, "CARD", Minor(8_000), state, self.clock.now(), facts.pop("till", 1), **facts)
        self.movements[key] = movement
        progress = asker.progress_for(self, f"order of {of or key}", of or key, movement, "INR")
        assert progress is not None
        self.made[key] = progress
        return progress

    def states(self) -> list[PaymentState]:
        return [movement.state for movement in self.movements.values()]

    # `Use`

    def all_progress(self) -> Iterable[ChargeProgress]:
        return list(self.made.values())

    def find_progress(self, key: str) -> ChargeProgress | None:
        return self.old.get(key)

    def movement(self, progress: ChargeProgress) -> MoneyTransfer | None:
        return self.movements.get(progress.charge.key)

    def is_asked_here(self, progress: ChargeProgress) -> bool:
        return progress.charge.key not in self.away

    def write(self, progress: ChargeProgress, result: Result, slips: Iterable[Slip]) -> bool:
        if self.full:
            raise JournalError
        known = self.movements[progress.charge.key]
        self.movements[known.id] = apply_result(known, result, self.clock.now())
        self.slips += slips
        return is_news(known, result)

    def keep_slip(self, progress: ChargeProgress, slip: Slip) -> bool:
        if self.full:
            raise JournalError
        self.slips.append(slip)
        return not progress.goes_back

    def tell(self, progress: ChargeProgress, answer: ChargeAnswer | None = None, *, is_news: bool = False) -> None:
        self.upcoming.append(progress.next_at)
        if answer is None:
            self.shown.append((progress.steps[-1][1] if progress.steps else "", False))
        else:
            self.shown.append((self.movements[progress.charge.key].state, is_news))

    def heard_elsewhere(self, progress: ChargeProgress) -> None:
        self.elsewhere.append(progress.charge.key)


@pytest.fixture
def asker(till: Till) -> PaymentClient:
    return PaymentClient(till.register.ledger, till.register.reference)


@pytest.fixture
def kept(till: Till, asker: PaymentClient) -> Kept:
    """A use of one asker, whose terminal answers by its script."""
    use = Kept(till.clock, Terminal())
    asker.uses.append(use)
    return use


def begin(asker: PaymentClient, kept: Kept, *others: Terminal) -> None:
    asker.begin(Tenders(asked=[*others, kept.terminal]))


async def waits(seconds: float) -> bool:
    await asyncio.sleep(seconds)
    return False


# Starts


@pytest.mark.parametrize(
    ("under_way", "polls", "place", "traits", "is_free"),
    [
        ("V400m-1", 0, "V400m-1", TERMINAL, False),
        ("V400m-1", 1, "V400m-1", TERMINAL, True),  # without an answer it holds its order alone
        ("V400m-1", 0, "V400m-2", TERMINAL, True),
        ("V400m-1", 0, "V400m-1", CODE, True),  # each guest has a code of their own
        ("", 0, "", TERMINAL, True),  # a provider without places
    ],
)
def test_a_place_takes_one_charge_until_it_was_polled(
    asker: PaymentClient, kept: Kept, under_way: str, polls: int, place: str, traits: Any, *, is_free: bool
) -> None:
    async def story() -> None:
        begin(asker, kept)
        kept.terminal.place = under_way
        asker.start(kept.add(asker, "one"))
        kept.made["one"].asks = polls
        second = Terminal(place=place, traits=traits)
        if is_free:
            assert asker.name(second, "two") == (place, "till-1", "two")
        else:
            with pytest.raises(PaymentError) as refused:
                asker.name(second, "two")
            assert refused.value.sentence == BUSY

    kept.terminal.then(HANGS)
    played(kept.clock, story())


@pytest.mark.parametrize(
    ("reference", "is_named"), [(("", "", ""), False), (("", "", "7"), True), (("v", "", ""), True)]
)
def test_a_charge_that_could_not_be_polled_is_not_begun(
    asker: PaymentClient, reference: tuple[str, str, str], *, is_named: bool
) -> None:
    terminal = Terminal()
    terminal.name_charge = lambda _key: ChargeReference(*reference)  # type: ignore[assignment, method-assign]
    if is_named:
        assert asker.name(terminal, "one") == reference
    else:
        with pytest.raises(PaymentError, match="not set up on this till"):
            asker.name(terminal, "one")


def test_a_movement_by_hand_or_of_a_lost_tender_has_no_provider(asker: PaymentClient, kept: Kept) -> None:
    begin(asker, kept)
    movement = kept.add(asker, "one").use.movement(kept.made["one"])
    assert movement is not None
    by_hand, lost = replace(movement, reference=("", "", "")), replace(movement, tender="MEAL")
    assert [asker.progress_for(kept, "order", "one", one, "INR") for one in (by_hand, lost)] == [None, None]
    back = asker.progress_for(kept, "order", "payment", replace(movement, transaction="T-1"), "INR")
    assert back is not None
    assert (back.charge.key, back.payment_id, back.transaction, back.goes_back) == ("one", "payment", "T-1", True)


def later(answer: bool, seconds: float) -> Any:
    """Return a push that ends after some seconds."""

    async def push(_most: float) -> bool:
        await asyncio.sleep(seconds)
        return answer

    return push


CANCELLED, NEEDS_SERVER = "cancelled before it was sent", "this needs the server"
HELD = "another till has the order"


@pytest.mark.parametrize(
    ("needs_server", "push", "before", "passed", "reason"),
    [
        # a terminal is asked after half a second at the latest
        (False, None, "", 0.0, ""),
        (False, later(True, 0.25), "", 0.25, ""),
        (False, later(False, 0.25), "", 0.25, ""),
        (False, later(True, 90), "", 0.5, ""),
        (False, later(True, 0.25), "stop", 0.25, CANCELLED),
        (False, later(True, 90), "stop", 0.5, CANCELLED),
        (False, later(True, 0.25), "hold", 0.25, HELD),
        # the server answers as soon as it has the start, also after Esc
        (True, None, "", 0.0, NEEDS_SERVER),
        (True, later(True, 4), "", 4.0, ""),
        (True, later(False, 4), "", 4.0, NEEDS_SERVER),
        (True, later(True, 90), "", 5.0, NEEDS_SERVER),
        (True, later(False, 4), "stop", 4.0, NEEDS_SERVER),
        (True, later(True, 4), "stop", 4.0, ""),
        (True, later(True, 4), "hold", 4.0, ""),
        (True, later(False, 4), "answer", 4.0, ""),
    ],
)
def test_a_charge_is_sent_after_its_push_or_declined_here(
    till: Till, asker: PaymentClient, kept: Kept, needs_server: bool, push: Any, before: str, passed: float, reason: str
) -> None:
    kept.terminal.traits = replace(TERMINAL, needs_server=needs_server)
    began = till.clock.now()
    kept.terminal.saw = lambda: till.clock.passed

    async def story() -> None:
        asker.begin(Tenders(asked=[kept.terminal]), push)
        asker.start(kept.add(asker, "one"))
        await asyncio.sleep(0.1)
        if before == "stop":
            asker.stop("one")
        elif before == "hold":
            till.register.ledger.lock("order of one", "Asha has it")
        elif before == "answer":
            kept.movements["one"] = replace(kept.movements["one"], state=A)
        await asyncio.sleep(10)

    kept.terminal.then()
    played(till.clock, story())
    movement, progress = kept.movements["one"], kept.made["one"]
    assert (movement.state, movement.reason) == (D if reason else A, reason)
    assert kept.terminal.seen == ([] if reason else [pytest.approx(passed)])
    assert (movement.at - began).total_seconds() == pytest.approx(passed if before != "answer" else 0.0)
    assert (progress.is_asked, kept.terminal.stopped, kept.terminal.asked) == (not reason, [], [])


def test_a_charge_that_was_not_sent_is_polled_until_that_is_on_disk(asker: PaymentClient, kept: Kept) -> None:
    kept.terminal.traits = replace(TERMINAL, needs_server=True)
    kept.full = True

    async def story() -> None:
        begin(asker, kept)
        asker.start(kept.add(asker, "one"))
        await asyncio.sleep(0.5)
        kept.full = False
        await asyncio.sleep(5)

    kept.terminal.then("declined").then("declined")
    played(kept.clock, story())
    assert (kept.states(), kept.terminal.charged) == ([D], [])


def test_a_charge_is_sent_once_whoever_starts_it_again(asker: PaymentClient, kept: Kept) -> None:
    kept.terminal.then(HANGS)

    async def story() -> None:
        begin(asker, kept)
        for _time in range(2):
            asker.start(kept.add(asker, "one"))
        await asyncio.sleep(1)

    played(kept.clock, story())
    assert len(kept.terminal.charged) == 1


@pytest.mark.parametrize(
    ("of", "code", "steps"),
    [
        ("", "", ["asked for ₹80.00", "card read"]),
        ("", "upi://pay?am=80", ["asked for ₹80.00", "code ready"]),
        ("", "see upi://pay", ["asked for ₹80.00", "see upi://pay"]),
        ("payment", "", ["asked to refund ₹80.00"]),
    ],
)
def test_each_step_of_a_request_is_shown_as_it_comes(
    asker: PaymentClient, kept: Kept, of: str, code: str, steps: list[str]
) -> None:
    kept.terminal.code = code
    kept.terminal.then(HANGS)

    async def story() -> None:
        begin(asker, kept)
        asker.start(kept.add(asker, "one", of=of))
        await asyncio.sleep(1)

    played(kept.clock, story())
    progress = kept.made["one"]
    assert [words for _at, words in progress.steps] == [words for words, _news in kept.shown] == steps
    assert progress.code == (code if code.startswith("upi://") else "")


def test_a_provider_has_a_charge_from_the_request_until_it_answers_or_is_polled(
    asker: PaymentClient, kept: Kept
) -> None:
    """Meanwhile no shift is closed."""
    seen: list[tuple[float, bool]] = []

    async def look(at: float) -> None:
        await asyncio.sleep(at - kept.clock.passed)
        seen.append((at, asker.is_charging))

    async def story() -> None:
        asker.begin(Tenders(asked=[kept.terminal]), waits)
        asker.follow(kept.add(asker, "polled", U))
        await look(10.0)
        kept.terminal.then(after=20)
        asker.start(kept.add(asker, "answered"))
        await look(10.25)  # its start is being pushed
        await look(11.0)
        await look(40.0)
        kept.terminal.then(HANGS)
        asker.start(kept.add(asker, "lost"))
        await look(41.0)
        await look(135.0)

    kept.terminal.script.extend(Terminal().then(UNKNOWN).then(UNKNOWN).then(UNKNOWN).then(UNKNOWN).script)
    played(kept.clock, story())
    assert seen == [(10.0, False), (10.25, False), (11.0, True), (40.0, False), (41.0, True), (135.0, False)]


# Polls


@pytest.mark.parametrize(
    ("state", "when", "polled", "hinted"),
    [
        (S, "begun", 1, 0),
        (U, "begun", 1, 0),
        (U, "twice", 1, 0),
        (U, "known tenders", 0, 0),  # the till has not begun
        (U, "ended", 0, 0),
        (U, "away", 0, 0),
        (U, "gone", 0, 0),
        (U, "its start", 0, 0),
        (U, "start of another", 1, 0),
        (U, "a start that failed", 1, 0),
        (A, "begun", 0, 0),
        (D, "begun", 0, 1),  # money may arrive after a decline
        (D, "away", 0, 1),
        (D, "its start", 0, 0),
    ],
)
def test_a_movement_without_an_answer_is_polled_here_and_a_declined_one_after_a_hint(
    asker: PaymentClient, kept: Kept, state: PaymentState, when: str, polled: int, hinted: int
) -> None:
    async def story() -> tuple[int, int]:
        if when == "known tenders":
            asker.tenders = Tenders(asked=[kept.terminal])
        else:
            begin(asker, kept)
        progress = kept.add(asker, "one", state)
        if when == "ended":
            asker.end()
        elif when == "away":
            kept.away.add("one")
        elif when == "gone":
            kept.movements.clear()
        elif when == "a start that failed":
            with pytest.raises(JournalError), asker.starting("one"):
                raise JournalError
        start = {"its start": "one", "start of another": "two"}.get(when)
        with asker.starting(start) if start is not None else nullcontext():
            asker.follow(progress)
        if when == "twice":
            asker.follow(progress)
        assert (asker.progress_of("one") is progress) == bool(polled)
        await asyncio.sleep(0.5)
        before = len(kept.terminal.asked)
        if state is not U:
            asker.payment_hinted("one")
        await asyncio.sleep(0.25)
        return before, len(kept.terminal.asked) - before

    if state is S:
        kept.terminal.then(HANGS)
    assert played(kept.clock, story()) == (polled, hinted)


def polls_of(kept: Kept, story: Coroutine[Any, Any, None]) -> list[tuple[float, str]]:
    """Run a story, and return the second and the key of each poll."""
    times: list[float] = []
    ask_after = kept.terminal.ask_after

    async def timed(charge: Any) -> ChargeAnswer:
        times.append(round(kept.clock.passed, 3))
        return await ask_after(charge)

    kept.terminal.ask_after = timed  # type: ignore[method-assign]
    played(kept.clock, story)
    return list(zip(times, (charge.key for charge in kept.terminal.asked), strict=True))


def test_polls_come_at_growing_intervals_and_name_the_next_one(asker: PaymentClient, kept: Kept) -> None:
    shown: list[tuple[float, float | None]] = []
    began = kept.clock.now()

    async def story() -> None:
        begin(asker, kept)
        progress = kept.add(asker, "one", U)
        asker.follow(progress)
        for at in (1, 2.5, 4, 250):
            await asyncio.sleep(at - kept.clock.passed)
            assert progress.asked_at is not None or at == 1
            last, upcoming = (
                None if one is None else (one - began).total_seconds() for one in (progress.asked_at, progress.next_at)
            )
            shown.append((-1.0 if last is None else last, upcoming))

    for _poll in range(3):
        kept.terminal.then(UNKNOWN, after=2)
    polls = polls_of(kept, story())
    assert [at for at, _key in polls] == [0, 3, 7, 14, 24, 54, 114, 174, 234]
    assert shown == [(-1.0, None), (0.0, 3.0), (0.0, None), (234.0, 294.0)]
    assert kept.upcoming[:4] == [None, None, began + timedelta(seconds=3), None]


def test_the_orders_of_other_tills_are_waited_for_some_seconds_before_a_poll(asker: PaymentClient, kept: Kept) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async def story() -> None:
        asker.begin(Tenders(asked=[kept.terminal]), None, never)
        asker.follow(kept.add(asker, "one", U))
        await asyncio.sleep(5.5)

    assert polls_of(kept, story()) == [(5.0, "one")]


def test_news_of_an_order_polls_its_own_movements_at_once(asker: PaymentClient, kept: Kept) -> None:
    async def story() -> None:
        begin(asker, kept)
        for key in ("one", "two"):
            asker.follow(kept.add(asker, key, U))
        await asyncio.sleep(20)
        asker.wake("order of two")
        asker.wake("two")
        await asyncio.sleep(20)
        asker.ask_now("one")
        asker.ask_now("unknown")
        await asyncio.sleep(5)

    assert polls_of(kept, story())[-3:] == [(18.0, "two"), (20.0, "two"), (40.0, "one")]


@pytest.mark.parametrize("hint", ["payment_hinted", "ask_now"])
def test_news_that_come_during_a_poll_are_followed_by_another(asker: PaymentClient, kept: Kept, hint: str) -> None:
    """The answer may be older than the news."""

    async def story() -> None:
        begin(asker, kept)
        asker.follow(kept.add(asker, "one", U))
        await asyncio.sleep(1)
        getattr(asker, hint)("one")
        await asyncio.sleep(1.5)

    kept.terminal.then(UNKNOWN, after=2).then(HANGS)
    assert polls_of(kept, story()) == [(0.0, "one"), (2.0, "one")]


@pytest.mark.parametrize("how", ["answered", "away", "gone"])
def test_a_movement_that_another_till_answers_or_polls_is_polled_no_more(
    asker: PaymentClient, kept: Kept, how: str
) -> None:
    async def story() -> None:
        begin(asker, kept)
        asker.follow(kept.add(asker, "one", U))
        await asyncio.sleep(2)
        if how == "answered":
            kept.movements["one"] = replace(kept.movements["one"], state=D)
        elif how == "away":
            kept.away.add("one")
        else:
            kept.movements.clear()
        await asyncio.sleep(100)
        assert (asker.progress_of("one"), kept.elsewhere) == (None, ["one"])
        asker.payment_hinted("one")
        await asyncio.sleep(1)

    polls = polls_of(kept, story())
    assert polls == [(0.0, "one"), (1.0, "one"), *([(102.0, "one")] if how != "gone" else [])]


@pytest.mark.parametrize(("seconds", "polls"), [(0, []), (50, []), (70, [(70.0, "one")])])
def test_approved_money_is_announced_several_times_and_later_announcements_are_followed(
    asker: PaymentClient, kept: Kept, seconds: int, polls: list[tuple[float, str]]
) -> None:
    """A guest may have paid a code twice."""

    async def story() -> None:
        begin(asker, kept)
        asker.follow(kept.add(asker, "one", A))
        await asyncio.sleep(seconds)
        asker.payment_hinted("one")
        await asyncio.sleep(1)

    assert polls_of(kept, story()) == polls


# Answers


@pytest.mark.parametrize("late", ["shows_code", "looks_late", ""])
@pytest.mark.parametrize("says", ["declined", "approved"])
def test_a_declined_code_or_late_provider_is_polled_after_one_five_and_thirty_minutes(
    asker: PaymentClient, kept: Kept, says: str, late: str
) -> None:
    kept.terminal.traits = replace(TERMINAL, shows_code=late == "shows_code", looks_late=late == "looks_late")

    async def story() -> None:
        begin(asker, kept)
        asker.start(kept.add(asker, "one"))
        await asyncio.sleep(10_000)

    for _answer in range(9):
        kept.terminal.then(says)
    polls = polls_of(kept, story())
    assert [at for at, _key in polls] == ([60, 300, 1_800] if late and says == "declined" else [])
    assert (kept.elsewhere, kept.shown[-1]) == ([], (kept.movements["one"].state, not polls))


@pytest.mark.parametrize("uses", [1, 2])
def test_the_newest_finished_movements_of_each_use_are_remembered(asker: PaymentClient, kept: Kept, uses: int) -> None:
    keys = [f"{number:03}" for number in range(LOOKED_AT * uses + 1)]

    async def story() -> None:
        asker.uses[:] = [kept] * uses
        begin(asker, kept)
        for key in keys:
            asker.follow(kept.add(asker, key, D))
        for key in (keys[0], keys[1], keys[-1]):
            asker.payment_hinted(key)
        await asyncio.sleep(0.5)

    assert [key for _at, key in polls_of(kept, story())] == [keys[1], keys[-1]]


@pytest.mark.parametrize(
    ("says", "full", "shown", "is_last"),
    [
        ("approved", False, (A, True), True),
        ("declined", False, (D, True), True),
        ("authorised", False, (PaymentState.AUTHORISED, True), False),
        (UNKNOWN, False, (U, False), False),
        ("approved", True, ("", False), False),
    ],
)
def test_an_answer_ends_the_polls_if_it_is_final_and_on_disk(
    asker: PaymentClient, kept: Kept, says: str, shown: Any, *, full: bool, is_last: bool
) -> None:
    kept.full = full
    kept.terminal.then(says)

    async def story() -> None:
        begin(asker, kept)
        asker.follow(kept.add(asker, "one", U))
        await asyncio.sleep(0.5)
        assert ((asker.progress_of("one") is None), kept.elsewhere) == (is_last, [])
        assert shown in kept.shown

    polls_of(kept, story())
    assert (kept.movements["one"].state in ANSWERED) == is_last


@pytest.mark.parametrize("known", ["asked", "polled", "declined", "nobody's"])
def test_an_answer_about_another_charge_counts_there_alone(asker: PaymentClient, kept: Kept, known: str) -> None:
    async def story() -> None:
        begin(asker, kept)
        other = kept.add(asker, "other", D if known == "declined" else U)
        if known == "asked":
            kept.terminal.then(HANGS)
            asker.start(other)
            await asyncio.sleep(1)
        elif known != "nobody's":
            asker.follow(other)
            await asyncio.sleep(4)
        kept.terminal.then(key="other").then("declined")
        asker.start(kept.add(asker, "one"))
        await asyncio.sleep(5)

    played(kept.clock, story())
    assert kept.states() == [U if known == "nobody's" else A, D]


# Stops


@pytest.mark.parametrize(
    ("of", "state", "stops"), [("", S, ["one"]), ("payment", S, []), ("", U, [])], ids=["charge", "return", "polled"]
)
def test_only_a_charge_that_the_provider_has_is_stopped_and_once(
    asker: PaymentClient, kept: Kept, of: str, state: PaymentState, stops: list[str]
) -> None:
    kept.terminal.then(HANGS)

    async def story() -> None:
        begin(asker, kept)
        progress = kept.add(asker, "one", state, of=of)
        (asker.start if state is S else asker.follow)(progress)
        await asyncio.sleep(1)
        began = kept.clock.now()
        for key in ("one", "one", "unknown"):
            asker.stop(key)
            await asyncio.sleep(1)
        assert progress.stopping_at == (began if stops else None)

    played(kept.clock, story())
    assert [charge.key for charge in kept.terminal.stopped] == stops


@pytest.mark.parametrize("fault", [OSError(), None])
def test_a_charge_is_answered_though_its_stop_fails_or_hangs(
    asker: PaymentClient, kept: Kept, fault: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    kept.terminal.then(after=60)

    async def stop(_charge: Any) -> None:
        if fault is not None:
            raise fault
        await asyncio.Event().wait()

    kept.terminal.stop = stop  # type: ignore[assignment, method-assign]

    async def story() -> None:
        begin(asker, kept)
        asker.start(kept.add(asker, "one"))
        await asyncio.sleep(1)
        asker.stop("one")
        await asyncio.sleep(31)
        assert [one.message for one in caplog.records] == ["tender_not_stopped"]
        await asyncio.sleep(60)

    played(kept.clock, story())
    assert kept.states() == [A]


# Slips


def slip(number: int) -> Slip:
    return Slip(lines=(f"SLIP {number}",))


def test_slips_before_the_answer_are_kept_once_and_only_so_many(asker: PaymentClient, kept: Kept) -> None:
    async def story() -> None:
        begin(asker, kept)
        asker.start(kept.add(asker, "one"))
        await asyncio.sleep(1)
        kept.full = True
        assert not asker.keep_slip("one", slip(0))
        kept.full = False
        assert [asker.keep_slip("one", slip(number)) for number in (0, 0, 1, 2, 3, 4, 3)] == [
            True, True, True, True, True, False, True,
        ]  # fmt: skip
        assert not asker.keep_slip("another", slip(0))
        await asyncio.sleep(10)
        assert not asker.keep_slip("one", slip(9))  # it has its answer

    kept.terminal.then(after=5, slips=(slip(3), slip(4), slip(5)))
    played(kept.clock, story())
    assert kept.slips == [slip(number) for number in range(PRINTED + 2)]


def test_a_slip_without_room_is_not_confirmed_and_comes_with_the_answer(asker: PaymentClient, kept: Kept) -> None:
    async def story() -> None:
        begin(asker, kept)
        asker.start(kept.add(asker, "one", of="payment"))
        await asyncio.sleep(1)
        kept.keep_slip = lambda _progress, _slip: False  # type: ignore[assignment, method-assign]
        assert not asker.keep_slip("one", slip(0))
        await asyncio.sleep(10)

    kept.terminal.then(UNKNOWN, after=5, slips=(slip(1),)).then(slips=(slip(0),))
    played(kept.clock, story())
    assert kept.slips == [slip(0)]  # a slip of an answer that is not final comes again


class Printer(Terminal):
    """A terminal that posts slips before its answer."""

    keeps: list[object]

    def print_by(self, keep: object) -> None:
        self.keeps.append(keep)


def test_a_terminal_that_prints_knows_where_its_slips_are_kept(asker: PaymentClient, kept: Kept) -> None:
    printer = Printer(traits=replace(TERMINAL, name="MEAL"))
    printer.keeps = []
    begin(asker, kept, printer)
    assert printer.keeps == [asker.keep_slip]


# Settling by hand


@pytest.mark.parametrize(
    ("by", "began", "after"),
    [
        (1, 0.0, 90.0),
        (1, None, 80.0),  # its start is unknown: from its last state on
        (2, 0.0, 0.0),  # of another till, whose guest is here
        (2, 500.0, 10.0),  # its clock is fast
    ],
)
def test_a_manager_settles_a_charge_of_this_till_after_the_providers_time(
    asker: PaymentClient, kept: Kept, by: int, began: float | None, after: float
) -> None:
    begin(asker, kept)
    start = kept.clock.now()
    kept.add(asker, "one", U, till=by)
    movement = replace(
        kept.movements["one"],
        started_at=None if began is None else start + timedelta(seconds=began),
        at=start + timedelta(seconds=-10),
    )
    kept.clock.move(seconds=10)
    assert asker.may_settle_from(movement) == start + timedelta(seconds=after)


@pytest.mark.parametrize(
    ("more", "passed", "polls", "refusal"),
    [
        ({}, 89.0, 1, "It may still answer. A manager settles it from 10:32:30."),
        ({}, 90.0, 1, ""),
        ({}, 90.0, None, ""),  # nobody polls it
        ({}, 90.0, 0, "The terminal may still answer. Wait, then settle by hand."),
        ({"till": 2}, 0.0, 1, ""),
        ({"till": 2}, 0.0, 0, "The terminal may still answer. Wait, then settle by hand."),
        ({"reference": ("", "", "")}, 0.0, None, ""),  # a person took it
        ({"state": D}, 90.0, 1, "That already has its answer."),
    ],
)
def test_a_movement_is_settled_by_hand_once_its_provider_had_time(
    asker: PaymentClient, kept: Kept, more: dict[str, Any], passed: float, polls: int | None, refusal: str
) -> None:
    async def story() -> None:
        begin(asker, kept)
        progress = kept.add(asker, "one", U)
        if polls is not None:
            kept.terminal.then(HANGS)
            asker.follow(progress)
            progress.asks = polls
        movement = replace(kept.movements["one"], **more)
        kept.clock.move(seconds=passed)
        if not refusal:
            asker.check_settling(movement)
            return
        with pytest.raises(PaymentError) as refused:
            asker.check_settling(movement)
        assert refused.value.sentence == refusal

    played(kept.clock, story())


# Hints


class Quick(Terminal):
    """A terminal that polls by itself and can be hurried."""

    looked: list[str]

    def look_now(self, key: str) -> None:
        self.looked.append(key)


@pytest.mark.parametrize("is_quick", [True, False])
@pytest.mark.parametrize(("state", "polls"), [(S, []), (U, [90.0, 90.5])])
def test_a_hint_hurries_a_tender_that_polls_by_itself_until_the_till_polls(
    asker: PaymentClient, kept: Kept, state: PaymentState, polls: list[float], *, is_quick: bool
) -> None:
    looked: list[str] = []
    if is_quick:
        kept.terminal = quick = Quick()
        quick.looked = looked
    kept.terminal.then(HANGS if state is S else UNKNOWN)

    async def story() -> None:
        begin(asker, kept)
        progress = kept.add(asker, "one", state)
        if state is U:
            await asyncio.sleep(90)
            asker.follow(progress)
            await asyncio.sleep(0.5)
        else:
            asker.start(progress)
            await asyncio.sleep(1)
        asker.payment_hinted("one")
        await asyncio.sleep(0.25)
        assert looked == (["one"] if is_quick and state is S else [])

    assert [at for at, _key in polls_of(kept, story())] == polls
