"""Attacks with a till's secret on the records of invoices: whatever it stamps, the others' are sent."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import msgspec
import pytest
from lxml import etree
from psycopg.types.json import Jsonb

from tests.fiscal.authority import SCHEMA
from tests.fiscal.server import Authority, opened
from tests.sql.conftest import template, venue
from tests.sql.ringing import new_id
from tests.sql.test_stamps import sell
from till.domain.events.envelope import canonical, read_time, sha256
from till.domain.fiscal import FiscalStamp, Installation, IssuedInvoice
from till.domain.fiscal_sending import Backlog
from till.domain.order.events import PlacedTax
from till.domain.order.state import Buyer
from till.domain.structs import replace
from till.fiscal.es_verifactu.exchange import EXCHANGE
from till.fiscal.es_verifactu.record import TOTAL, hash_of
from till.fiscal.es_verifactu.scheme import SCHEME
from till.sync.fiscal import BacklogAnswer, waiting_record
from till.wiring.fiscal import FiscalSender, post_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.sql.ringing import Till, Venue
    from till.domain.fiscal_sending import FiscalReply, RecordAnswer, WaitingRecord

__all__ = ["template", "venue"]
LAW: Final = {"nif": "B12345674", "name": "Bar Ñ & Co, S.L.", "producer_nif": "89890001K", "producer_name": "Producer",
              "program": "till", "system": "TL", "prefix": "B/"}  # fmt: skip
HOSTILE: Final = 200
_BUYER: Final = Buyer(name="Rao", tax_number="12345678Z", address="")
_TEXTS: Final = (
    "",
    "1",
    "x" * 250,
    "9999.00",
    "-0.01",
    "S",
    "99-99-2026",
    "<a>&",
    "\u202e\ufffe",
    "B98765431",
    "5" * 40,
)
_NAMES: Final = ("{", "[]", "null", '{"a": 1}', '{"a": {}}', '{"ImporteTotal": "1.00"}', '{"Desglose": "1"}',
                 '{"Destinatarios.1": "x"}', '{"Destinatarios.1.NIF": "12345678Z"}', '{"": ""}', '"x"')  # fmt: skip


class Chain:
    """A till of the venue with the newest of its stamps."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.newest: FiscalStamp | None = None

    def sell(self, buyer: Buyer | None = None, **changes: Any) -> tuple[IssuedInvoice, FiscalStamp]:
        """Make a sale, and return it with the stamp of an honest till."""
        _cart, order = sell(self.till, **changes)
        issued = IssuedInvoice(
            what="sale", of=order["order_id"], number=order["receipt"], at=self.till.now, currency="INR", buyer=buyer,
            net=order["net"], tax=order["tax"], total=order["total"],
            taxes=msgspec.convert(order["taxes"], tuple[PlacedTax, ...]),
        )  # fmt: skip
        installation = Installation(self.till.journal, self.till.number, "0.1.1")
        return issued, SCHEME.stamp(issued, LAW, installation, self.newest)

    def push(self, of: str, stamp: FiscalStamp, names: str = "", **changes: Any) -> None:
        data = {"chain": self.till.journal, "scheme": SCHEME.name, "kind": stamp.kind, "of": of,
                "number": stamp.number, "fields": dict(stamp.fields), "hash": stamp.hash, **changes}  # fmt: skip
        data |= {"previous": stamp.previous} if stamp.previous else {}
        self.till.make("fiscal_stamped", None, data, texts={"names": names} if names else None)
        assert self.till.push()["ok"], "its journal goes on"


class Store:
    """The database, as the sender reads it."""

    def __init__(self, till: Till) -> None:
        self.till = till

    async def fiscal_backlog(self, after: int = 0) -> Backlog:
        answer = self.till.read("till.fiscal_backlog_v1", journal=self.till.journal, after=after)
        found = msgspec.convert(answer, BacklogAnswer)
        return Backlog(now=read_time(found.now), scheme=found.scheme, settings=found.settings,
                       records=tuple(map(waiting_record, found.records)), has_more=found.more)  # fmt: skip

    async def begin_fiscal_request(self, batch: Sequence[WaitingRecord]) -> None:
        events = [one.event for one in batch]
        assert self.till.read("till.fiscal_answers_v1", journal=self.till.journal, begins=events)["ok"]

    async def keep_fiscal_answers(
        self,
        answers: Sequence[tuple[WaitingRecord, RecordAnswer]],
        reply: FiscalReply,
        trouble: str,
        untaken: Sequence[WaitingRecord] = (),
    ) -> None:
        rows = [{"event": one.event, "state": answer.state, "code": answer.code, "words": answer.words}
                for one, answer in answers]  # fmt: skip
        facts = {"receipt": reply.receipt, "trouble": trouble, "untaken": [one.event for one in untaken]}
        assert self.till.read("till.fiscal_answers_v1", journal=self.till.journal, answers=rows, **facts)["ok"]


