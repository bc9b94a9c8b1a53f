"""The sender against an authority that fails: nothing twice, nothing skipped, each chain in its order."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.fiscal.server import NAMES, Authority, opened, read_record
from tests.register.conftest import VENUE
from till.administration.listing import ListResult
from till.administration.lists.invoices import RECORDS
from till.domain.fiscal import FiscalStamp, Installation, IssuedInvoice
from till.domain.fiscal_sending import (
    Backlog,
    FiscalOutcome,
    RecordState,
    RequestTurns,
    SendingPace,
    WaitingRecord,
    next_batch,
)
from till.domain.order.events import PlacedTax
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.fiscal.es_verifactu.exchange import Exchange, read_reply
from till.fiscal.es_verifactu.record import hash_of
from till.fiscal.es_verifactu.scheme import SCHEME
from till.wiring.fiscal import FiscalSender, post_records

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from till.domain.fiscal_sending import FiscalReply, RecordAnswer

NOON = datetime(2027, 3, 3, 12, tzinfo=UTC)
SETTINGS = {"nif": "B12345674", "name": "Bar Ñ & Co, S.L.", "producer_nif": "89890001K", "producer_name": "Producer",
            "program": "till", "system": "TL"}  # fmt: skip


class Few(Exchange):
    """The exchange with small requests."""

    most = 7


class Chain:
    """The stamps of an installation, in their order."""

    def __init__(self, till: int) -> None:
        self.till, self.records = till, []  # type: int, list[WaitingRecord]
        self.installation = Installation(f"journal {till}", till, "0.1.1")

    @property
    def _before(self) -> FiscalStamp | None:
        return self.records[-1].stamp if self.records else None

    @property
    def _at(self) -> datetime:
        return NOON + timedelta(seconds=len(self.records))

    def _add(self, stamp: FiscalStamp) -> WaitingRecord:
        event = f"{self.till}/{len(self.records)}"
        journal = self.installation.journal
        self.records.append(WaitingRecord(event=event, journal=journal, till=self.till, at=self._at, stamp=stamp))
        return self.records[-1]

    def sell(self) -> WaitingRecord:
        number = f"{self.till}-{len(self.records):06d}"
        taxes = (PlacedTax(name="IVA", tax="1.00", rate="10", net="10.00"),)
        sold = IssuedInvoice(what="sale", of=number, number=number, at=self._at, currency="EUR", net="10.00",
                             tax="1.00", total="11.00", taxes=taxes)  # fmt: skip
        return self._add(SCHEME.stamp(sold, SETTINGS, self.installation, self._before))

    def mend(self, one: WaitingRecord) -> WaitingRecord:
        return self._add(SCHEME.correct(one.stamp, SETTINGS, self.installation, self._before, at=self._at,
                                        held=False, refused=True))  # fmt: skip

    def annul(self, one: WaitingRecord) -> WaitingRecord:
        return self._add(SCHEME.annul(one.stamp, SETTINGS, self.installation, self._before, at=self._at, held=True))


class Venue:
    """Stamps less answers, in memory; it may die at each of its calls."""

    def __init__(self, chance: random.Random | None = None, most: int = Few.most) -> None:
        self.stamps: list[WaitingRecord] = []
        self.answers: dict[str, RecordAnswer] = {}
        self.now = NOON
        self.sent_at: datetime | None = None
        self.wait_s, self.trouble = 60, ""
        self.chance, self.most = chance, most

    def _die(self) -> None:
        if self.chance is not None and self.chance.random() < 0.08:
            raise ProcessLookupError("killed")

    async def fiscal_backlog(self, after: int = 0) -> Backlog:
        """Return a page of what waits, of as many records as a request holds."""
        if not after:  # else a look of many small pages would hardly ever end
            self._die()
        placed = [replace(one, arrival=place) for place, one in enumerate(self.stamps, 1)]
        waiting = [one for one in placed if one.event not in self.answers and one.arrival > after]
        page = tuple(waiting[: self.most])
        return Backlog(
            now=self.now, settings=SETTINGS, records=page, has_more=len(waiting) > len(page), sent_at=self.sent_at,
            wait_s=self.wait_s,
        )  # fmt: skip

    async def begin_fiscal_request(self, batch: Sequence[WaitingRecord]) -> None:
        assert batch
        early = self.sent_at is not None and self.now - self.sent_at < timedelta(seconds=self.wait_s)
        assert not early or len(self.stamps) - len(self.answers) >= self.most
        self.sent_at = self.now
        self._die()

    async def keep_fiscal_answers(
        self,
        answers: Sequence[tuple[WaitingRecord, RecordAnswer]],
        reply: FiscalReply,
        trouble: str,
        untaken: Sequence[WaitingRecord] = (),
    ) -> None:
        self._die()
        assert not (untaken and reply.receipt)
        self.trouble = trouble
        self.wait_s = self.wait_s if reply.wait_s is None else reply.wait_s
        for one, answer in answers:
            self.answers.setdefault(one.event, answer)


def line_to(authority: Authority) -> Callable[[str, bytes], Awaitable[tuple[int, bytes]]]:
    return lambda _group, body: post_records(authority.url, body, None, 0.2)


async def sent(venue: Venue, authority: Authority) -> None:
    """Send until all is answered; a sender that died is started again."""
    sender = FiscalSender(venue, Few(), line_to(authority))
    for _step in range(6000):
        try:
            pause = await sender.step()
        except ProcessLookupError:
            sender = FiscalSender(venue, Few(), line_to(authority))
            continue
        venue.now += timedelta(seconds=max(pause, 0.1))
        if len(venue.answers) == len(venue.stamps):
            return
    raise AssertionError(f"{len(venue.stamps) - len(venue.answers)} wait: {venue.trouble}")


@pytest.mark.parametrize("seed", range(8))
async def test_nothing_counts_twice_and_nothing_is_skipped(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a game of chance
    venue, authority = Venue(chance), Authority(chance=chance, wait_s=chance.choice([0, 60]))
    chains = [Chain(till) for till in (1, 2, 3)]
    annulled, due = set(), set()
    for chain in chains:
        sales = [chain.sell() for _sale in range(chance.randint(3, 25))]
        refused, other = chance.sample(sales, 2)
        authority.refused[refused.stamp.number] = "Valor o tipo incorrecto."
        due.add(refused.event)
        chain.mend(refused)
        chain.annul(other)
        annulled.add(other.event)
    left = [list(chain.records) for chain in chains]
    while some := [records for records in left if records]:
        venue.stamps.append(chance.choice(some).pop(0))
    unreadable = chance.choice([one for one in venue.stamps if one.event not in annulled and one.stamp.kind == "F2"])
    authority.check = lambda request: (
        "El XML no cumple el esquema."
        if any(read_record(one).hash == unreadable.stamp.hash for one in request.iterfind("lr:RegistroFactura", NAMES))
        else ""
    )
    async with opened(authority):
        await sent(venue, authority)
    refused_events = {event for event, answer in venue.answers.items() if answer.state is RecordState.REFUSED}
    assert refused_events == due | {unreadable.event}
    assert all(venue.answers[event].words for event in refused_events)
    assert len(authority.taken) == len({one.hash for one in authority.taken})
    for chain in chains:
        taken = [one.hash for one in authority.taken if one.installation == chain.installation.journal]
        assert taken == [one.stamp.hash for one in chain.records if one.event not in refused_events]


@pytest.mark.parametrize(
    "fault",
    [
        {"fields": {"Unknown": "1"}},
        {"fields": {"IDFactura": "1"}},
        {"fields": {"Desglose.x.CuotaRepercutida": "1"}},
        {"names": {"Desglose": "1"}},
        {"kind": "Anulacion"},
        {"hash": "F00"},
    ],
    ids=str,
)
async def test_a_record_that_cannot_be_written_is_refused_alone(fault: dict[str, Any]) -> None:
    venue, authority, chain, hostile = Venue(), Authority(), Chain(1), Chain(2)
    honest, bad = [chain.sell() for _sale in range(3)], hostile.sell()
    stamp = replace(bad.stamp, **fault | {"fields": {**bad.stamp.fields, **fault.get("fields", {})}})
    if "hash" not in fault:
        stamp = replace(stamp, hash=hash_of(stamp.kind, stamp.number, stamp.fields, stamp.previous))
    venue.stamps = [honest[0], replace(bad, stamp=stamp), *honest[1:]]
    async with opened(authority):
        await sent(venue, authority)
    assert [one.hash for one in authority.taken] == [one.stamp.hash for one in honest]
    assert venue.answers[bad.event].state is RecordState.REFUSED
    assert "cannot be written" in venue.answers[bad.event].words
    assert len(authority.requests) == 1


def test_a_record_that_the_authority_annulled_since_was_accepted_before() -> None:
    authority, chain = Authority(), Chain(1)
    sale = chain.sell()
    for one in (sale, chain.annul(sale)):
        authority.answer(Exchange().request([one.stamp], SETTINGS, is_late=False), "well")
    (found,) = read_reply(*authority.answer(Exchange().request([sale.stamp], SETTINGS, is_late=False), "well")).records
    assert (found.state, found.is_repeated) == (RecordState.ACCEPTED, True)


async def test_a_late_record_says_so_and_a_refused_head_refuses_no_record() -> None:
    venue, authority, chain = Venue(), Authority(ends=["forbidden", "busy"]), Chain(1)
    venue.stamps = [chain.sell() for _sale in range(3)]
    async with opened(authority):
        sender = FiscalSender(venue, Few(), line_to(authority))
        await sender.step()
        assert venue.trouble == "4104 El NIF del titular en la cabecera no está identificado."
        assert not venue.answers
        venue.now += timedelta(minutes=10)
        await sender.step()
        assert venue.trouble == "HTTP 503"
        venue.now += timedelta(minutes=10)
        await sender.step()
    assert not venue.trouble
    assert [late for _at, _records, late in authority.requests] == [False, True]
    assert [one.hash for one in authority.taken] == [one.stamp.hash for one in venue.stamps]


async def test_errors_that_the_rules_except_from_mending_are_no_trouble() -> None:
    venue, authority, chain = Venue(), Authority(), Chain(1)
    venue.stamps = [chain.sell() for _sale in range(3)]
    codes = ("2004", "2009", "2001")
    authority.marked = {one.stamp.number: f"{code} Aviso." for one, code in zip(venue.stamps, codes, strict=True)}
    async with opened(authority):
        venue.now += timedelta(seconds=125)  # late, with a margin to the authority's 240
        await sent(venue, authority)
    found = [venue.answers[one.event] for one in venue.stamps]
    assert [(one.state, one.code) for one in found] == [
        (RecordState.ACCEPTED, "2004"), (RecordState.ACCEPTED, "2009"), (RecordState.WITH_ERRORS, "2001"),
    ]  # fmt: skip
    assert authority.requests[0][2] is True


def test_failures_are_tried_again_within_the_hour() -> None:
    for failures in range(1, 40):
        pace = SendingPace(NOON, 60, failures)
        assert NOON + timedelta(minutes=1) <= pace.due_at(NOON, is_full=True) <= NOON + timedelta(hours=1)


def test_a_request_names_the_issuer_of_the_settings_whatever_name_a_till_wrote() -> None:
    """The agency refuses the whole request for a name in its head that is not the one of the NIF."""
    stamp = Chain(1).sell().stamp
    other = replace(stamp, fields={**stamp.fields, "NombreRazonEmisor": "Somebody Else"})
    head, _record = Exchange().request([stamp, other], SETTINGS, is_late=False).decode().split("</sfLR:Cabecera>")
    assert ("Bar Ñ &amp; Co, S.L." in head, "Somebody Else" in head) == (True, False)
    earlier = Exchange().request([stamp], SETTINGS | {"nif": "A58818501", "name": "New"}, is_late=False).decode()
    assert "Bar Ñ &amp; Co, S.L." in earlier.split("</sfLR:Cabecera>")[0]


def test_a_batch_holds_one_issuer_and_each_number_once() -> None:
    chain = Chain(1)
    sales = [chain.sell(), chain.sell()]
    records = [*sales, chain.mend(sales[0]), chain.sell()]
    group = Exchange().group
    assert [one.event for one in next_batch(records, 1000, group)] == ["1/0", "1/1"]
    trial = replace(sales[1], stamp=replace(sales[1].stamp, fields={**sales[1].stamp.fields, "Prueba": "S"}))
    assert [len(next_batch(some, most, group)) for some, most in (([sales[0], trial], 9), (sales, 1))] == [1, 1]


def test_records_of_another_group_have_a_turn_after_ten_requests_and_only_then() -> None:
    own, other, group = Chain(1).sell(), Chain(2).sell(), Exchange().group
    trial = replace(other, stamp=replace(other.stamp, fields={**other.stamp.fields, "Prueba": "S"}))
    turns, mine = RequestTurns(7), group(own.stamp)

    def asked(times: int, *waiting: WaitingRecord) -> str:
        return "".join(str(one.till) for _time in range(times) for one in turns.next(waiting, group, mine))

    assert asked(24, own, trial) == "111111111121111111111211"
    assert asked(20, own) == "1" * 20, "alone, it waits for nobody"
    assert asked(3, trial) == "222"
    assert asked(11, own, trial) == "11111111112", "a turn begins anew"


async def test_a_refused_certificate_is_told_as_such() -> None:
    venue, authority, chain = Venue(), Authority(ends=["closed"]), Chain(1)
    venue.stamps = [chain.sell()]
    async with opened(authority):
        await FiscalSender(venue, Few(), line_to(authority)).step()
    assert venue.trouble == "It shows an error page (HTTP 302), as it does to a certificate that it refuses."
    assert not venue.answers


@pytest.mark.parametrize("body", [b"", b"<html>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"<a/>", b"\xff\xfe"])
def test_an_answer_of_another_kind_is_asked_again(body: bytes) -> None:
    assert read_reply(200, body).outcome is FiscalOutcome.AGAIN


def test_desk_says_how_many_wait_and_why_before_what_was_refused() -> None:
    at = NOON.isoformat()
    state = {"scheme": "es-verifactu", "sender": 95, "heard_at": at, "sent_at": None, "trouble": "HTTP 503",
             "trouble_since": at, "certificate_ends": None, "waiting": 2, "since": at, "accepted": 0, "work": 0,
             "troubles": [{"id": "1", "number": "1-000123", "kind": "F2", "till": 1, "at": at, "state": "refused",
                           "code": "1100", "words": "No."}]}  # fmt: skip
    rows = ListResult(RECORDS, read_venue(VENUE), state, {"now": NOON}).desk_rows()
    notes = " ".join(row.name for row in rows if row.is_note)
    assert "2 records wait to be sent" in notes
    assert "took nothing since" in notes
    assert [row.name for row in rows if not row.is_note] == ["1-000123"]


def breaking(hostile: Chain) -> Callable[[Any], str]:
    """Return a check by which each record of a till breaks the form."""
    return lambda request: (
        "El XML no cumple el esquema."
        if any(
            read_record(one).installation == hostile.installation.journal
            for one in request.iterfind("lr:RegistroFactura", NAMES)
        )
        else ""
    )


@pytest.mark.parametrize(("tills", "requests"), [(2, 3), (10, 7)])
@pytest.mark.parametrize("place", [0, 0.5, 0.99])
async def test_an_honest_record_behind_malformed_ones_is_sent_soon(tills: int, requests: int, place: float) -> None:
    chains = [Chain(till) for till in range(1, tills + 1)]
    hostile = chains[int(place * tills)]
    honest = [chain.sell() for chain in chains if chain is not hostile]
    half = [hostile.sell() for _sale in range(150)]
    venue, authority = Venue(most=Exchange.most), Authority(check=breaking(hostile))
    venue.stamps = [*half, *honest[:-1], *(hostile.sell() for _sale in range(150)), *honest[-1:]]
    async with opened(authority):
        sender = FiscalSender(venue, Exchange(), line_to(authority))
        while len(authority.taken) < len(honest):
            venue.now += timedelta(seconds=60)
            await sender.step()
        assert len(authority.requests) <= requests
        assert {one.hash for one in authority.taken} == {one.stamp.hash for one in honest}
        for chain in chains:  # the others go on meanwhile, and the till that was found has its turn
            if chain is not hostile:
                venue.stamps += [chain.sell() for _sale in range(11)]
        while any(one.event not in venue.answers for one in venue.stamps if one not in half):
            venue.now += timedelta(seconds=60)
            await sender.step()
    refused = {event for event, answer in venue.answers.items() if answer.state is RecordState.REFUSED}
    assert refused <= {one.event for one in hostile.records}
    for chain in chains:
        taken = [one.hash for one in authority.taken if one.installation == chain.installation.journal]
        assert taken == ([] if chain is hostile else [one.stamp.hash for one in chain.records])


async def test_records_of_another_group_wait_behind_and_delay_nobody() -> None:
    venue, chain, hostile = Venue(), Chain(1), Chain(2)
    trial = [replace(one, stamp=replace(one.stamp, fields={**one.stamp.fields, "Prueba": "S"}))
             for one in (hostile.sell() for _sale in range(30))]  # fmt: skip
    venue.stamps = [*trial, chain.sell()]
    asked: list[str] = []
    authority = Authority()

    async def post(group: str, body: bytes) -> tuple[int, bytes]:
        asked.append(group)
        return (503, b"") if group.endswith("trial") else await line_to(authority)(group, body)

    async with opened(authority):
        sender = FiscalSender(venue, Few(), post)
        for _step in range(9):
            venue.now += timedelta(hours=1)
            await sender.step()
        venue.stamps.append(chain.sell())
        venue.now += timedelta(seconds=60)
        await sender.step()
    assert [one.hash for one in authority.taken] == [one.stamp.hash for one in chain.records]
    assert asked == ["B12345674", *["B12345674 trial"] * 8, "B12345674"]
