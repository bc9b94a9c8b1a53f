"""A card reader at Stripe, driven by Stripe's server (Terminal), as a tender.

The payment intent decides, never the reader: only an intent that is canceled was not charged. Its idempotency key and
its parameters come from the charge alone, so any till can find it, or make and cancel it for a till that was frozen.
"""

from __future__ import annotations

import logging
import math
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar
from urllib.parse import quote, urlencode

from msgspec import Meta, Struct

from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.ids import moment_of
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.payment.cards import brand_of, last_four_of
from till.ports.tender import ListedMoney, Outcome
from till.readers.account import CardReader
from till.readers.api import FAULTS, ReaderApi, ReaderRefusedError, read, safe, untrusted
from till.readers.settings import StripeSettings, read_settings, secret_in
from till.readers.waiting import GuestWait, ReaderError, ReaderTender, approved, declined, unknown
from till.tenders.http import HttpError, HttpNoAnswerError, NotSentError
from till.tenders.settings import address_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from till.ports import Charge, ChargeAnswer, Clock

#: The version of the API by which Stripe reads requests and shapes answers. From 2026-09-30 on it refuses
#: `payment_method_types`, which the published description that judges the requests has.
VERSION: Final = "2026-08-26.dahlia"
_HTTPS: Final = 443
_LIKE: Final = "https://api.stripe.com/v1"
_REQUEST_S: Final = 6.0
_EVERY_S: Final = 2.0
#: Seconds in which a cancelled payment is tried again to be cancelled and read.
_END_S: Final = 20.0
#: The time for which a repeated idempotency key is the same intent: Stripe keeps one for at least 24 hours.
_REPEATS: Final = timedelta(hours=20)
#: The largest difference between Stripe's clock and the till's, in seconds.
_SLACK_S: Final = 600
_PAGE: Final = 100
_MOST_PAGES: Final = 100
_KEY: Final = re.compile(r"(sk|rk)_(test|live)_[A-Za-z0-9_]+\Z")
#: The decimals of Stripe's amounts where they differ from ISO 4217's.
_DECIMALS: Final = {"ISK": 2, "MGA": 0, "UGX": 2}
_THREE: Final = 3
#: The statuses of an intent that no reader changes any more.
_OVER: Final = frozenset({"canceled", "succeeded"})
#: The statuses of a refund that moves no money.
_NOT_BACK: Final = frozenset({"failed", "canceled"})
_METHOD: Final = ("payment_method_details",)
_WORDS: Final[Mapping[str, Callable[[], str]]] = {
    "card_declined": lambda: _("The bank refused the card."),
    "customer_canceled": lambda: _("The guest cancelled at the reader."),
    "intent_invalid_state": lambda: _("Cancelled at Stripe."),
    "terminal_reader_busy": lambda: _("The reader is busy. Wait a moment, then try again."),
    "terminal_reader_offline": lambda: _("The reader is offline. Is it on, and on the internet?"),
    "terminal_reader_timeout": lambda: _("The reader did not answer in time."),
}
_log: Final = logging.getLogger(__name__)
_Kind = TypeVar("_Kind")
_Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{1,128}\Z")]
_Units = Annotated[int, Meta(ge=0, le=10**13)]


class _Listed(Struct, frozen=True, kw_only=True):
    id: _Id
    created: _Units = 0
    metadata: dict[str, str] | None = None


class _Intent(_Listed, frozen=True, kw_only=True):
    status: str
    amount: _Units
    currency: str
    livemode: bool
    amount_received: _Units = 0
    amount_details: Any = None
    latest_charge: Any = None


class _Reader(_Listed, frozen=True, kw_only=True):
    livemode: bool
    label: str = ""
    status: str | None = None
    action: dict[str, Any] | None = None


class _Refund(_Listed, frozen=True, kw_only=True):
    amount: _Units
    currency: str
    status: str | None = None
    payment_intent: str | None = None


_One = TypeVar("_One", bound=_Listed)


class _Page(Struct, Generic[_One], frozen=True):
    data: tuple[_One, ...]
    has_more: bool


class _AmountError(NotSentError):
    """An amount that Stripe cannot express."""


