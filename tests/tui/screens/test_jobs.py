"""The keys of ten jobs at the counter: as many as `docs/keys.md` says, and the job is done at the last one."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

from tests.domain.making import refund_events
from tests.tui.playing import LOG_IN, FakeStore, keys
from tests.tui.quiet import a_quiet_till
from till.domain.money.measures import Minor
from till.domain.order.events import OrderPlaced
from till.domain.order.paying import CASH
from till.domain.payment.names import ACCOUNT
from till.ports import RemoteAccount, RemoteCustomer
from till.register.payments.tenders import AT_SERVER, BY_HAND, CARD, Tenders
from till.tenders.server import ServerTender

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tui.playing import Till

_PAGE = Path(__file__).parents[3] / "docs" / "keys.md"
_ROW = re.compile(r"\| (?P<job>[^|`]+) \| (?P<keys>`[^|]+`)[^|]* \| (?P<count>\d+) \|", re.MULTILINE)
_NAMED = {"Enter": "enter", "F2": "f2", "F7": "f7", "F8": "f8", "F9": "f9", "F10": "f10"}
_RAO = "0197a000-0000-7000-8000-00000000cccc"
_REFUNDED = "refund_approved"
_PARTS = ("54.00", "53.00", "53.00")


class Job(Struct, frozen=True):
    """A job of the page: what is on the order before, and the proof that it is done."""

    before: str
    done: Callable[[Till], bool]


def paid_by(till: Till) -> list[tuple[str, str, str]]:
    placed = till.journal.numbered(1)[-1].data
    assert isinstance(placed, OrderPlaced)
    return [(one.tender, one.amount, one.change) for one in placed.payments]


JOBS: dict[str, Job] = {
    "10 % off the bill": Job("2 idly{enter}2 tea{enter}", lambda till: till.order.total == 10_800),
    "three even parts in cash": Job(
        "4 idly{enter}", lambda till: [one[:2] for one in paid_by(till)] == [(CASH, part) for part in _PARTS]
    ),
    "a house account": Job("2 idly{enter}", lambda till: paid_by(till) == [(ACCOUNT, "80.00", "0.00")]),
    "“no onion” on a line": Job(
        "masala dosa{enter}",
        lambda till: [one.name for one in till.order.priced.rows[0].first.modifiers] == ["no onion"],
    ),
    "a refund of one piece": Job(
        "idly{enter}{f9}{enter}", lambda till: [one.type for one in refund_events(till.journal)][1:] == [_REFUNDED]
    ),
    "exact cash": Job("2 idly{enter}", lambda till: paid_by(till) == [(CASH, "80.00", "0.00")]),
    "cash of a note": Job("2 idly{enter}", lambda till: paid_by(till) == [(CASH, "80.00", "420.00")]),
    "card": Job("2 idly{enter}", lambda till: paid_by(till) == [(CARD, "80.00", "0.00")]),
    "a void": Job("2 idly{enter}tea{enter}", lambda till: till.lines() == {"Idly": 2}),
    "a round onto a table": Job(
        "2 idly{enter}tab 4{enter}2 tea{enter}",
        lambda till: [(tab.name, tab.total) for tab in till.register.open_tabs.local()] == [("table 4", 12_000)],
    ),
}


def page() -> dict[str, tuple[str, int]]:
    """Return the keys and their number of each job on the page."""
    return {found["job"]: (found["keys"], int(found["count"])) for found in _ROW.finditer(_PAGE.read_text("utf-8"))}


def pressed(text: str) -> str:
    """Return the script of keys written as `F9` `Enter`."""
    script = ""
    for key in re.findall(r"`([^`]+)`", text):
        script += f"{{{_NAMED[key]}}}" if key in _NAMED else key
    return script


def test_the_page_names_ten_jobs_and_counts_their_keys() -> None:
    jobs = page()
    assert list(jobs) == list(JOBS)
    for job, (text, count) in jobs.items():
        assert len(keys(pressed(text))) == count, job


@pytest.mark.parametrize("job", JOBS)
async def test_a_job_is_done_at_its_last_key_and_not_before(job: str, tmp_path: Path) -> None:
    store = FakeStore(
        guests=[RemoteCustomer(_RAO, "Mrs Rao", "", 3, {}, ())],
        accounts={_RAO: RemoteAccount(_RAO, Minor(50_000), Minor(0), Minor(50_000), "INR")},
    )

    async def saved(_seconds: float) -> bool:
        return True

    async with a_quiet_till(tmp_path, store=store) as till:
        asked = [ServerTender(traits, store) for traits in AT_SERVER]
        till.register.asker.begin(Tenders(BY_HAND, asked), saved)
        await till.type(LOG_IN + JOBS[job].before)
        placed = len(till.journal.numbered(1))
        *first, last = keys(pressed(page()[job][0]))
        await till.type("".join(f"{{{key}}}" for key in first))
        assert len(till.journal.numbered(1)) == placed, "no money moves before the last key"
        await till.type(f"{{{last}}}")
        for _turn in range(20):
            await asyncio.sleep(0)
        await till.settle()
        assert JOBS[job].done(till)
        till.register.asker.end()
