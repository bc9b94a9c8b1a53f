"""The sentences on what other tills did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _, ngettext
from till.domain.order.paying import due_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from till.domain.money.measures import Minor
    from till.domain.order.state import Order
    from till.register.answers import Answers


def changed_elsewhere(
    answers: Answers,
    order: Order,
    joined: Mapping[str, Mapping[str, int]],
    taken_off: Mapping[str, int],
    brought_back: Mapping[str, int],
    overdrawn: Sequence[str],
) -> str:
    """Return `2 × Vada came from Till 2. Total ₹240.00.`; empty if nothing changed.

    Args:
        answers: the sentences in the money of the venue.
        order: the order now.
        joined: pieces by item, by the name of their till.
        taken_off: removed pieces by item.
        brought_back: pieces by item that were removed and are restored.
        overdrawn: the items whose pieces two tills removed at the same time.
    """
    came = _("{pieces} came from {till}.")
    parts = [came.format(till=till, pieces=_counted(own)) for till, own in joined.items()]
    if brought_back:
        parts.append(_("Brought back on another till: {pieces}.").format(pieces=_counted(brought_back)))
    if taken_off:
        parts.append(_("Removed on another till: {pieces}.").format(pieces=_counted(taken_off)))
    parts += [_("Two tills took {name} off: none are left.").format(name=name) for name in overdrawn]
    return " ".join([*parts, answers.total(order)]) if parts else ""


def paid_elsewhere(answers: Answers, order: Order, paid: Mapping[str, Minor]) -> str:
    """Return `₹134.00 was paid on Till 1. ₹133.00 is still due.`; `paid` is by the name of the till.

    The name is empty for money that the server took online.
    """
    there, online, money = _("{amount} was paid on {till}."), _("{amount} was paid online."), answers.formats.money
    parts = [(there if till else online).format(amount=money(amount), till=till) for till, amount in paid.items()]
    if parts and order.due > 0:
        parts.append(_("{due} is still due.").format(due=money(due_in(order))))
    return " ".join(parts)


def withdrawn(answers: Answers, lines: int, order: Order) -> str:
    """Return a sentence on lines that left an open order because they were sold in another."""
    sentence = ngettext("{lines} line was paid in another order.", "{lines} lines were paid in another order.", lines)
    return f"{sentence.format(lines=lines)} {answers.total(order)}"


def paid_after_all(answers: Answers, till: str, order: Order) -> str:
    """Return a sentence on an order that was cleared here but paid on another till."""
    return _("Paid on {till} after it was cleared here: {size}.").format(size=answers.size(order), till=till)


def unlisted(answers: Answers, amount: Minor) -> str:
    """Return a sentence on money taken here for an order that ended elsewhere; `amount` in minor units."""
    sentence = _("{amount} taken here is not on a sale: ask a manager.")
    return sentence.format(amount=answers.formats.money(amount))


def unlisted_there(answers: Answers, till: str, amount: Minor) -> str:
    """Return a sentence on money taken on another till for an order that ended here."""
    sentence = _("{amount} on {till} is for an order ended here: ask a manager.")
    return sentence.format(till=till, amount=answers.formats.money(amount))


def sold_after_all(answers: Answers, amount: Minor) -> str:
    """Return a sentence on money refunded here but counted on another till; `amount` in minor units."""
    sentence = _("{amount} refunded here is on a sale: ask a manager.")
    return sentence.format(amount=answers.formats.money(amount))


def given_back_there(answers: Answers, till: str, amount: Minor) -> str:
    """Return a sentence on a payment of a sale here that another till refunded."""
    sentence = _("{amount} sold here was refunded on {till}: ask a manager.")
    return sentence.format(till=till, amount=answers.formats.money(amount))


def late(ended: str, lines: int, *, joined: bool) -> str:
    """Return a sentence on lines keyed here after the order ended on another till, as `ended` says.

    They wait in an order of their own, unless they `joined` the order to which theirs was added.
    """
    sentence = ngettext("{ended} {lines} line came too late: F5.", "{ended} {lines} lines came too late: F5.", lines)
    if joined:
        sentence = ngettext(
            "{ended} {lines} line came later, and is there too.",
            "{ended} {lines} lines came later, and are there too.",
            lines,
        )
    return sentence.format(ended=ended, lines=lines)


def taken(till_name: str, user_name: str, at: datetime) -> str:
    """Return why an order is locked here; `at` is on the venue's clock."""
    sentence = _("{user} took this order over on {till} at {time}.")
    return sentence.format(user=user_name, till=till_name, time=at.strftime("%H:%M"))


def _counted(pieces: Mapping[str, int]) -> str:
    one = _("{quantity} × {name}")
    return ", ".join(one.format(quantity=quantity, name=name) for name, quantity in pieces.items())