def open_stripe(settings: Mapping[str, Any], *, sale_id: str, clock: Clock) -> StripeTender:
    """Return the reader of the configuration, without sending anything.

    Args:
        settings: the reader's table in the configuration (`StripeSettings`).
        sale_id: this till's name.
        clock: the clock of the ids, for the age of a payment.
    """
    known = read_settings(settings, StripeSettings)
    key = secret_in(known.key_file)
    if not (kind := _KEY.match(key)):
        raise ConfigError(_("{file} holds no key of Stripe: rk_live_… or rk_test_….").format(file=known.key_file))
    address = address_in(known.address, kind=_("reader"), like=_LIKE, port=_HTTPS)
    return StripeTender(
        known,
        ReaderApi(address, key, _REQUEST_S, {"Stripe-Version": VERSION}),
        clock,
        sale_id=sale_id,
        is_test=kind[2] == "test",
    )


class StripeTender(ReaderTender):
    """The implementation of `till.ports.Tender` for a reader at Stripe.

    Args:
        settings: the settings of the reader.
        api: Stripe's API.
        clock: the time.
        sale_id: this till's name.
        is_test: True if the key is of the test mode. An answer of the other mode counts as none.
    """

    def __init__(self, settings: StripeSettings, api: ReaderApi, clock: Clock, *, sale_id: str, is_test: bool) -> None:
        traits = settings.traits(is_test=is_test)
        super().__init__(traits, clock, reader=settings.reader, sale_id=sale_id, within=settings.timeout_s)
        self._api = api
        self._tips = settings.tips
        self._every = _EVERY_S

    # Payments

    async def _charge(self, charge: Charge, wait: GuestWait) -> ChargeAnswer:
        """Look at the reader, make the intent, hand it to the reader, and wait. Before that, each fault declines."""
        wait.tell(_("Asking the reader."))
        try:
            if words := await self._in_use():
                return declined(charge, words)
            intent = (await self._made(charge, charge)).id
        except FAULTS as fault:
            return declined(charge, _not_asked(fault))
        if wait.is_left:
            return declined(charge, _("Cancelled at the till."))
        failure = ""
        fields = {"payment_intent": intent, "process_config[skip_tipping]": "false" if self._tips else "true"}
        try:  # without a key, whose errors Stripe would repeat
            await self._post(f"/terminal/readers/{self._reader}/process_payment_intent", _Reader, fields, sent=charge)
        except NotSentError as fault:
            return declined(charge, _not_asked(fault))
        except ReaderRefusedError as fault:
            failure = _of_refusal(fault)
        except HttpError:
            failure = _("The reader did not answer in time.")
        wait.tell(_("On the reader: {amount}").format(amount=Currency(charge.currency).money(charge.amount)))
        return await self._waited(charge, intent, wait, failure)

    async def _in_use(self) -> str:
        """Return why the reader is not asked; empty if it is free. Clear a payment that is over: no till waits for it.

        A till that was killed, or whose request to clear the reader was lost, leaves its payment there.
        """
        reader = await self._reader_now(self._reader)
        words, left = _busy(reader), _at(reader.action, "process_payment_intent", "payment_intent")
        is_online = reader.status != "offline"
        if words and left and is_online and (await self._intent(str(left))).status in _OVER:
            await self._try(f"/terminal/readers/{self._reader}/cancel_action", _Reader)
            return ""
        return words

    async def _waited(self, charge: Charge, intent: str, wait: GuestWait, failure: str) -> ChargeAnswer:
        """Poll the reader, then the intent. After a failure, Esc or the guest's time, cancel the intent first."""
        ends = math.inf
        while True:
            is_shown, reason = await self._shown(intent)
            now = self._clock.monotonic()
            over = _("Cancelled at the till.") if wait.is_left else _("Nobody paid in time.")
            failure = failure or (over if wait.is_left or now >= wait.until else reason)
            if failure and is_shown:
                await self._try(f"/terminal/readers/{self._reader}/cancel_action", _Reader)
            answer = await self._settled(charge, intent, failure)
            wait.heard(now, is_silent=answer.words == _no_answer())
            ends = min(ends, now + _END_S) if failure else ends
            if answer.outcome is not Outcome.UNKNOWN or now >= ends:
                return answer
            await wait.pause(self._every)

    async def _shown(self, intent: str) -> tuple[bool, str]:
        """Return True if the reader asks for this intent, and why nobody will pay there; empty if somebody may."""
        try:
            action = (await self._reader_now(self._reader)).action
        except FAULTS:
            return False, ""
        if _at(action, "process_payment_intent", "payment_intent") != intent:
            return False, _("The reader was taken for another payment, or cleared.")
        if _at(action, "status") == "failed":
            return False, _described(_at(action, "failure_code"), _at(action, "failure_message"))
        return _at(action, "status") == "in_progress", ""

    async def _settled(self, charge: Charge, intent: str, failure: str) -> ChargeAnswer:
        """Return the answer by the intent. After a `failure` cancel it first: until then a card may still be taken."""
        if failure:
            await self._try(f"/payment_intents/{intent}/cancel", _Intent)
        try:
            return _of_intent(charge, await self._intent(intent), intent, failure)
        except FAULTS:
            return unknown(charge, _no_answer())

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        """See `Tender.ask_after`. Without an intent, make the one that a frozen till may still make, and cancel it."""
        try:
            if charge.transaction:
                return await self._refund_outcome(charge)
            at, found = int(moment_of(charge.key).timestamp()), None
            around = {"created[gte]": at - _SLACK_S, "created[lte]": at + _SLACK_S}
            found = await self._found("/payment_intents", _Page[_Intent], around, charge)
            if found is None:
                if self._has_time(charge):
                    return unknown(charge, _("Stripe does not know it yet."))
                if self._age(charge) > _REPEATS:
                    return unknown(charge, _("Stripe has no such payment. Look at its list."))
                await self._reader_now(charge.reference.place)  # proves that this is the account which was asked
                found = await self._made(charge)
            return await self._settled(charge, found.id, "" if self._has_time(charge) else _("Nobody paid in time."))
        except _AmountError as fault:
            return declined(charge, str(fault))
        except FAULTS as fault:
            _log.info("stripe_silent", extra={"charge": charge.key, "fault": type(fault).__name__})
            return unknown(charge, _no_answer())

    # Refunds

    async def _refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        is_sent = False
        try:
            if _at((await self._intent(transaction)).latest_charge, *_METHOD, "type") == "interac_present":
                return declined(charge, _("Interac is refunded with the card. Refund it another way."))
            fields = {"payment_intent": transaction, "amount": units_of(charge), "metadata[till]": charge.key}
            is_sent = True
            return _of_refund(charge, await self._post("/refunds", _Refund, fields, charge.key, charge))
        except (NotSentError, ReaderRefusedError) as fault:
            return declined(charge, _not_asked(fault))
        except HttpError as fault:
            return unknown(charge, _no_answer()) if is_sent else declined(charge, _not_asked(fault))

    async def _refund_outcome(self, charge: Charge) -> ChargeAnswer:
        """Return the answer by the payment's refunds. One that is not there after its time was never sent."""
        found = await self._found("/refunds", _Page[_Refund], {"payment_intent": charge.transaction}, charge)
        if found is not None:
            return _of_refund(charge, found)
        if self._has_time(charge):
            return unknown(charge, _("Stripe does not know it yet."))
        return declined(charge, _("Stripe never got it."))

    # The account

    async def readers(self) -> tuple[CardReader, ...]:
        """See `ReaderAccount.readers`."""
        try:
            found = (await self._get("/terminal/readers", _Page[_Reader], {"limit": _PAGE})).data
        except FAULTS as fault:
            raise ReaderError(_not_asked(fault)) from None
        return tuple(CardReader(one.id, safe(one.label), safe(one.status or "")) for one in found)

    async def pair(self, code: str, name: str) -> CardReader:
        """Refuse: Stripe registers readers itself."""
        del code, name
        raise ReaderError(
            _("Register the reader at Stripe (Terminal, Readers); `till admin tenders readers` lists it.")
        )

    async def health(self) -> str:
        """See `HealthCheck.health`. Return the reader's name, state and mode."""
        try:
            reader = await self._reader_now(self._reader)
        except FAULTS as fault:
            raise ReaderError(_not_asked(fault)) from None
        sentence = _("TEST MODE: {reader} is {state}.") if self.traits.is_test else _("{reader} is {state}.")
        return sentence.format(reader=safe(reader.label) or reader.id, state=safe(reader.status or "") or _("there"))

    async def listed(self, since: datetime) -> tuple[ListedMoney, ...]:
        """See `Listing.listed`. What no till asked for, such as a web shop's payments, is other money."""
        query = {"created[gte]": int(since.timestamp())}
        try:
            paid = [one async for one in self._all("/payment_intents", _Page[_Intent], query)]
            back = [one async for one in self._all("/refunds", _Page[_Refund], query)]
            return (
                *(_listed(one, one.id, one.amount_received) for one in paid if one.status == "succeeded"),
                *(_listed(one, one.payment_intent or "", -one.amount) for one in back if one.status not in _NOT_BACK),
            )
        except FAULTS as fault:
            raise ReaderError(_not_asked(fault)) from None

    # Requests

    async def _made(self, charge: Charge, sent: Charge | None = None) -> _Intent:
        """Return the intent of a charge, made by its key and from the charge alone."""
        fields = {
            "amount": units_of(charge),
            "currency": charge.currency.lower(),
            "payment_method_types[0]": "card_present",
            "capture_method": "automatic",
            "metadata[till]": charge.key,
        }
        return await self._post("/payment_intents", _Intent, fields, charge.key, sent)

    async def _found(self, path: str, kind: type[_Page[_One]], query: Mapping[str, Any], charge: Charge) -> _One | None:
        """Return the object of a charge in a list, which knows it at once, unlike a search; None if there is none."""
        async for one in self._all(path, kind, query):
            if _at(one.metadata, "till") == charge.key:
                return one
        return None

    async def _all(self, path: str, kind: type[_Page[_One]], asked: Mapping[str, Any]) -> AsyncIterator[_One]:
        """Yield the objects of a list, page by page."""
        query = {**asked, "limit": _PAGE}
        for _page in range(_MOST_PAGES):
            page = await self._get(path, kind, query)
            for one in page.data:
                yield one
            if not (page.has_more and page.data):
                return
            query["starting_after"] = page.data[-1].id
        raise HttpNoAnswerError("a list without an end")

    async def _reader_now(self, reader: str) -> _Reader:
        return await self._get(f"/terminal/readers/{quote(reader, safe='')}", _Reader)

    async def _intent(self, intent: str) -> _Intent:
        return await self._get(f"/payment_intents/{quote(intent, safe='')}", _Intent, {"expand[0]": "latest_charge"})

    async def _get(self, path: str, kind: type[_Kind], query: Mapping[str, Any] | None = None) -> _Kind:
        return self._of_mode(await self._api.ask("GET", f"{path}?{urlencode(query)}" if query else path, kind))

    async def _post(
        self, path: str, kind: type[_Kind], fields: Mapping[str, Any], key: str = "", sent: Charge | None = None
    ) -> _Kind:
        """Send a form; that of a charge which is `sent` now only while its key is young."""
        content = ("application/x-www-form-urlencoded", urlencode(fields).encode())
        head = {"Idempotency-Key": key} if key else {}
        leaves = None if sent is None else partial(self._check_age, sent)
        return self._of_mode(await self._api.ask("POST", path, kind, content, head, leaves))

    async def _try(self, path: str, kind: type[Any]) -> None:
        """Ask to cancel; what came of it is read afterwards."""
        try:
            await self._post(path, kind, {})
        except FAULTS as fault:
            _log.info("stripe_not_cancelled", extra={"fault": type(fault).__name__})

    def _of_mode(self, answer: _Kind) -> _Kind:
        """Return an answer; one of the other mode, test or live, is none."""
        if getattr(answer, "livemode", not self.traits.is_test) == self.traits.is_test:
            raise HttpNoAnswerError("an answer of the other mode")
        return answer


