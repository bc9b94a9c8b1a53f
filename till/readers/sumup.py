"""A Solo at SumUp. A checkout is sent once, with the till's key as its foreign id: there is no idempotency key.

Nothing but a transaction or a checkout of ours says what became of a payment. That SumUp lists none is no proof.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from till.domain.events.envelope import time_text
from till.domain.i18n import N_, _
from till.domain.ids import moment_of
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.ports.tender import ListedMoney, Outcome
from till.readers.account import CardReader
from till.readers.api import FAULTS, ReaderApi, ReaderRefusedError, ReaderUnsettledError, safe, untrusted
from till.readers.settings import SumUpSettings, read_settings, secret_in
from till.readers.waiting import ReaderError, ReaderTender, approved, declined, unknown
from till.tenders.http import HttpNoAnswerError, NotSentError
from till.tenders.settings import address_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from till.ports import Charge, ChargeAnswer, Clock
    from till.readers.waiting import GuestWait
    from till.tenders.http import HttpAnswer

_HTTPS: Final = 443
_QUESTION_S: Final = 6.0
_POLL_S: Final = 2.0
#: Seconds after the guest's time, or after Esc, in which the checkout ends.
_ENDING_S: Final = 30.0
#: The time in which SumUp lists the transaction of a successful checkout.
_LISTED_WITHIN: Final = timedelta(minutes=1)
#: The currencies whose amounts SumUp takes in whole units.
_WHOLE: Final = frozenset({"HUF", "CLP", "COP"})
_TIP_RATES: Final = (0.05, 0.1, 0.15)
_REFUSED: Final = frozenset({400, 401, 404, 422})
#: The statuses by which a checkout was most likely refused: believed once the guest's time is over.
_LIKELY_REFUSED: Final = frozenset({403, 429})
_ENDED: Final = frozenset({"failed", "cancelled"})
_NOT_PAID: Final = frozenset({"FAILED", "CANCELLED"})
_PAID: Final = frozenset({"SUCCESSFUL", "REFUNDED"})
#: The largest amount of an answer, in major units.
_LARGEST: Final = 10**13
_PAGE: Final = 100
_MOST_PAGES: Final = 100
_STEPS: Final = {
    "SELECTING_TIP": N_("choosing a tip"),
    "WAITING_FOR_CARD": N_("waiting for the card"),
    "WAITING_FOR_PIN": N_("PIN"),
    "WAITING_FOR_SIGNATURE": N_("signature"),
}
_JSON: Final = msgspec.json.Encoder(decimal_format="number")
_SILENT: Final = N_("SumUp does not answer. Trying again.")
_WAITS: Final = N_("SumUp has no outcome yet.")
_UNREACHED: Final = N_("SumUp cannot be reached, so nothing was sent.")

_Shape = TypeVar("_Shape")


class _Data(Struct, Generic[_Shape]):
    data: _Shape


class _Created(Struct):
    client_transaction_id: str
    checkout_id: str | None = None


class _Checkout(Struct):
    status: str
    checkout_id: str | None = None


class _State(Struct):
    status: str
    state: str | None = None


class _Reader(Struct):
    id: str
    name: str
    status: str


class _Readers(Struct):
    items: tuple[_Reader, ...]


class _Merchant(Struct):
    default_currency: str
    sandbox: bool | None = None


class _Event(Struct):
    event_type: str | None = None
    amount: Decimal | None = None
    timestamp: Any = None
    id: int | None = None
    status: str | None = None


class _Transaction(Struct):
    """A transaction, or a row of their list. Times and the card are read apart from the money."""

    amount: Decimal
    currency: str
    status: str
    transaction_code: str
    id: str = ""
    tip_amount: Decimal | None = None
    foreign_transaction_id: str | None = None
    client_transaction_id: str | None = None
    card: Any = None
    transaction_events: tuple[_Event, ...] | None = None
    timestamp: Any = None
    type: str | None = None
    payment_type: str | None = None

    @property
    def minor(self) -> Minor:
        """The amount in minor units."""
        return _minor(self.amount, self.currency)

    @property
    def brand_and_digits(self) -> tuple[str, str]:
        """The brand and the last four digits of the card."""
        card = self.card if isinstance(self.card, dict) else {}
        brand, digits = (safe(str(card.get(name) or "")) for name in ("type", "last_4_digits"))
        return brand.replace("_", " ").title(), digits

    @property
    def refunds(self) -> list[_Event]:
        """The refunds of the payment, without those that failed."""
        events = self.transaction_events or ()
        return [one for one in events if one.event_type == "REFUND" and one.status != "FAILED"]


class _Link(Struct):
    rel: str
    href: str


class _History(Struct):
    items: tuple[_Transaction, ...] | None = ()
    links: tuple[_Link, ...] | None = ()


class _Known(Struct):
    """A checkout that this till made."""

    id: str
    client_id: str
    successful_at: datetime | None = None


class SumUpTender(ReaderTender):
    """The implementation of `till.ports.Tender` for a Solo."""

    def __init__(self, settings: SumUpSettings, api: ReaderApi, clock: Clock, *, sale_id: str, affiliate: str) -> None:
        traits = settings.traits(looks_late=True)
        super().__init__(traits, clock, reader=settings.reader, sale_id=sale_id, within=settings.timeout_s)
        self._api, self._affiliate, self._settings = api, affiliate, settings
        self._merchant = f"merchants/{settings.merchant}"
        self._at_reader = f"/v0.1/{self._merchant}/readers/{settings.reader}"
        self._checkouts: dict[str, _Known] = {}
        #: The answers by which a checkout was most likely refused, by its key.
        self._refusals: dict[str, HttpAnswer] = {}
        #: The refunds that a payment had before one was sent, by its key.
        self._before: dict[str, set[int | None]] = {}

    # Payments

    async def _charge(self, charge: Charge, wait: GuestWait) -> ChargeAnswer:
        value = _units_in(charge)
        if value is None:
            return declined(charge, _("SumUp takes whole amounts of this currency. Round it, or pay in cash."))
        money = {"currency": charge.currency, "minor_unit": 0 if charge.currency in _WHOLE else 2, "value": value}
        app = {"app_id": self._settings.app_id, "key": self._affiliate, "foreign_transaction_id": charge.key}
        body = {"total_amount": money, "affiliate": app} | ({"tip_rates": _TIP_RATES} if self._settings.tips else {})
        try:
            made = (await self._asked("POST", f"{self._at_reader}/checkout", _Data[_Created], body, charge)).data
        except (ReaderRefusedError, ReaderUnsettledError) as fault:
            if fault.answer.status not in _LIKELY_REFUSED:
                return _of_fault(charge, fault, _REFUSED)
            self._refusals[charge.key] = fault.answer
            return unknown(charge, _(_WAITS))
        except FAULTS as fault:
            return _of_fault(charge, fault, _REFUSED)
        self._checkouts[charge.key] = _Known(made.checkout_id or "", made.client_transaction_id)
        wait.tell(_("On the reader: {amount}").format(amount=Currency(charge.currency).text(charge.amount)))
        return await self._waited(charge, wait)

    async def _waited(self, charge: Charge, wait: GuestWait) -> ChargeAnswer:
        """Poll until the outcome is known. Once the guest's time is over, end the checkout and poll a little longer."""
        until = wait.until + _ENDING_S
        is_over = False
        while True:
            now = self._clock.monotonic()
            if not is_over and (wait.is_left or now >= wait.until):
                is_over, until = True, min(until, now + _ENDING_S)
            if is_over:
                await self._terminate(charge)
            answer = await self._look(charge, whole=is_over)
            if answer.outcome is Outcome.DECLINED and wait.is_left:
                return declined(charge, _("Cancelled."))
            if answer.outcome is not Outcome.UNKNOWN or now >= until:
                return answer
            wait.heard(now, is_silent=answer.words == _(_SILENT))
            if not is_over:
                await self._show_step(wait)
            await wait.pause(_POLL_S)

    async def _terminate(self, charge: Charge) -> None:
        """Stop the reader, if our checkout is on it: it stops whatever it does. There is no confirmation."""
        if await self._status_of(charge) == "pending":
            await self._tried("POST", f"{self._at_reader}/terminate", object)

    async def _show_step(self, wait: GuestWait) -> None:
        shown = await self._tried("GET", f"{self._at_reader}/status", _Data[_State])
        if shown is not None and (words := _STEPS.get(shown.data.state or "")):
            wait.tell(_(words))

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        """See `Tender.ask_after`."""
        if charge.transaction:
            return await self._refund_outcome(charge)
        answer = await self._look(charge, whole=True)
        if answer.words == _(_WAITS) and charge.key not in self._checkouts and not self._has_time(charge):
            if (refusal := self._refusals.get(charge.key)) is not None:
                return declined(charge, _of_refusal(refusal))
            return unknown(charge, await self._words_for_a_person(charge))
        return answer

    async def _look(self, charge: Charge, *, whole: bool) -> ChargeAnswer:
        """Return the answer for what SumUp has now; with `whole`, also while our checkout waits."""
        status = await self._status_of(charge)
        try:
            paid = await self._transaction(foreign_transaction_id=charge.key) if whole or status != "pending" else None
            return self._meaning(charge, status, paid)
        except FAULTS:
            return unknown(charge, _(_SILENT))

    async def _status_of(self, charge: Charge) -> str:
        """Return the status of our checkout; empty if this till has none, or SumUp does not say."""
        known = self._checkouts.get(charge.key)
        if known is None or not known.id:
            return ""
        shown = await self._tried("GET", f"{self._at_reader}/checkout/{quote(known.id, safe='')}", _Data[_Checkout])
        if shown is None or shown.data.checkout_id != known.id:
            return ""
        if shown.data.status == "successful" and known.successful_at is None:
            known.successful_at = self._clock.now()
        return shown.data.status

    def _meaning(self, charge: Charge, status: str, paid: _Transaction | None) -> ChargeAnswer:
        """Return the answer for the status of our checkout and the transaction under our key."""
        if paid is None:
            return self._without_transaction(charge, status)
        known = self._checkouts.get(charge.key)
        is_ours = paid.foreign_transaction_id == charge.key or (
            not paid.foreign_transaction_id and known is not None and paid.client_transaction_id == known.client_id
        )
        if not is_ours or paid.currency != charge.currency:
            return unknown(charge, _("SumUp has another payment or currency for it. Look at its list."))
        if paid.status == "SUCCESSFUL":
            tip = _minor(paid.tip_amount or Decimal(), paid.currency)
            return approved(charge, paid.minor, paid.transaction_code, tip=tip, card=paid.brand_and_digits)
        if paid.status in _NOT_PAID and (status in _ENDED or not (status or self._has_time(charge))):
            return declined(charge, _("Declined or cancelled."))
        if paid.status == "REFUNDED":
            return unknown(charge, _("Paid, then refunded at SumUp. Look at its list."))
        return unknown(charge, _(_WAITS))

    def _without_transaction(self, charge: Charge, status: str) -> ChargeAnswer:
        """Return the answer while SumUp lists no transaction, which proves nothing by itself."""
        known = self._checkouts.get(charge.key)
        if status in _ENDED:
            return declined(charge, _("Cancelled, or not paid in time."))
        since = known.successful_at if known is not None and status == "successful" else None
        if known is None or since is None or self._settings.tips or self._clock.now() - since < _LISTED_WITHIN:
            return unknown(charge, _(_WAITS))
        return approved(charge, charge.amount, known.client_id)

    async def _words_for_a_person(self, charge: Charge) -> str:
        """Return the sentence with the payments of that amount: no till knows which one it is."""
        begun = moment_of(charge.key)
        times = {"oldest_time": time_text(begun), "newest_time": time_text(begun + timedelta(hours=1))}
        try:
            rows = [one for one in await self._history(times) if one.status in _PAID]
            same = [one for one in rows if one.currency == charge.currency and one.minor >= charge.amount]
        except FAULTS:
            return _(_WAITS)
        listed = ", ".join(f"{one.transaction_code} ({one.amount})" for one in same[:3]) or _("nothing")
        sentence = _("SumUp has no outcome for it. Of that amount or more it lists: {listed}.")
        return safe(sentence.format(listed=listed))

    # Refunds

    async def _refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        try:
            paid = await self._payment(transaction)
        except FAULTS:
            return declined(charge, _(_UNREACHED))
        if paid is None or paid.currency != charge.currency or _units_in(charge) is None:
            return declined(charge, _("SumUp cannot refund that. Refund it another way."))
        self._before[charge.key] = {one.id for one in paid.refunds}
        path = f"/v1.0/{self._merchant}/payments/{quote(paid.id, safe='')}/refunds"
        body = {"amount": Decimal(Currency(charge.currency).text(charge.amount))}
        try:
            await self._asked("POST", path, object, body, charge)
        except FAULTS as fault:
            return _of_fault(charge, fault, {*_REFUSED, 403, HTTPStatus.CONFLICT})
        return approved(charge, charge.amount, transaction)

    async def _refund_outcome(self, charge: Charge) -> ChargeAnswer:
        """Return the outcome of a refund by the refunds of its payment: one of that amount since its key was made."""
        begun = moment_of(charge.key).replace(microsecond=0)  # their times may be whole seconds
        try:
            paid = await self._payment(charge.transaction)
            same = [
                one
                for one in (paid.refunds if paid is not None else ())
                if (at := _time(one.timestamp)) is not None and at >= begun
                if one.id not in self._before.get(charge.key, ())
                if one.amount is not None and _minor(abs(one.amount), charge.currency) == charge.amount
            ]
        except FAULTS:
            return unknown(charge, _(_SILENT))
        if len(same) == 1 and same[0].status != "PENDING":
            return approved(charge, charge.amount, charge.transaction)
        return unknown(charge, _("SumUp does not say whether it was refunded. Look at its list."))

    async def _payment(self, transaction: str) -> _Transaction | None:
        """Return a payment by what was kept of it: its code, or the client's id of one that was not listed then."""
        found = await self._transaction(transaction_code=transaction)
        return found or await self._transaction(client_transaction_id=transaction)

    async def _transaction(self, **by: str) -> _Transaction | None:
        """Return a transaction; None if SumUp lists none."""
        try:
            return await self._asked("GET", f"/v2.1/{self._merchant}/transactions?{urlencode(by)}", _Transaction)
        except ReaderRefusedError as refused:
            if refused.answer.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    async def _history(self, asked: Mapping[str, str]) -> list[_Transaction]:
        """Return the rows of the list of transactions, page by page."""
        query = urlencode({**asked, "order": "ascending", "limit": _PAGE})
        found: dict[tuple[object, ...], _Transaction] = {}
        for _page in range(_MOST_PAGES):
            page = await self._asked("GET", f"/v2.1/{self._merchant}/transactions/history?{query}", _History)
            known = len(found)
            found |= {(one.id, one.type, str(one.timestamp), one.amount): one for one in page.items or ()}
            links = [one.href.rpartition("?")[2] for one in page.links or () if one.rel == "next"]
            if len(found) == known or not links:
                return list(found.values())
            query = quote(links[0], safe="=&%:+")
        raise HttpNoAnswerError("a list without end")

    async def _asked(
        self, method: str, path: str, kind: type[_Shape], body: Any = None, charge: Charge | None = None
    ) -> _Shape:
        content = ("", b"") if body is None else ("application/json", _JSON.encode(body))
        leaves = None if charge is None else lambda: self._check_age(charge)
        return await self._api.ask(method, path, kind, content, leaves=leaves)

    async def _tried(self, method: str, path: str, kind: type[_Shape]) -> _Shape | None:
        """Return an answer that decides nothing by itself; None without one."""
        try:
            return await self._asked(method, path, kind)
        except FAULTS:
            return None

    # The account

    async def readers(self) -> tuple[CardReader, ...]:
        """See `ReaderAccount.readers`."""
        found = await self._heard("GET", f"/v0.1/{self._merchant}/readers", _Readers)
        return tuple(CardReader(one.id, safe(one.name), safe(one.status)) for one in found.items)

    async def pair(self, code: str, name: str) -> CardReader:
        """See `ReaderAccount.pair`."""
        body = {"pairing_code": code, "name": name}
        made = await self._heard("POST", f"/v0.1/{self._merchant}/readers", _Reader, body)
        return CardReader(made.id, safe(made.name), safe(made.status))

    async def health(self) -> str:
        """See `HealthCheck.health`."""
        merchant = await self._heard("GET", f"/v1/{self._merchant}", _Merchant)
        reader = next((one for one in await self.readers() if one.id == self._settings.reader), None)
        if reader is None:
            sentence = _("SumUp has no such reader. `till admin tenders readers {name}` lists them.")
            raise ReaderError(sentence.format(name=self.traits.name))
        now = await self._tried("GET", f"{self._at_reader}/status", _Data[_State])
        state = _("its state is not known") if now is None else safe(f"{now.data.status} {now.data.state or ''}")
        mode = [_("TEST MODE, no money moves")] if merchant.sandbox else []
        return ", ".join([reader.name, reader.state, state, safe(merchant.default_currency), *mode])

    async def listed(self, since: datetime) -> tuple[ListedMoney, ...]:
        """See `Listing.listed`. SumUp's list has neither tips nor fees."""
        try:
            rows = await self._history({"oldest_time": time_text(since)})
            return tuple(_listed(one) for one in rows if one.status in _PAID or one.type == "CHARGE_BACK")
        except FAULTS as fault:
            raise _error(fault) from None

    async def _heard(self, method: str, path: str, kind: type[_Shape], body: Any = None) -> _Shape:
        try:
            return await self._asked(method, path, kind, body)
        except FAULTS as fault:
            raise _error(fault) from None


