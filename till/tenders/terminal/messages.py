"""The nexo retailer messages in JSON that a till needs, read strictly. Field names are renamed to Python's style.

Unknown fields are ignored: a terminal sends much more than a till needs. An invalid known field makes the whole message
unreadable. Slips and card data do not decide about money, so they are read separately (`receipts_in`, `card_in`), and a
fault in them affects nothing else. Amounts are decimals in major units of the currency.
"""

from __future__ import annotations

import hashlib
import secrets
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta, Struct, field

from till.domain.money.amount import Currency
from till.domain.money.measures import Minor

#: The largest amount in nexo, in any currency.
LARGEST: Final = Decimal("99999999.999999")
PROTOCOL: Final = "3.0"
#: The letters of a ServiceID, without I, L, O and U, which are easily confused; a terminal may ignore case.
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SERVICE_ID: Final = 10

_NONE: Final = msgspec.Raw()

Amount = Decimal
Words = Annotated[str, Meta(min_length=1)]
ServiceId = Annotated[str, Meta(min_length=1, max_length=_SERVICE_ID)]


class TerminalMessageError(Exception):
    """A nexo message that cannot be read."""


class MessageClass(StrEnum):
    """The addressee of a message: the payment service, a device, or a listener to events."""

    SERVICE = "Service"
    DEVICE = "Device"
    EVENT = "Event"


class MessageType(StrEnum):
    """The direction of a message."""

    REQUEST = "Request"
    RESPONSE = "Response"
    NOTIFICATION = "Notification"


class TerminalCategory(StrEnum):
    """The categories of messages that a till sends or receives."""

    ABORT = "Abort"
    DISPLAY = "Display"
    EVENT = "Event"
    GET_TOTALS = "GetTotals"
    PAYMENT = "Payment"
    PRINT = "Print"
    REVERSAL = "Reversal"
    TRANSACTION_STATUS = "TransactionStatus"


class TerminalResult(StrEnum):
    """The result of a request."""

    SUCCESS = "Success"
    PARTIAL = "Partial"
    FAILURE = "Failure"


class _Nexo(Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True):
    """A part of a message."""


class MessageHeader(_Nexo, frozen=True, kw_only=True):
    """The header of a message. Its three ids match a request with its answer."""

    protocol_version: str | None = None
    message_class: MessageClass
    message_category: TerminalCategory
    message_type: MessageType
    service_id: ServiceId | None = field(name="ServiceID", default=None)
    device_id: ServiceId | None = field(name="DeviceID", default=None)
    sale_id: Words = field(name="SaleID")
    poi_id: Words = field(name="POIID")


class TransactionId(_Nexo, frozen=True, kw_only=True):
    """A transaction by the number and time that its creator gave it."""

    transaction_id: Words = field(name="TransactionID")
    time_stamp: Words


class Response(_Nexo, frozen=True, kw_only=True):
    """The response to a request. `error_condition` is any text, since newer terminals may add conditions."""

    result: TerminalResult
    error_condition: str = ""
    additional_response: str = ""


class SaleData(_Nexo, frozen=True, kw_only=True):
    """The till's data of the sale. A partial reversal has its currency in `sale_to_acquirer_data`."""

    sale_transaction_id: TransactionId = field(name="SaleTransactionID")
    sale_to_acquirer_data: str | None = None


class PoiData(_Nexo, frozen=True, kw_only=True):
    """The terminal's data of the transaction; an early failure may have no id."""

    poi_transaction_id: TransactionId | None = field(name="POITransactionID", default=None)


class AmountsReq(_Nexo, frozen=True, kw_only=True):
    """The requested amount."""

    currency: str
    requested_amount: Amount


class AmountsResp(_Nexo, frozen=True, kw_only=True):
    """The amount taken. `authorized_amount` includes the tip, fees and cashback."""

    currency: str | None = None
    authorized_amount: Amount
    total_fees_amount: Amount | None = None
    cash_back_amount: Amount | None = None
    tip_amount: Amount | None = None


