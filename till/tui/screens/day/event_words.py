"""Short sentences for events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from till.domain.events.envelope import SERVER
from till.domain.i18n import _, ngettext
from till.domain.order import events as happened
from till.domain.order.sent import removed_by
from till.domain.payment import events as paid
from till.domain.payment.names import in_words, tender_name
from till.domain.streams import REGISTRY
from till.domain.text import clean
from till.register.answers import order_type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.events.registry import EventData
    from till.ports.desk import DayEvent
    from till.tui.screens.desk.written import Written

    class _Paid(Protocol):
        """A record of money by a tender."""

        @property
        def amount(self) -> str: ...
        @property
        def tender(self) -> str: ...


def describe_event(event: DayEvent, lines: Mapping[str, str], currency: str, written: Written) -> str:
    """Describe an event in a few words.

    Args:
        event: the event.
        lines: the item name of each line.
        currency: the order's currency code; empty for the venue's.
        written: the formatter of amounts.
    """
    data = event.event.data if event.event is not None else None
    described = _describe(data, lines, currency, written) if data is not None else ""
    if isinstance(data, paid.PaymentVoided) and event.event is not None and event.event.by_till == SERVER:
        described = _paid_words(_("{amount} by {tender} given up, nothing taken"), data, written, currency)
    kind = REGISTRY.find(event.type)
    words = described or (kind.called if kind is not None else "") or event.type.replace("_", " ") or _("A record")
    return clean(words[:1].upper() + words[1:])


def _was_sent(data: EventData) -> bool:
    return any(one.sent for one in removed_by(data))


def _describe(data: EventData, lines: Mapping[str, str], money: str, written: Written) -> str:  # noqa: C901, PLR0911, PLR0912 - one for each
    match data:
        case happened.ItemAdded():
            return f"{data.quantity} × {data.item_name}"
        case happened.MenuViewed():
            return _with(_("Looked at the menu"), data.query)
        case happened.QuantityChanged():
            sentence = (
                _("{n} × {item} taken off, after it was sent") if _was_sent(data) else _("{n} × {item} taken off")
            )
            return sentence.format(n=data.taken_off, item=lines.get(data.line_id, _("a line")))
        case happened.LineCut():
            return _("{n} × {item} split off").format(n=data.quantity, item=lines.get(data.line_id, _("a line")))
        case happened.LineVoided():
            sentence = _("{item} voided after it was sent") if _was_sent(data) else _("{item} voided")
            return _with(sentence.format(item=lines.get(data.line_id, _("a line"))), data.reason)
        case happened.LineNoted():
            return _with(lines.get(data.line_id, _("a line")), data.note)
        case happened.ModifiersSet():
            names = ", ".join(one.name for one in data.modifiers)
            return _with(lines.get(data.line_id, _("a line")), names)
        case happened.PriceOverridden():
            item = lines.get(data.line_id, _("a line"))
            price = written.amount(data.price, money)
            return _with(_("{item} at {price}").format(item=item, price=price), data.reason)
        case happened.AgeChecked():
            sentence = _("The guest is {years}") if data.passed else _("The guest is not {years}")
            return sentence.format(years=data.years)
        case happened.OrderNoted():
            return _with(_("Note"), data.note)
        case happened.DiscountApplied():
            off = f"{data.percent} %" if data.percent is not None else written.amount(str(data.amount), money)
            return _with(_("Discount {off}").format(off=off), data.name or data.reason)
        case happened.OrderTypeSet():
            return order_type_name(data.order_type) or _("No order type")
        case happened.PreferenceSet():
            return f"{data.name}: {data.value}"
        case happened.TabAssigned():
            return _with(_("Saved"), data.name)
        case happened.OrderGranted() if data.from_till != data.till:
            return _("Taken over from till {n}").format(n=data.from_till) if data.from_till else _("Taken over")
        case happened.LinesMoved():
            count = len(data.line_ids) or len(data.lines)
            return ngettext("{n} line moved", "{n} lines moved", count).format(n=count)
        case paid.PaymentStarted() if data.pieces:
            pieces = (f"{count} × {lines.get(line_id, _('a line'))}" for line_id, count in data.pieces.items())
            return _with(_money(data, written, money), ", ".join(pieces))
        case happened.OrderDiscarded():
            return _with(_("Order cleared after it was sent") if _was_sent(data) else _("Order cleared"), data.reason)
        case happened.OrderPlaced():
            return _("Paid {total}, receipt {receipt}").format(
                total=written.amount(data.total, data.currency), receipt=data.receipt
            )
        case _:
            return _money(data, written, money)


def _money(data: EventData, written: Written, money: str) -> str:
    match data:
        case paid.PaymentStarted():
            words = _("Asked for {amount} by {tender}")
        case paid.PaymentApproved():
            words = _("Took {amount} by {tender}")
        case paid.PaymentDeclined():
            words = _("{amount} by {tender} was declined")
        case paid.PaymentUnknown():
            words = _("No answer yet about {amount} by {tender}")
        case paid.PaymentAuthorised():
            words = _("{amount} by {tender} is promised, not yet taken")
        case paid.PaymentReturnStarted():
            words = _("Asked to refund {amount} by {tender}")
        case paid.PaymentReturnDeclined():
            words = _("{amount} by {tender} was not refunded")
        case paid.PaymentReturnUnknown():
            words = _("No answer yet about refunding {amount} by {tender}")
        case paid.PaymentVoided():
            words = _("Refunded {amount} by {tender}")
        case _:
            return ""
    return _paid_words(words, data, written, money)


def _paid_words(words: str, data: _Paid, written: Written, money: str) -> str:
    return words.format(amount=written.amount(data.amount, money), tender=in_words(tender_name(data.tender)))


def _with(words: str, detail: str | None) -> str:
    return f"{words}: {detail}" if detail else words