def open_sumup(settings: Mapping[str, Any], *, sale_id: str, clock: Clock) -> SumUpTender:
    """Return the reader at SumUp of the configuration, without sending anything.

    Args:
        settings: the tender's table in the configuration (`SumUpSettings`).
        sale_id: this till's name.
        clock: the clock of the ids, for the age of a payment.
    """
    chosen = read_settings(settings, SumUpSettings)
    address = address_in(chosen.address, kind=_("reader"), like="https://api.sumup.com", port=_HTTPS)
    api = ReaderApi(address, secret_in(chosen.key_file), _QUESTION_S)
    return SumUpTender(chosen, api, clock, sale_id=sale_id, affiliate=secret_in(chosen.affiliate_file))


# Amounts, times and words


def _units_in(charge: Charge) -> int | None:
    """Return an amount in SumUp's minor units; None if it cannot be expressed."""
    decimals = 0 if charge.currency in _WHOLE else 2
    units, rest = divmod(charge.amount * 10**decimals, Currency(charge.currency).scale)
    return None if rest else units


def _minor(amount: Decimal, currency: str) -> Minor:
    """Return an amount in minor units.

    Raises:
        HttpNoAnswerError: the currency has no such amount.
    """
    scaled = amount * Currency(currency).scale if abs(amount) < _LARGEST else Decimal("0.1")
    if scaled != int(scaled):
        raise HttpNoAnswerError("an impossible amount")
    return Minor(int(scaled))