class PaymentTransaction(_Nexo, frozen=True, kw_only=True):
    """The money of a payment."""

    amounts_req: AmountsReq


class PaymentData(_Nexo, frozen=True, kw_only=True):
    """The type of payment: `Normal` by default; `Refund` pays to the presented card."""

    payment_type: str


class PaymentRequest(_Nexo, frozen=True, kw_only=True):
    """A request to take money, or to refund money to a presented card."""

    sale_data: SaleData
    payment_transaction: PaymentTransaction
    payment_data: PaymentData | None = None


class OutputText(_Nexo, frozen=True, kw_only=True):
    """Some text; without `end_of_line_flag` the next text continues the line."""

    text: str
    end_of_line_flag: bool = True


class PredefinedContent(_Nexo, frozen=True, kw_only=True):
    """A message that both sides know by its name."""

    reference_id: Words = field(name="ReferenceID")


class OutputContent(_Nexo, frozen=True, kw_only=True):
    """The content to show or print."""

    output_format: str
    predefined_content: PredefinedContent | None = None
    output_text: tuple[OutputText, ...] = ()


class PaymentReceipt(_Nexo, frozen=True, kw_only=True):
    """A slip that the terminal wants printed."""

    document_qualifier: str
    required_signature_flag: bool = False
    output_content: OutputContent


class CardData(_Nexo, frozen=True, kw_only=True):
    """The terminal's data of a card. nexo has `MaskedPAN`, Adyen's terminals send `MaskedPan`."""

    payment_brand: str = ""
    masked_pan: str = field(name="MaskedPAN", default="")
    masked_pan_too: str = field(name="MaskedPan", default="")


class PaymentInstrumentData(_Nexo, frozen=True, kw_only=True):
    """The instrument that the guest paid with."""

    card_data: CardData = CardData()


class PaymentResult(_Nexo, frozen=True, kw_only=True):
    """The outcome of a payment."""

    payment_type: str = "Normal"
    payment_instrument_data: msgspec.Raw = _NONE
    amounts_resp: AmountsResp | None = None


class PaymentResponse(_Nexo, frozen=True, kw_only=True):
    """The answer to a payment."""

    response: Response
    sale_data: SaleData
    poi_data: PoiData = field(name="POIData")
    payment_result: PaymentResult | None = None
    payment_receipt: msgspec.Raw = _NONE


class OriginalTransaction(_Nexo, frozen=True, kw_only=True):
    """The transaction to reverse."""

    poi_transaction_id: TransactionId = field(name="POITransactionID")


class ReversalRequest(_Nexo, frozen=True, kw_only=True):
    """A request to refund a transaction or a part of it."""

    sale_data: SaleData
    original: OriginalTransaction = field(name="OriginalPOITransaction")
    reversed_amount: Amount
    reversal_reason: str


class ReversalResponse(_Nexo, frozen=True, kw_only=True):
    """The answer to a reversal."""

    response: Response
    poi_data: PoiData | None = field(name="POIData", default=None)
    reversed_amount: Amount | None = None
    payment_receipt: msgspec.Raw = _NONE


class MessageReference(_Nexo, frozen=True, kw_only=True):
    """A message to query or abort, by its three ids."""

    message_category: TerminalCategory | None = None
    service_id: ServiceId | None = field(name="ServiceID", default=None)
    sale_id: Words | None = field(name="SaleID", default=None)
    poi_id: Words | None = field(name="POIID", default=None)


class AbortRequest(_Nexo, frozen=True, kw_only=True):
    """A request to abort. It has no answer."""

    message_reference: MessageReference
    abort_reason: str


class TransactionStatusRequest(_Nexo, frozen=True, kw_only=True):
    """A request for the outcome of a message."""

    message_reference: MessageReference


class RepeatedBody(_Nexo, frozen=True, kw_only=True):
    """A repeated answer."""

    payment_response: PaymentResponse | None = None
    reversal_response: ReversalResponse | None = None


