"""Decisions on refunds: the amount, the payment to reverse, and the tender. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.domain.errors import RefundError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.events import PlacedTax
from till.domain.order.paying import CASH
from till.domain.payment.movement import PaymentState, confirms, is_news
from till.domain.payment.names import in_words, tender_name
from till.domain.refund.events import (
    RefundApproved,
    RefundConfirmed,
    RefundDeclined,
    RefundedLine,
    RefundStarted,
    RefundUnknown,
)
from till.domain.refund.shares import resize_share, share_of_amount, share_of_pieces, share_of_rest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from till.domain.money.amount import Currency
    from till.domain.payment.movement import Result
    from till.domain.refund.events import RefundEvent
    from till.domain.refund.parts import Part
    from till.domain.refund.shares import Sale, SalePayment, Share, SoldRow
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval

#: Tenders recorded by hand, without a provider.
BY_HAND: Final = frozenset({CASH, "CARD", "UPI"})


class Way(Struct, frozen=True):
    """A way to refund money: the payment to reverse, and the tender to refund in.

    Attributes:
        tender: the tender of the payment, or cash.
        at_most: the largest amount that can still be refunded this way.
    """

    payment: SalePayment
    tender: str
    at_most: Minor

    @property
    def is_instead(self) -> bool:
        """True if cash is refunded for a payment in another tender."""
        return self.tender != self.payment.tender


class Rest(Struct, frozen=True):
    """The rest of a refund of which a part went back in another tender, with its reason.

    Attributes:
        exchange: True if a new order follows.
        approval: the rest of the manager's approval; None if there was none.
    """

    part: Part
    reason: str
    exchange: bool
    approval: Approval | None = None


class Beginning(Struct, frozen=True):
    """The values that a till assigns to a refund when it starts it: ids, numbers, and the approval.

    Attributes:
        manager: the manager who approved it; None if no approval was needed.
        away: True if the server was not asked.
        names: the place, the asker and the number for the provider; None if a person gives the refund.
        transaction: the provider's id of the payment; empty if a person typed a slip number. None for that of the sale.
        by_hand: True if the tender is recorded by hand.
        opens_drawer: True if the tender is kept in the drawer of the till. Cash always is.
    """

    refund_id: str
    receipt: str
    business_date: date
    manager: int | None
    till: int
    reason: str
    away: bool = False
    names: tuple[str, str, str] | None = None
    transaction: str | None = None
    by_hand: bool = False
    opens_drawer: bool = False


def ways_of(sale: Sale, *, away: bool = False) -> list[Way]:
    """Return the ways to refund a sale: each payment in its own tender, and other tenders in cash.

    With `away`, the till is offline and refunds in cash only.
    """
    left = [one for one in sale.payments if one.left > 0]
    same = [Way(one, one.tender, one.left) for one in left if one.tender == CASH or not away]
    return [*same, *(Way(one, CASH, one.left) for one in left if one.tender != CASH)]


def pieces_back(sale: Sale, marked: Mapping[int, int], money: Callable[[Minor], str] | None = None) -> Share:
    """Return the share of the marked pieces.

    Raises:
        RefundError: fewer pieces are left, or nothing was paid for them.
    """
    check_left(sale)
    rows = {row.row: row for row in sale.rows}
    for place, pieces in marked.items():
        if (row := rows.get(place)) is None:
            raise RefundError(_("There is no line {line} on this sale.").format(line=place))
        if pieces and (pieces < 0) != (row.pieces < 0):
            raise RefundError(_("{name} was a return on that sale.").format(name=row.name))
        if abs(pieces) > abs(row.left):
            raise RefundError(_too_many(row))
    share = share_of_pieces(sale, marked)
    if share.part.amount <= 0:
        written = money or sale.currency.money
        raise RefundError(
            _("That comes to {amount}: there is nothing to refund.").format(amount=written(share.part.amount))
        )
    return share


def _too_many(row: SoldRow) -> str:
    if not row.left:
        return nothing_left(row)
    return _("Only {left} × {name} can be refunded.").format(left=abs(row.left), name=row.name)


def nothing_left(row: SoldRow) -> str:
    """Return a sentence that explains why no piece of a row can be refunded."""
    sentence = _("{name} is being refunded.") if row.waits else _("All of {name} is already refunded.")
    return sentence.format(name=row.name)


def all_pieces(sale: Sale) -> dict[int, int]:
    """Return the pieces left of each row of a sale."""
    return {row.row: row.left for row in sale.rows if row.left}


def amount_back(sale: Sale, amount: Minor, money: Callable[[Minor], str] | None = None) -> Share:
    """Return the share of an amount.

    Raises:
        RefundError: the amount is not positive, or more than is left.
    """
    _check_amount(sale, amount, money)
    return share_of_amount(sale, amount)


def _check_amount(sale: Sale, amount: Minor, money: Callable[[Minor], str] | None) -> None:
    check_left(sale)
    written = money or sale.currency.money
    if amount <= 0:
        raise RefundError(_("Type an amount above zero."))
    if amount > sale.left.amount:
        raise RefundError(_("Only {left} of this sale can be refunded.").format(left=written(sale.left.amount)))


def rest_back(sale: Sale, rest: Part, money: Callable[[Minor], str] | None = None) -> Share:
    """Return the share of the rest of a refund whose first part went back in another tender.

    Raises:
        RefundError: less is left, because another till refunded the sale.
    """
    _check_amount(sale, rest.amount, money)
    return share_of_rest(sale, rest)


def parts_of(share: Share, chosen: Way, ways: Sequence[Way]) -> tuple[tuple[Way, Minor], ...]:
    """Return how a share goes back: as much as possible the chosen way, and the rest as it was paid.

    Empty if the ways do not allow all of it.
    """
    found, left = dict[str, tuple[Way, Minor]](), share.part.amount
    for way in (chosen, *ways):
        if left > 0 and way.payment.payment_id not in found:
            found[way.payment.payment_id] = way, Minor(min(left, way.at_most))
            left = Minor(left - min(left, way.at_most))
    return () if left > 0 else tuple(found.values())


def check_left(sale: Sale) -> None:
    """Refuse a sale with nothing left to refund.

    Raises:
        RefundError: nothing was paid for the sale, or refunds with or without an answer cover all of it.
    """
    if sale.paid <= 0:
        raise RefundError(_("Nothing was paid for this sale: there is nothing to refund."))
    if sale.left.amount <= 0:
        waits = next((one for one in sale.refunds if one.is_open), None)
        if waits is None:
            raise RefundError(_("All of this sale is already refunded."))
        sentence = _("Refund {receipt} has no answer: till {till} settles it (F10).")
        raise RefundError(sentence.format(receipt=waits.started.receipt, till=waits.till))


def in_coins(sale: Sale, share: Share, way: Way, money: Callable[[Minor], str] | None = None) -> Share:
    """Return the share to refund this way: it is rounded like payments in this tender, and limited to what is left.

    It is not rounded if it is the whole rest of a payment in the same tender; after a rounded bill, of any payment,
    because its parts were paid exactly.
    """
    rule, exact = sale.rounding, share.part.amount
    if rule is None or not rule.touches(way.tender):
        return share
    if exact == way.at_most and (rule.bill or not way.is_instead):
        return share
    most = min(sale.left.amount, way.at_most)
    amount = Minor(exact + rule.of(exact))
    if exact <= most < amount:
        amount = Minor(most - most % rule.step)
    if amount <= 0:
        written = money or sale.currency.money
        sentence = _("Less than the smallest coin. Tab: another way. Or mark more.")
        raise RefundError(sentence.format(amount=written(exact)))
    return share if amount == exact else resize_share(sale, share, amount)


def start(sale: Sale, session_id: str, share: Share, way: Way, begins: Beginning) -> list[Draft]:
    """Record a refund before any money moves, rounded by `in_coins`.

    Raises:
        RefundError: the amount is more than this way allows, or this till cannot refund this way.
    """
    share = in_coins(sale, share, way)
    known = way.payment.transaction if begins.transaction is None else begins.transaction
    transaction = "" if way.is_instead else known
    _check_way(sale, share, way, begins, transaction)
    text = _minus(sale.currency)
    place, asker, number = begins.names or ("", "", "")
    data = RefundStarted(
        session_id=session_id,
        receipt=begins.receipt,
        tender=way.tender,
        amount=text(share.part.amount),
        drawer=begins.till if begins.opens_drawer or way.tender == CASH else None,
        order_id=sale.placed.order_id,
        sold=sale.placed.receipt,
        business_date=begins.business_date.isoformat(),
        payment_id=way.payment.payment_id,
        currency=sale.currency.code,
        net=text(share.part.net),
        tax=text(share.part.tax),
        rounding=text(share.part.rounding),
        approved_by=begins.manager,
        taxes=_named_taxes(share.part, text),
        lines=_lines(share, text),
        away=begins.away,
        reason=begins.reason,
        place=place,
        asker=asker,
        number=number,
        transaction=transaction,
    )
    return [Draft(data, begins.refund_id)]


def _check_way(sale: Sale, share: Share, way: Way, begins: Beginning, transaction: str) -> None:
    """Refuse a way that this till cannot use, that allows less than the amount, or that needs the server."""
    is_by_hand = (begins.by_hand or way.tender in BY_HAND) and not transaction
    if begins.names is None and not is_by_hand:
        raise RefundError(
            _("That cannot be refunded by {tender} here. Tab: cash.").format(tender=in_words(tender_name(way.tender)))
        )
    if share.part.amount > way.at_most:
        most = sale.currency.money(way.at_most)
        raise RefundError(_("At most {amount} can be refunded there. Tab: another way.").format(amount=most))
    if begins.away and way.tender != CASH:
        raise RefundError(_("Offline, refunds are in cash only. Tab: cash."))


def _minus(currency: Currency) -> Callable[[Minor], str]:
    return lambda amount: currency.text(Minor(-amount))


def _named_taxes(part: Part, text: Callable[[Minor], str]) -> tuple[PlacedTax, ...]:
    return tuple(
        PlacedTax(name=one.name, rate=one.rate, per_piece=one.per_piece, added=one.added, net=text(net), tax=text(tax))
        for one, (net, tax) in part.taxes.items()
        if net or tax
    )


def _lines(share: Share, text: Callable[[Minor], str]) -> tuple[RefundedLine, ...]:
    return tuple(
        RefundedLine(
            row=row.row,
            item_id=row.item_id,
            item_name=row.name,
            quantity=-pieces,
            amount=text(part.amount),
            net=text(part.net),
            tax=text(part.tax),
        )
        for row, pieces, part in share.rows
    )


def answer(refund: Refund, result: Result) -> list[Draft]:
    """Record the outcome of a refund; no event if it is already known."""
    return [Draft(_event(refund, result), refund.id)] if is_news(refund, result) else []


def _event(refund: Refund, result: Result) -> RefundEvent:
    started = refund.started
    facts: dict[str, Any] = {
        "session_id": started.session_id,
        "receipt": started.receipt,
        "tender": started.tender,
        "amount": started.amount,
        "drawer": started.drawer,
    }
    if confirms(refund, result):
        return RefundConfirmed(**facts)
    if result.state is PaymentState.APPROVED:
        return RefundApproved(**facts, transaction=result.transaction, approved_by=result.by)
    if result.state is PaymentState.DECLINED:
        return RefundDeclined(**facts, reason=result.reason, approved_by=result.by)
    return RefundUnknown(**facts)
