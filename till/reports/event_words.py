"""The events of an order in words, for a till's day and for a table at a minute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from till.domain.events.envelope import SERVER
from till.domain.i18n import _
from till.domain.order.naming import order_type_name
from till.domain.payment.events import PaymentVoided
from till.domain.payment.names import in_words, tender_name
from till.domain.streams import REGISTRY
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.ports.desk import DayEvent

    Amount = Callable[[str, str], str]

_NAMES: Final = re.compile(r"{(\w+)}")
#: The details of an event of which an empty one goes with its colon.
_DETAILS: Final = ("modifiers", "name", "note", "pieces", "query", "reason", "why")


def describe_event(event: DayEvent, lines: Mapping[str, str], currency: str, amount: Amount) -> str:
    """Describe an event in a few words.

    Args:
        event: the event.
        lines: the item name of each line.
        currency: the order's currency code; empty for the venue's.
        amount: formats the text of an amount in a currency.
    """
    kind, words = REGISTRY.find(event.type), ""
    if event.event is not None:
        data = event.event.data
        is_given_up = isinstance(data, PaymentVoided) and event.event.by_till == SERVER
        words = PaymentVoided.called_by_server if is_given_up else data.sentence
        values = {name: _value(name, data, lines, currency, amount) for name in _NAMES.findall(words)}
        for name in _DETAILS:
            words = words if values.get(name) else words.removesuffix(f": {{{name}}}")
        words = words.format_map(values)
    if not words and kind is not None and not _NAMES.search(kind.called):
        words = kind.called
    words = words or event.type.replace("_", " ") or _("A record")
    return clean(words[:1].upper() + words[1:])


def _value(name: str, data: Any, lines: Mapping[str, str], currency: str, amount: Amount) -> str:  # noqa: PLR0911 - one for each
    """Return a value of an event's data in words, by its name in the words for the event."""
    match name:
        case "item":
            return lines.get(data.line_id, _("a line"))
        case "modifiers" | "combos":
            return ", ".join(one.name for one in getattr(data, name))
        case "pieces":
            return ", ".join(f"{count} × {lines.get(line_id, _('a line'))}" for line_id, count in data.pieces.items())
        case "off" if data.percent is not None:
            return f"{data.percent} %"
        case "off":
            return amount(data.amount, currency)
        case "amount" | "price" | "total":
            return amount(getattr(data, name), getattr(data, "currency", currency))
        case "tender":
            return in_words(tender_name(data.tender))
        case "order_type":
            return order_type_name(data.order_type) or _("No order type")
        case "why":
            return str(data.name or data.reason)
        case _:
            return str(getattr(data, name))
