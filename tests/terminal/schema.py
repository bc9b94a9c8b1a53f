"""Messages of nexo as a table: our own rendering of its public schema, independent of the till's reader.

For each object the table has its fields, their types, and which are required (marked `!`). A message with an unknown
field, or without a required one, is invalid. `check` returns the faults of a message, by their places.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WORD: Final = re.compile(r".+")
_ID: Final = re.compile(r"[0-9A-Za-z]{1,10}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_MOST: Final = 99999999.999999

_ENUMS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(words.split())
    for name, words in {
        "Class": "Device Event Service",
        "Type": "Notification Request Response",
        "Category": "Abort Admin BalanceInquiry CardAcquisition CardReaderAPDU Diagnosis Display EnableService Event"
        " GetTotals Input InputUpdate Login Logout Loyalty Payment Print Reconciliation Reversal StoredValue"
        " TransactionStatus",
        "Result": "Failure Partial Success",
        "Condition": "Aborted Busy Cancel DeviceOut InProgress InsertedCard InvalidCard LoggedOut MessageFormat"
        " NotAllowed NotFound PaymentRestriction Refusal UnavailableDevice UnavailableService UnreachableHost WrongPIN",
        "PaymentType": "CashAdvance CashDeposit Completion FirstReservation Instalment IssuerInstalment Normal"
        " OneTimeReservation PaidOut Recurring Refund UpdateReservation",
        "Reason": "CustCancel Malfunction MerchantCancel Unable2Compl",
        "Qualifier": "CashierReceipt CustomerReceipt Document Journal SaleReceipt Voucher",
        "Format": "BarCode MessageRef Text XHTML",
        "Reconciliation": "AcquirerReconciliation AcquirerSynchronisation PreviousReconciliation SaleReconciliation",
        "Mode": "Immediate NotRequired PrintEnd SoundEnd",
        "Device": "CashierDisplay CashierInput CustomerDisplay CustomerInput",
        "Info": "CustomerAssistance Display Document Error Input POIReplication Receipt Sound Status Voucher",
        "Event": "Abort BeginMaintenance CardInserted CardRemoved Completed CustomerLanguage EndMaintenance"
        " Initialised KeyPressed OutOfOrder Reject SaleAdmin SaleWakeUp SecurityAlarm Shutdown StopAssistance",
        "Instrument": "Card Cash Check Mobile StoredValue",
        "Totals": "Award CashAdvance CompletedDeffered CompletedReservation Credit Debit Declined Failed"
        " FirstReservation IssuerInstalment OneTimeReservation Rebate Redemption ReverseAward ReverseCredit"
        " ReverseDebit ReverseRebate ReverseRedemption UpdateReservation",
    }.items()
}

#: A field's kind is a word of `_kind`, an enumeration, or another object; `[]` behind it says that it is a list.
_OBJECTS: Final[Mapping[str, str]] = {
    "Header": "ProtocolVersion:word MessageClass:Class! MessageCategory:Category! MessageType:Type! ServiceID:id"
    " DeviceID:id SaleID:word! POIID:word!",
    "Trailer": "AdyenCryptoVersion:int! KeyIdentifier:word! KeyVersion:int! Nonce:bytes! Hmac:bytes!",
    "Sealed": "MessageHeader:Header! NexoBlob:bytes! SecurityTrailer:Trailer!",
    "TransactionID": "TransactionID:word! TimeStamp:time!",
    "Response": "Result:Result! ErrorCondition:Condition AdditionalResponse:word",
    "SaleData": "SaleTransactionID:TransactionID! OperatorID:word ShiftNumber:word SaleToAcquirerData:word",
    "POIData": "POITransactionID:TransactionID! POIReconciliationID:int",
    "AmountsReq": "Currency:currency! RequestedAmount:amount! TipAmount:amount",
    "AmountsResp": "Currency:currency AuthorizedAmount:amount! TotalFeesAmount:amount CashBackAmount:amount"
    " TipAmount:amount",
    "PaymentTransaction": "AmountsReq:AmountsReq!",
    "PaymentData": "PaymentType:PaymentType",
    "PaymentRequest": "SaleData:SaleData! PaymentTransaction:PaymentTransaction! PaymentData:PaymentData",
    "OutputText": "Text:text! EndOfLineFlag:bool",
    "Predefined": "ReferenceID:word!",
    "Content": "OutputFormat:Format! PredefinedContent:Predefined OutputText:OutputText[] OutputXHTML:bytes",
    "Receipt": "DocumentQualifier:Qualifier! RequiredSignatureFlag:bool OutputContent:Content!",
    "CardData": "PaymentBrand:word MaskedPan:word",
    "InstrumentData": "PaymentInstrumentType:Instrument! CardData:CardData",
    "PaymentResult": "PaymentType:PaymentType PaymentInstrumentData:InstrumentData AmountsResp:AmountsResp"
    " OnlineFlag:bool",
    "PaymentResponse": "Response:Response! SaleData:SaleData! POIData:POIData! PaymentResult:PaymentResult"
    " PaymentReceipt:Receipt[]",
    "Original": "SaleID:word POIID:word POITransactionID:TransactionID",
    "ReversalRequest": "SaleData:SaleData OriginalPOITransaction:Original! ReversedAmount:amount"
    " ReversalReason:Reason!",
    "ReversalResponse": "Response:Response! POIData:POIData OriginalPOITransaction:Original ReversedAmount:amount"
    " PaymentReceipt:Receipt[]",
    "Reference": "MessageCategory:Category ServiceID:id DeviceID:id SaleID:word POIID:word",
    "AbortRequest": "MessageReference:Reference! AbortReason:word!",
    "StatusRequest": "MessageReference:Reference ReceiptReprintFlag:bool",
    "RepeatedBody": "PaymentResponse:PaymentResponse ReversalResponse:ReversalResponse",
    "Repeated": "MessageHeader:Header! RepeatedResponseMessageBody:RepeatedBody!",
    "StatusResponse": "Response:Response! MessageReference:Reference RepeatedMessageResponse:Repeated",
    "TotalsRequest": "",
    "PaymentTotals": "TransactionType:Totals! TransactionCount:int! TransactionAmount:amount!",
    "InstrumentTotals": "PaymentInstrumentType:Instrument! CardBrand:word PaymentCurrency:currency"
    " PaymentTotals:PaymentTotals[]",
    "TotalsResponse": "Response:Response! POIReconciliationID:int! TransactionTotals:InstrumentTotals[]",
    "ReconciliationRequest": "ReconciliationType:Reconciliation! POIReconciliationID:int",
    "ReconciliationResponse": "Response:Response! ReconciliationType:Reconciliation! POIReconciliationID:int"
    " TransactionTotals:InstrumentTotals[]",
    "PrintOutput": "DocumentQualifier:Qualifier! ResponseMode:Mode! IntegratedPrintFlag:bool RequiredSignatureFlag:bool"
    " OutputContent:Content!",
    "PrintRequest": "PrintOutput:PrintOutput!",
    "PrintResponse": "DocumentQualifier:Qualifier! Response:Response!",
    "DisplayOutput": "ResponseRequiredFlag:bool Device:Device! InfoQualify:Info! OutputContent:Content!",
    "DisplayRequest": "DisplayOutput:DisplayOutput[]!",
    "OutputResult": "Device:Device! InfoQualify:Info! Response:Response!",
    "DisplayResponse": "OutputResult:OutputResult[]!",
    "EventNotification": "TimeStamp:time! EventToNotify:Event! EventDetails:word",
    "Request": "MessageHeader:Header! PaymentRequest:PaymentRequest ReversalRequest:ReversalRequest"
    " AbortRequest:AbortRequest TransactionStatusRequest:StatusRequest GetTotalsRequest:TotalsRequest"
    " ReconciliationRequest:ReconciliationRequest PrintRequest:PrintRequest DisplayRequest:DisplayRequest"
    " EventNotification:EventNotification",
    "Reply": "MessageHeader:Header! PaymentResponse:PaymentResponse ReversalResponse:ReversalResponse"
    " TransactionStatusResponse:StatusResponse GetTotalsResponse:TotalsResponse"
    " ReconciliationResponse:ReconciliationResponse PrintResponse:PrintResponse DisplayResponse:DisplayResponse",
    "Envelope": "SaleToPOIRequest:Request SaleToPOIResponse:Reply",
    "SealedEnvelope": "SaleToPOIRequest:Sealed SaleToPOIResponse:Sealed",
}
#: Categories for the display or the paper of the other side; the others are services.
_OF_DEVICES: Final = frozenset({"Display", "Input", "InputUpdate", "Print"})
#: The name of a message's body, by its type.
_BODIES: Final[Mapping[str, str]] = {"Request": "Request", "Response": "Response"}


def check(message: object, *, sealed: bool = False) -> list[str]:
    """Return the faults of a message; empty if it is valid."""
    faults = list(_object(message, "SealedEnvelope" if sealed else "Envelope", "$"))
    return faults or list(_of_its_category(message, sealed=sealed))


def _of_its_category(message: Any, *, sealed: bool) -> Iterator[str]:
    if len(message) != 1:
        yield "$: neither a request nor an answer"
        return
    (inner,) = message.values()
    header = inner["MessageHeader"]
    if header["MessageClass"] == "Service" and "ServiceID" not in header:
        yield "$: a service without its ServiceID"
    if header["MessageClass"] == "Device" and "DeviceID" not in header:
        yield "$: a device without its DeviceID"
    if (header["MessageCategory"] in _OF_DEVICES) != (header["MessageClass"] == "Device"):
        yield f"$: {header['MessageCategory']} of the class {header['MessageClass']}"
    if sealed or header["MessageClass"] == "Event":
        return
    wanted = header["MessageCategory"] + _BODIES.get(header["MessageType"], "")
    bodies = set(inner) - {"MessageHeader"}
    if bodies != {wanted}:
        yield f"$: {bodies or 'no body'} in place of {wanted}"


def _object(value: object, name: str, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: no object"
        return
    fields = dict(part.split(":") for part in _OBJECTS[name].split())
    yield from (f"{place}.{key}: there is no such field" for key in value.keys() - fields.keys())
    for key, kind in fields.items():
        if key in value:
            yield from _field(value[key], kind.rstrip("!"), f"{place}.{key}")
        elif kind.endswith("!"):
            yield f"{place}.{key}: missing"


def _field(value: object, kind: str, place: str) -> Iterator[str]:
    if kind.endswith("[]"):
        if not isinstance(value, list):
            yield f"{place}: no list"
            return
        for at, one in enumerate(value):
            yield from _field(one, kind[:-2], f"{place}[{at}]")
    elif kind in _OBJECTS and kind not in _ENUMS:
        yield from _object(value, kind, place)
    elif kind in _ENUMS:
        if value not in _ENUMS[kind]:
            yield f"{place}: {value!r} is no {kind}"
    elif not _is(value, kind):
        yield f"{place}: {value!r} is no {kind}"


def _is(value: object, kind: str) -> bool:
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "amount":
            return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST
        case "text":
            return isinstance(value, str)
        case _:
            return isinstance(value, str) and _is_text(value, kind)


def _is_text(value: str, kind: str) -> bool:
    match kind:
        case "time":
            try:
                return datetime.fromisoformat(value).tzinfo is not None
            except ValueError:
                return False
        case "bytes":
            try:
                return bool(base64.b64decode(value, validate=True))
            except binascii.Error:
                return False
        case _:
            pattern = {"word": _WORD, "id": _ID, "currency": _CURRENCY}[kind]
            return pattern.fullmatch(value) is not None
