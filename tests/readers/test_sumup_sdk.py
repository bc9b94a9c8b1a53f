"""SumUp's own SDK drives the provider of the tests, with the requests that a till sends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sumup import APIError, Sumup

from tests.readers.openapi import WrongError
from tests.readers.sumup import AFFILIATE, APP, KEY, MERCHANT, READER, Guest, SumUpJudge, running
from tests.readers.test_sumup import Till
from till.readers import sumup as module
from till.readers.api import ReaderApi
from till.readers.waiting import ReaderError
from till.tenders.http import HttpAddress

if TYPE_CHECKING:
    from tests.readers.sumup import SumUp

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class RealTime:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def at(sumup: SumUp, **settings: Any) -> Till:
    """A till that asks this provider over a socket."""
    till = Till(sumup, RealTime(), **settings)
    till.tender._api = ReaderApi(HttpAddress("127.0.0.1", sumup.port, "", tls=False), KEY, 6.0)
    return till


async def test_the_sdk_sends_what_the_till_sends() -> None:
    async with running(lambda: datetime.now(UTC)) as sumup:
        till = at(sumup, tips=True)
        charge = till.new()
        sumup.guests = [Guest(tip="1.25"), Guest(tip="1.25"), Guest("leaves")]
        paid = await till.charge(charge)
        assert (await till.tender.refund(till.new(250, transaction=paid.transaction), paid.transaction)).amount == 250
        await till.tender.health()
        by_till, sumup.asked = sumup.asked, []
        foreign = charge.key

        def by_sdk() -> None:
            with Sumup(KEY, base_url=f"http://127.0.0.1:{sumup.port}") as client:
                made = client.readers.create_checkout(
                    MERCHANT, READER, tip_rates=[0.05, 0.1, 0.15],
                    total_amount={"currency": "EUR", "minor_unit": 2, "value": 1250},
                    affiliate={"app_id": APP, "key": AFFILIATE, "foreign_transaction_id": foreign},
                )  # fmt: skip
                assert made.data.checkout_id is not None
                shown = client.readers.get_checkout(MERCHANT, READER, made.data.checkout_id)
                assert shown.data.status == "successful"
                found = client.transactions.get(MERCHANT, foreign_transaction_id=foreign)
                assert (found.amount, found.tip_amount, found.status) == (13.75, 1.25, "SUCCESSFUL")
                client.transactions.get(MERCHANT, transaction_code=by_till_code)
                client.transactions.refund(MERCHANT, found.id or "", amount=2.5)
                with pytest.raises(APIError):
                    client.transactions.refund(MERCHANT, found.id or "", amount=99.0)
                client.merchants.get(MERCHANT)
                assert [one.name for one in client.readers.list(MERCHANT).items] == ["Bar"]
                assert client.readers.get_status(MERCHANT, READER).data.state == "IDLE"
                assert client.transactions.list(MERCHANT, order="ascending", limit=100).items
                client.readers.terminate_checkout(MERCHANT, READER)
                assert client.readers.create(MERCHANT, pairing_code="ABCDEFGH1", name="Hall").status == "processing"

        by_till_code = paid.transaction
        await asyncio.to_thread(by_sdk)
        for one in by_till:
            ids = [(checkout.id, "X") for checkout in sumup.checkouts.values()]
            ids += [(str(found["id"]), "X") for found in sumup.transactions]
            assert _without(one, ids) in [_without(other, ids) for other in sumup.asked], one


def _without(asked: tuple[str, str, Any], ids: list[tuple[str, str]]) -> tuple[str, str, Any]:
    """Return a request without the ids that the provider made."""
    method, target, body = asked
    for made, name in ids:
        target = target.replace(made, name)
    return method, target, body


@pytest.mark.parametrize(
    "wrong",
    [(b"tip_rates", b"tip_rate"), (b"minor_unit", b"units"), (b'"value":1250', b'"value":12.50'), (b"app_id", b"app")],
)
async def test_a_misspelt_parameter_is_seen(wrong: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    class Misspelt:
        def encode(self, body: Any) -> bytes:
            return real.encode(body).replace(*wrong)

    real = module._JSON
    async with running(lambda: datetime.now(UTC)) as sumup:
        monkeypatch.setattr(module, "_JSON", Misspelt())
        seen: list[Exception] = []
        serve = sumup.answered

        def answered(*request: Any) -> tuple[int, bytes]:
            try:
                return serve(*request)
            except WrongError as fault:
                seen.append(fault)
                raise asyncio.IncompleteReadError(b"", 1) from fault

        monkeypatch.setattr(sumup, "answered", answered)
        await at(sumup, tips=True).charge()
        assert seen


def test_a_misspelt_query_and_an_unknown_status_are_seen() -> None:
    judge, path = SumUpJudge(), f"/v2.1/merchants/{MERCHANT}/transactions"
    judge.request("GET", path, "foreign_transaction_id=x", "", b"")
    for query in ("foreign_transaction=x", "foreign_transaction_id=x&status=paid"):
        with pytest.raises(WrongError):
            judge.request("GET", path, query, "", b"")
    answer = {
        "amount": 12.5,
        "currency": "EUR",
        "status": "SUCCESSFUL",
        "card": {"type": "VISA", "last_4_digits": "0366"},
    }
    judge.answer("GET", path, 200, answer)
    for wrong in ({"status": "PAID"}, {"amount": "12.50"}, {"card": {"type": "VISA", "last_4_digits": "366"}}):
        with pytest.raises(WrongError):
            judge.answer("GET", path, 200, answer | wrong)


async def test_the_account_is_asked_for_readers_and_a_reader_is_paired() -> None:
    async with running(lambda: datetime.now(UTC)) as sumup:
        till = at(sumup)
        assert await till.tender.health() == "Bar, paired, ONLINE IDLE, EUR"
        sumup.sandbox, sumup.faults = True, [("/status", "404")]
        assert await till.tender.health() == "Bar, paired, its state is not known, EUR, TEST MODE, no money moves"
        made = await till.tender.pair("ABCDEFGH1", "Hall")
        assert [one.name for one in await till.tender.readers()] == ["Bar", "Hall"]
        assert made.state == "processing"
        with pytest.raises(ReaderError, match="belong to you"):
            await till.tender.pair("ABCDEFGH2", "Hall")
        sumup.faults = [("readers", "lost"), ("merchants", "401")]
        with pytest.raises(ReaderError, match="Is this machine on the internet"):
            await till.tender.readers()
        with pytest.raises(ReaderError, match="does not accept the key"):
            await till.tender.readers()
        sumup.readers.clear()
        with pytest.raises(ReaderError, match="no such reader"):
            await till.tender.health()


async def test_the_list_has_payments_and_refunds_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 2)
    async with running(lambda: datetime.now(UTC)) as sumup:
        till, since = at(sumup), datetime.now(UTC)
        sumup.guests = [Guest(), Guest("fails"), Guest(), Guest()]
        paid = [await till.charge() for _payment in range(4)]
        for _part in range(2):
            await till.tender.refund(till.new(250), paid[0].transaction)
        sumup.transactions[3]["payment_type"] = "CASH"
        rows = await till.tender.listed(since)
        assert [(one.reference, one.amount, one.other) for one in rows] == [
            ("TAAA000001", 1250, ""), ("TAAA000001", -250, ""), ("TAAA000001", -250, ""), ("TAAA000003", 1250, ""),
            ("TAAA000004", 1250, "PAYMENT CASH"),
        ]  # fmt: skip
        assert await till.tender.listed(datetime.now(UTC)) == ()
        sumup.faults = [("history", "half")]
        with pytest.raises(ReaderError):
            await till.tender.listed(since)
