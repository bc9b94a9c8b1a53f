"""Amounts that are probably mistyped: the till asks before it takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.money.formats import Formats
    from till.ports import TenderTraits


def doubt_amount(
    formats: Formats,
    way: TenderTraits,
    notes: Sequence[Minor],
    amount: Minor,
    due: Minor,
    *,
    may_be_slip: bool = True,
    number: str = "",
) -> str:
    """Return a question about an amount that is far from the amount due; empty if there is no doubt.

    Change larger than the largest note is doubted, since one note less would have paid. So is typed cash of less than
    half the amount due: it may be an item's number or have a misplaced point, while guests who share mostly halve.
    With `may_be_slip` false, too small an amount is not doubted: the cashier picked notes. Cash typed as the `number`
    of an item is doubted if notes do not make it: it may be the next guest's first item.
    """
    money, change = formats.money, Minor(amount - due)
    if due >= 0 and change > max(notes) and way.gives_change:
        question = _("{given} for {due}? Enter again takes it. Change {change}.")
        return question.format(given=money(amount), due=money(due), change=money(change))
    if may_be_slip and way.name == CASH and 0 < 2 * amount < due:
        question = _("{given} of {due}? Enter again takes it, {left} stays due.")
        return question.format(given=money(amount), due=money(due), left=money(Minor(-change)))
    if number and way.name == CASH and amount != due and amount % min(notes):
        question = _("{given} in cash? {number} is an item. Enter again takes it.")
        return question.format(given=money(amount), number=number)
    return ""
