"""The reads of the sender of a venue: the stamps without an answer, and what it keeps of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from till.domain.events.envelope import read_time
from till.domain.fiscal import FiscalStamp
from till.domain.fiscal_sending import FIRST_WAIT_S, Backlog, StampWork, WaitingRecord
from till.sync.messages import Answer
from till.sync.reads import like
from till.sync.server import StoreRead

if TYPE_CHECKING:
    from till.sync.questions import StoreClient


class StampRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stamp without an answer."""

    event: str
    journal: str
    till: int = 0
    arrival: int = 0
    at: str
    kind: str
    number: str
    fields: dict[str, str]
    names: dict[str, str]
    previous: str
    hash: str


class BacklogAnswer(Answer, frozen=True, kw_only=True):
    """The answer to `fiscal_backlog_v1`."""

    now: str = ""
    scheme: str = ""
    settings: dict[str, str] = msgspec.field(default_factory=dict)
    records: tuple[StampRow, ...] = ()
    more: bool = False
    work: tuple[StampWork, ...] = ()
    sent_at: str | None = None
    wait_s: int = FIRST_WAIT_S


def waiting_record(row: StampRow) -> WaitingRecord:
    """Return the record of a stamp without an answer."""
    return like(WaitingRecord, row, at=read_time(row.at), stamp=like(FiscalStamp, row))


FISCAL_BACKLOG: Final = StoreRead("till.fiscal_backlog_v1", BacklogAnswer)
FISCAL_ANSWERS: Final = StoreRead("till.fiscal_answers_v1", Answer)


async def fiscal_backlog(client: StoreClient, after: int = 0, *, work: bool = False) -> Backlog:
    """Return the oldest stamps behind `after` without an answer of the authority, and with `work` those to make."""
    asked = {"journal": client.journal_id, "work": work, "after": after}
    answer = await client.read(FISCAL_BACKLOG, **asked)
    return Backlog(
        now=read_time(answer.now),
        scheme=answer.scheme,
        settings=answer.settings,
        work=answer.work,
        records=tuple(map(waiting_record, answer.records)),
        has_more=answer.more,
        sent_at=read_time(answer.sent_at) if answer.sent_at else None,
        wait_s=answer.wait_s,
    )


async def tell_fiscal(client: StoreClient, **facts: object) -> None:
    """Keep what the sender says: that a request goes out, the answers to one, or the end of its certificate."""
    await client.read(FISCAL_ANSWERS, journal=client.journal_id, **facts)