class RepeatedMessage(_Nexo, frozen=True, kw_only=True):
    """A repeated answer with its original header."""

    message_header: MessageHeader
    body: RepeatedBody = field(name="RepeatedResponseMessageBody")


class TransactionStatusResponse(_Nexo, frozen=True, kw_only=True):
    """The status of a message: processed, in progress or not found."""

    response: Response
    message_reference: MessageReference | None = None
    repeated: RepeatedMessage | None = field(name="RepeatedMessageResponse", default=None)


class GetTotalsRequest(_Nexo, frozen=True, kw_only=True):
    """A request for the totals since the last reconciliation."""


class PaymentTotals(_Nexo, frozen=True, kw_only=True):
    """The transactions of one kind."""

    transaction_type: str
    transaction_count: Annotated[int, Meta(ge=0)]
    transaction_amount: Amount


class TransactionTotals(_Nexo, frozen=True, kw_only=True):
    """The transactions of one payment instrument."""

    payment_instrument_type: str
    card_brand: str = ""
    payment_currency: str | None = None
    payment_totals: tuple[PaymentTotals, ...] = ()


class GetTotalsResponse(_Nexo, frozen=True, kw_only=True):
    """The totals since the last reconciliation."""

    response: Response
    poi_reconciliation_id: int | str | None = field(name="POIReconciliationID", default=None)
    transaction_totals: tuple[TransactionTotals, ...] = ()


class PrintOutput(_Nexo, frozen=True, kw_only=True):
    """An output to print."""

    document_qualifier: str
    response_mode: str
    required_signature_flag: bool = False
    output_content: OutputContent


class PrintRequest(_Nexo, frozen=True, kw_only=True):
    """A request to print on the receiver's printer."""

    print_output: PrintOutput


class PrintResponse(_Nexo, frozen=True, kw_only=True):
    """The outcome of a print request."""

    document_qualifier: str
    response: Response


class DisplayOutput(_Nexo, frozen=True, kw_only=True):
    """An output to show to the cashier or the guest."""

    device: str
    info_qualify: str
    output_content: OutputContent
    response_required_flag: bool = True


class DisplayRequest(_Nexo, frozen=True, kw_only=True):
    """A request to show outputs at the till."""

    display_output: tuple[DisplayOutput, ...]


class OutputResult(_Nexo, frozen=True, kw_only=True):
    """The outcome of one output."""

    device: str
    info_qualify: str
    response: Response


class DisplayResponse(_Nexo, frozen=True, kw_only=True):
    """The outcome of a display request."""

    output_result: tuple[OutputResult, ...]


class EventNotification(_Nexo, frozen=True, kw_only=True):
    """An event at the terminal; `Reject` refuses a message that was sent to it."""

    time_stamp: str
    event_to_notify: str
    event_details: str = ""


class TerminalRequest(_Nexo, frozen=True, kw_only=True):
    """A request with the body of its category; also an unsolicited message of a terminal."""

    message_header: MessageHeader
    payment_request: PaymentRequest | None = None
    reversal_request: ReversalRequest | None = None
    abort_request: AbortRequest | None = None
    transaction_status_request: TransactionStatusRequest | None = None
    get_totals_request: GetTotalsRequest | None = None
    print_request: PrintRequest | None = None
    display_request: DisplayRequest | None = None
    event_notification: EventNotification | None = None


class TerminalReply(_Nexo, frozen=True, kw_only=True):
    """An answer with the body of its category."""

    message_header: MessageHeader
    payment_response: PaymentResponse | None = None
    reversal_response: ReversalResponse | None = None
    transaction_status_response: TransactionStatusResponse | None = None
    get_totals_response: GetTotalsResponse | None = None
    print_response: PrintResponse | None = None
    display_response: DisplayResponse | None = None