# The meaning of answers. Pure functions.


def units_of(charge: Charge) -> int:
    """Return the amount of a charge as Stripe counts it.

    Raises:
        _AmountError: Stripe cannot express it.
    """
    places = _decimals(charge.currency)
    units, rest = divmod(charge.amount * int(10**places), Currency(charge.currency).scale)
    if rest or (places == _THREE and units % 10):
        raise _AmountError(_("Stripe takes no such amount: its last digit must be 0. Pay another way."))
    return units


def _decimals(currency: str) -> int:
    return _DECIMALS.get(currency, Currency(currency).exponent)


def minor_of(units: int, currency: str) -> Minor | None:
    """Return one of Stripe's amounts in minor units; None if the currency has no such amount."""
    minor, rest = divmod(units * Currency(currency).scale, 10 ** _decimals(currency))
    return None if rest else Minor(minor)


def _of_intent(charge: Charge, intent: _Intent, asked: str, failure: str) -> ChargeAnswer:
    """Return the answer by an intent. It is kept by the id that was `asked` for, whatever id the answer has."""
    if _at(intent.metadata, "till") != charge.key:
        return unknown(charge, _("Stripe answered for another payment."))
    if intent.status == "canceled":
        return declined(charge, failure or _("Cancelled at Stripe."))
    if intent.status != "succeeded":
        return unknown(charge, _("The reader is still busy with this card."))
    if intent.currency.upper() != charge.currency:
        return unknown(charge, _("Stripe took another currency. Look at its list."))
    given = _at(intent.amount_details, "tip", "amount") or 0
    amount = minor_of(intent.amount_received or intent.amount, charge.currency)
    tip = minor_of(given, charge.currency) if isinstance(given, int) else None
    if not amount or tip is None or not 0 <= tip <= amount:
        return unknown(charge, _("Stripe gave an impossible amount. Look at its list."))
    card = _at(intent.latest_charge, *_METHOD, "card_present")
    shown = brand_of(str(_at(card, "brand") or "")), last_four_of(str(_at(card, "last4") or ""))
    return approved(charge, amount, asked, tip=tip, card=shown)