def _time(text: Any) -> datetime | None:
    """Return a time with its zone; None for anything else."""
    try:
        moment: datetime = msgspec.convert(text, Annotated[datetime, msgspec.Meta(tz=True)])
    except msgspec.ValidationError:
        return None
    return moment


def _listed(row: _Transaction) -> ListedMoney:
    at = _time(row.timestamp)
    if at is None:
        raise HttpNoAnswerError("a payment without a time")
    is_other = row.type == "CHARGE_BACK" or row.payment_type not in {None, "POS"}
    return ListedMoney(
        reference=row.transaction_code,
        amount=row.minor if row.type in {None, "PAYMENT"} else Minor(-abs(row.minor)),
        currency=row.currency,
        at=at,
        other=" ".join(filter(None, (row.type, row.payment_type))) if is_other else "",
    )


def _of_fault(charge: Charge, fault: Exception, refused: Collection[int]) -> ChargeAnswer:
    """Return the answer for a request that failed. It had no effect if it was not sent, or by these statuses."""
    if isinstance(fault, NotSentError):
        return declined(charge, untrusted(fault, "SumUp") or _(_UNREACHED))
    if isinstance(fault, ReaderRefusedError | ReaderUnsettledError) and fault.answer.status in refused:
        return declined(charge, _of_refusal(fault.answer))
    return unknown(charge, _(_SILENT))


def _of_refusal(answer: HttpAnswer) -> str:
    """Return the sentence for a refusal: what is the matter if the till knows it, else in SumUp's words."""
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return _("SumUp does not accept the key in key_file.")
    if answer.status == HTTPStatus.CONFLICT:
        return _("SumUp cannot refund it now. Try again in some minutes, or refund it another way.")
    words = safe(answer.body.decode("utf-8", "replace"))
    if "READER_OFFLINE" in words:
        return _("The reader is offline. Is it on, and on the internet?")
    if "READER_BUSY" in words:
        return _("The reader is busy with another payment. Wait, or pay in another way.")
    if not words:
        return _("SumUp refused it without a reason ({status}).").format(status=answer.status)
    return _("SumUp refused. It says: {quoted}").format(quoted=words)


def _error(fault: Exception) -> ReaderError:
    if isinstance(fault, ReaderRefusedError):
        return ReaderError(_of_refusal(fault.answer))
    words = untrusted(fault, "SumUp") if isinstance(fault, NotSentError) else ""
    return ReaderError(words or _("SumUp does not answer. Is this machine on the internet?"))