class Envelope(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message on the wire: a request or an answer."""

    request: TerminalRequest | None = field(name="SaleToPOIRequest", default=None)
    reply: TerminalReply | None = field(name="SaleToPOIResponse", default=None)


class SecurityTrailer(_Nexo, frozen=True, kw_only=True):
    """The key of a sealed message, and its HMAC."""

    adyen_crypto_version: int
    key_identifier: Words
    key_version: int
    nonce: bytes
    hmac: bytes


class SealedMessage(_Nexo, frozen=True, kw_only=True):
    """A message that only owners of the key can read. A copy of its header is outside the seal."""

    message_header: MessageHeader
    nexo_blob: bytes
    security_trailer: SecurityTrailer


class SealedEnvelope(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sealed message on the wire."""

    request: SealedMessage | None = field(name="SaleToPOIRequest", default=None)
    reply: SealedMessage | None = field(name="SaleToPOIResponse", default=None)


_Kind = TypeVar("_Kind")
_Side = TypeVar("_Side", Envelope, SealedEnvelope)
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_ENVELOPES: Final = msgspec.json.Decoder(Envelope)
_INSTRUMENTS: Final = msgspec.json.Decoder(PaymentInstrumentData)
_RECEIPTS: Final = msgspec.json.Decoder(tuple[PaymentReceipt, ...], strict=False)
_SEALED: Final = msgspec.json.Decoder(SealedEnvelope)


def message_bytes(envelope: Envelope | SealedEnvelope) -> bytes:
    """Return the bytes of a message."""
    return _ENCODER.encode(envelope)


def read(raw: bytes) -> Envelope:
    """Return the message in these bytes."""
    envelope = _decoded(_ENVELOPES, raw)
    return _one_sided(envelope)


def read_sealed(raw: bytes) -> SealedEnvelope:
    """Return the sealed message in these bytes."""
    return _one_sided(_decoded(_SEALED, raw))


def receipts_in(raw: msgspec.Raw) -> tuple[PaymentReceipt, ...]:
    """Return the slips of an answer, even if flags are strings; empty if they are unreadable."""
    return _read_or_none(_RECEIPTS, raw) or ()


def card_in(raw: msgspec.Raw) -> CardData:
    """Return the card in the answer to a payment; empty if it is unreadable."""
    found = _read_or_none(_INSTRUMENTS, raw)
    return found.card_data if found is not None else CardData()


def _read_or_none(decoder: msgspec.json.Decoder[_Kind], raw: msgspec.Raw) -> _Kind | None:
    try:
        return decoder.decode(raw) if bytes(raw) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _decoded(decoder: msgspec.json.Decoder[_Kind], raw: bytes) -> _Kind:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        # The message may quote a guest's card number, so only the type is kept.
        raise TerminalMessageError(type(fault).__name__) from None


def _one_sided(envelope: _Side) -> _Side:
    if (envelope.request is None) == (envelope.reply is None):
        raise TerminalMessageError("neither a request nor an answer")
    return envelope


def in_major(minor: Minor, currency: str) -> Decimal:
    """Return an amount for a message."""
    return Decimal(minor).scaleb(-Currency(currency).exponent)


def in_minor(amount: Decimal, currency: str) -> Minor | None:
    """Return an amount from a message; None if it is out of range or has too many decimals."""
    if not (amount.is_finite() and 0 <= amount <= LARGEST):
        return None
    minor = amount.scaleb(Currency(currency).exponent)
    whole = int(minor)
    return Minor(whole) if whole == minor else None


def service_id(key: str) -> str:
    """Return the ServiceID of a payment or a refund: fifty bits of the digest of its id, so that it never changes.

    It is unique across tills, payments and restarts: among a hundred thousand ids in a terminal's memory, the
    probability of a collision is about one in 200,000.
    """
    return _encoded(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]))


def fresh_service_id() -> str:
    """Return a random ServiceID for a message that is never queried."""
    return _encoded(secrets.randbits(64))


def _encoded(number: int) -> str:
    return "".join(_LETTERS[number >> 5 * place & 31] for place in range(_SERVICE_ID))