def _listed(one: _Intent | _Refund, payment: str, units: int) -> ListedMoney:
    currency = one.currency.upper()
    amount = minor_of(units, currency)
    if amount is None:
        raise HttpNoAnswerError("an impossible amount")
    other = "" if _at(one.metadata, "till") else _("of no till")
    at = datetime.fromtimestamp(one.created, UTC)
    return ListedMoney(reference=payment, amount=amount, currency=currency, at=at, other=other)


def _of_refund(charge: Charge, refund: _Refund) -> ChargeAnswer:
    if refund.status in _NOT_BACK:
        return declined(charge, _("Stripe could not refund it. Refund it another way."))
    amount = minor_of(refund.amount, charge.currency) if refund.currency.upper() == charge.currency else None
    if refund.status != "succeeded" or not amount:
        return unknown(charge, _("Stripe is still refunding it. Checking again."))
    return approved(charge, amount, refund.id)


def _busy(reader: _Reader) -> str:
    """Return why a reader is not asked: Stripe would take it from the till that uses it. Empty if it is free."""
    if reader.status == "offline":
        return _described("terminal_reader_offline", "")
    if _at(reader.action, "status") == "in_progress":
        return _("The reader is in use. Wait until it is free, or pay another way.")
    return ""


def _at(value: Any, *names: str) -> Any:
    """Return a part of an answer that is read apart from the money; None if it is not there."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _described(code: Any, message: Any) -> str:
    """Return the sentence for a fault, with Stripe's words."""
    known = _WORDS.get(str(code))
    sentence = known() if known else _("The reader did not do it.")
    quoted = safe(str(message or ("" if known else code) or ""))
    return _("{sentence} It says: {quoted}").format(sentence=sentence, quoted=quoted) if quoted else sentence


def _of_refusal(fault: ReaderRefusedError) -> str:
    try:
        error = _at(read(fault.answer, dict[str, Any]), "error")
    except HttpError:
        error = None
    if not _at(error, "code") and not _at(error, "message"):
        return _("Stripe refused it without a reason ({status}).").format(status=fault.answer.status)
    return _described(_at(error, "code"), _at(error, "message"))


def _not_asked(fault: Exception) -> str:
    """Return why nothing was asked for."""
    if isinstance(fault, ReaderRefusedError):
        return _of_refusal(fault)
    if isinstance(fault, _AmountError):
        return str(fault)
    if isinstance(fault, NotSentError):
        return untrusted(fault, "Stripe") or _(
            "No internet: nothing was sent. Take the card by hand, or pay another way."
        )
    return _("Stripe does not answer: nothing was asked for. Pay another way.")


def _no_answer() -> str:
    return _("Stripe does not answer. Trying again.")
