"""Sentences for a terminal's messages."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote

from till.domain.i18n import _
from till.domain.payment.slips import mask_cards
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.tenders.terminal.messages import OutputContent

_LONGEST: Final = 200
_MOST_FIELDS: Final = 200
_MESSAGE_FIELDS: Final = ("refusalReason", "message", "errors", "warnings")
#: A reason as a code: `NOT_ENOUGH_BALANCE`.
_CODE: Final = re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)+\Z")

#: Conditions about the card: the terminal is finished with it, and took nothing.
_OF_THE_CARD: Final[Mapping[str, Callable[[], str]]] = {
    "Aborted": lambda: _("Cancelled at the terminal."),
    "Cancel": lambda: _("The guest cancelled at the terminal."),
    "InsertedCard": lambda: _("The card is still in the terminal. Remove it and try again."),
    "InvalidCard": lambda: _("The terminal cannot read or accept this card."),
    "PaymentRestriction": lambda: _("This card does not pay for this."),
    "Refusal": lambda: _("The bank refused the card."),
    "WrongPIN": lambda: _("The PIN was wrong too often."),
}
#: Conditions about the terminal.
_OF_THE_TERMINAL: Final[Mapping[str, Callable[[], str]]] = {
    "Busy": lambda: _("The terminal is busy."),
    "DeviceOut": lambda: _("Terminal out of order. Restart it, or pay another way."),
    "InProgress": lambda: _("The terminal is still busy with this card."),
    "LoggedOut": lambda: _("The terminal is not logged in. Log it in and try again."),
    "MessageFormat": lambda: _("The terminal did not understand this till."),
    "NotAllowed": lambda: _("The terminal does not allow that."),
    "NotFound": lambda: _("The terminal does not know that payment."),
    "UnavailableDevice": lambda: _("A part of the terminal does not work."),
    "UnavailableService": lambda: _("The terminal cannot do that."),
    "UnreachableHost": lambda: _("Bank not reached. Check the network, or pay another way."),
}
#: The steps of a terminal (Adyen's display notifications) that are shown to the cashier.
_STEPS: Final[Mapping[str, Callable[[], str]]] = {
    "TENDER_CREATED": lambda: _("The terminal waits for the card."),
    "CARD_INSERTED": lambda: _("The card is in."),
    "CARD_PRESENTED": lambda: _("The card was read."),
    "CARD_SWIPED": lambda: _("The card was read."),
    "WAIT_FOR_APP_SELECTION": lambda: _("The guest picks on the terminal."),
    "WAIT_FOR_PIN": lambda: _("The guest types the PIN."),
    "PIN_ENTERED": lambda: _("The terminal asks the bank."),
    "ASK_SIGNATURE": lambda: _("The guest signs."),
    "CHECK_SIGNATURE": lambda: _("Check the signature, then confirm it on the terminal."),
    "ASK_DCC": lambda: _("The guest picks the currency."),
    "ASK_GRATUITY": lambda: _("The guest picks a tip."),
    "PRINT_RECEIPT": lambda: _("The terminal prints."),
}


def of_display(content: OutputContent) -> str:
    """Return the text to show, or the sentence of a step; empty for other steps."""
    if content.output_text:
        return safe(" ".join(text.text for text in content.output_text))
    named = content.predefined_content
    step = form_of(named.reference_id).get("event", "") if named else ""
    known = _STEPS.get(step)
    return known() if known else ""


def is_of_the_card(condition: str) -> bool:
    """True if the terminal is finished with the card, and took nothing."""
    return condition in _OF_THE_CARD


def of_condition(condition: str, additional: str) -> str:
    """Return the sentence for a failure, with the terminal's message."""
    known = _OF_THE_CARD.get(condition) or _OF_THE_TERMINAL.get(condition)
    sentence = known() if known else _("The terminal did not do it.")
    quoted = of_additional(additional)
    return _("{sentence} It says: {quoted}").format(sentence=sentence, quoted=quoted) if quoted else sentence


def of_additional(text: str) -> str:
    """Return the message in `AdditionalResponse`: a form, a JSON object in base 64, or plain text."""
    fields = fields_of(text)
    if fields:
        words = next((fields[name] for name in _MESSAGE_FIELDS if fields.get(name)), "")
    else:
        words = unquote(text) if " " in text or "%" in text else ""
    if _CODE.match(words):
        words = words.replace("_", " ").lower()
    return safe(words)


def fields_of(text: str) -> dict[str, str]:
    """Return the fields of `AdditionalResponse`, a form or a JSON object in base 64; empty for plain text."""
    return _object(text) or form_of(text)


def safe(text: str) -> str:
    """Return a shortened line that is safe to show, with card numbers masked."""
    return mask_cards(clean(text[: 4 * _LONGEST]).strip())[:_LONGEST]


def form_of(text: str) -> dict[str, str]:
    """Return the fields of a text in URL form encoding; empty for other texts."""
    if "=" not in text or " " in text.strip():
        return {}
    try:
        found = parse_qs(text, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError:  # too many fields
        return {}
    return {name: values[0] for name, values in found.items()}


def _object(text: str) -> dict[str, str]:
    try:
        found: Any = json.loads(base64.b64decode(text, validate=True))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    inner = found.get("additionalData")
    flat = {**found, **inner} if isinstance(inner, dict) else found
    return {str(name): value for name, value in flat.items() if isinstance(value, str)}