def _random_stamp(chance: random.Random, honest: FiscalStamp) -> tuple[FiscalStamp, dict[str, Any]]:
    """Return the stamp of a hostile till, and further changes of its event."""
    fields, changes = dict(honest.fields), dict[str, Any]()
    kind, number, names = honest.kind, honest.number, ""
    paths = [*fields, *(path.rpartition(".")[0] for path in fields if "." in path)]
    for _change in range(chance.randint(1, 3)):
        match chance.randint(0, 9):
            case 0:
                fields.pop(chance.choice([*fields]), None)
            case 1 | 2:
                fields[chance.choice([*fields])] = chance.choice(_TEXTS)
            case 3 | 4:
                fields[chance.choice(paths) + chance.choice(("", ".x", ".1", ".", ".1.x"))] = chance.choice(_TEXTS)
            case 5:
                names = chance.choice(_NAMES)
            case 6:
                kind = chance.choice(("Anulacion", "F1", "R1", "R5", "F3", "", "x" * 200))
            case 7:
                number = chance.choice(("", honest.number + " ", "B/1-000001", "x" * 200))
            case 8:
                changes["of"] = new_id()
            case _:
                fields |= {"Subsanacion": "S", "RechazoPrevio": "X"}
    digest = chance.choice((honest.hash, "", "F00", hash_of(kind, number, fields, honest.previous)))
    stamp = FiscalStamp(kind=kind, number=number, fields=fields, names={}, previous=honest.previous, hash=digest)
    return stamp, changes | ({"names": names} if names else {})


def _fault_of_form(schema: etree.XMLSchema, request: Any) -> str:
    """Return why the authority takes no record of a request, by its schema."""
    for one in request.iterfind("{*}RegistroFactura"):
        if not schema.validate(etree.fromstring(ET.tostring(one[0]))):
            return str(schema.error_log)[:200]
    return ""


@pytest.mark.parametrize("is_checked", [True, False], ids=["checked", "without the data of the law"])
@pytest.mark.parametrize("seed", range(2))
async def test_the_honest_record_is_sent_beside_any_stamp_of_another_till(
    venue: Venue, seed: int, *, is_checked: bool
) -> None:
    fiscal = {"scheme": SCHEME.name, "from": "2026-01-01", "settings": LAW,
              "proof": msgspec.to_builtins(SCHEME.proof(LAW))}  # fmt: skip
    settings = Jsonb({"fiscal": fiscal, "fiscal_sender": 95})
    venue.owner.execute("UPDATE till.settings SET body = body || %s WHERE name = 'settings'", [settings])
    if is_checked:
        venue.ask("store_settings_v1", 9, Jsonb({"fiscal_law": msgspec.to_builtins(SCHEME.law(LAW))}))
    venue.owner.execute("SELECT till.till_enrol_v2(%s, 9, 95, NULL, %s, NULL)", [venue.store, sha256("secret 95")])
    chance, sender = random.Random(seed), venue.till(95)  # noqa: S311 - a game of chance
    sender.make("journal_opened", None, {"host": "server"})
    sender.push()
    honest, hostile = Chain(venue.till()), Chain(venue.till(2))
    expected, sums = [], {}
    for number in range(HOSTILE):
        issued, stamp = hostile.sell(chance.choice((None, _BUYER)), receipt=f"2-{number + 1:06d}")
        sums[issued.of] = issued.total
        bad, changes = _random_stamp(chance, stamp)
        hostile.push(changes.pop("of", issued.of), bad, **changes)
        hostile.newest = replace(stamp, hash=bad.hash)
        if number % 10 == 0:
            issued, stamp = honest.sell(chance.choice((None, _BUYER)))
            honest.push(issued.of, stamp, canonical(dict(stamp.names)) if stamp.names else "")
            honest.newest = stamp
            expected.append(stamp.hash)
    authority = Authority()
    if SCHEMA.exists():
        schema = etree.XMLSchema(etree.parse(SCHEMA))
        authority.check = lambda request: _fault_of_form(schema, request)
    async with opened(authority):
        loop = FiscalSender(Store(sender), EXCHANGE, lambda _group, body: post_records(authority.url, body, None, 5))
        for _step in range(2000):
            if not (await Store(sender).fiscal_backlog()).records:
                break
            await loop.step()
    assert [one.hash for one in authority.taken if one.hash in expected] == expected
    taken = {one.hash for one in authority.taken} - {*expected}
    query = "SELECT cold.stamp_json(s) FROM cold.fiscal_stamps AS s WHERE till_id = 2 AND hash = ANY(%s)"
    rows = [row for (row,) in venue.rows(query, [*taken])]
    assert all(row["fields"][TOTAL] == sums[row["of"]] for row in rows if row["hash"] in taken)
