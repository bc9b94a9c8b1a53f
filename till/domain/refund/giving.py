"""Decisions about refunds: what may go back, to which payment, and by whose word. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.domain.errors import RefundError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.events import PlacedTax
from till.domain.order.paying import CASH
from till.domain.payment.names import in_words, tender_name
from till.domain.refund.events import RefundApproved, RefundDeclined, RefundedLine, RefundStarted, RefundUnknown
from till.domain.refund.shares import resized, share_of_amount, share_of_pieces
from till.domain.refund.state import RefundState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from till.domain.money.amount import Currency
    from till.domain.refund.parts import Part
    from till.domain.refund.shares import Paid, Sale, Share, SoldRow
    from till.domain.refund.state import Refund

#: Tenders whose money a person hands over and writes down: nobody else answers for them.
BY_HAND: Final = frozenset({CASH, "CARD", "UPI"})


class Way(Struct, frozen=True):
    """Where money can go back to: the payment that it reverses, and what it goes back in.

    Attributes:
        tender: what it goes back in: what paid, or cash.
        at_most: what can still go back so.
    """

    payment: Paid
    tender: str
    at_most: Minor

    @property
    def is_instead(self) -> bool:
        """Whether cash goes back for what was paid otherwise."""
        return self.tender != self.payment.tender


class Beginning(Struct, frozen=True):
    """What the till gives a refund as it begins: ids and numbers that nobody else may make, and who said yes.

    Attributes:
        names: place, asker and number under which somebody else is asked to give it back; none where a person does.
        is_slip: what names the payment is the number of a slip that a person typed: nobody else took it.
        by_hand: a person takes that tender down, so that a person gives it back too.
        opens_drawer: what it goes back in lies in the drawer of the till, as cash always does.
    """

    refund_id: str
    receipt: str
    business_date: date
    manager: int | None
    till: int
    reason: str
    away: bool = False
    names: tuple[str, str, str] | None = None
    is_slip: bool = False
    by_hand: bool = False
    opens_drawer: bool = False


def ways_of(sale: Sale, *, away: bool = False) -> list[Way]:
    """Where the money of a sale can go: to each payment, and in cash for what was not paid in cash.

    Away from the server it is cash alone.
    """
    left = [one for one in sale.payments if one.left > 0]
    same = [Way(one, one.tender, one.left) for one in left if one.tender == CASH or not away]
    return [*same, *(Way(one, CASH, one.left) for one in left if one.tender != CASH)]


def pieces_back(sale: Sale, marked: Mapping[int, int], money: Callable[[Minor], str] | None = None) -> Share:
    """The share that marked pieces are.

    Raises:
        RefundError: there are not so many, or nothing was paid for them.
    """
    check_left(sale)
    rows = {row.row: row for row in sale.rows}
    for place, pieces in marked.items():
        if (row := rows.get(place)) is None:
            raise RefundError(_("There is no line {line} on this sale.").format(line=place))
        if pieces and (pieces < 0) != (row.pieces < 0):
            raise RefundError(_("{name} was given back when it was sold.").format(name=row.name))
        if abs(pieces) > abs(row.left):
            raise RefundError(_too_many(row))
    share = share_of_pieces(sale, marked)
    if share.part.amount <= 0:
        said = money or sale.currency.money
        raise RefundError(
            _("That comes to {amount}: there is nothing to give back.").format(amount=said(share.part.amount))
        )
    return share


def _too_many(row: SoldRow) -> str:
    if not row.left:
        return nothing_left(row)
    return _("Only {left} × {name} can go back.").format(left=abs(row.left), name=row.name)


def nothing_left(row: SoldRow) -> str:
    """Why no piece of a row can go back any more, in a sentence."""
    said = _("{name} is on its way back.") if row.waits else _("All of {name} went back already.")
    return said.format(name=row.name)


def all_pieces(sale: Sale) -> dict[int, int]:
    """What there is to mark for all that is left of a sale."""
    return {row.row: row.left for row in sale.rows if row.left}


def amount_back(sale: Sale, amount: Minor, money: Callable[[Minor], str] | None = None) -> Share:
    """The share that an amount is.

    Raises:
        RefundError: it is more than is left, or nothing.
    """
    check_left(sale)
    said = money or sale.currency.money
    if amount <= 0:
        raise RefundError(_("Type an amount above zero."))
    if amount > sale.left.amount:
        raise RefundError(_("Only {left} of this sale can go back.").format(left=said(sale.left.amount)))
    return share_of_amount(sale, amount)


def check_left(sale: Sale) -> None:
    """Refuse a sale of which nothing can go back.

    Raises:
        RefundError: nothing was paid for it, or all of it went back or is on its way.
    """
    if sale.paid <= 0:
        raise RefundError(_("Nothing was paid for this sale: there is nothing to give back."))
    if sale.left.amount <= 0:
        rest_waits = _("Nothing more of this sale can go back: a refund waits for its answer.")
        raise RefundError(rest_waits if sale.waits else _("All of this sale went back already."))


def in_coins(sale: Sale, share: Share, way: Way, money: Callable[[Minor], str] | None = None) -> Share:
    """The share as it goes back that way: in cash it is rounded as what is paid in cash is, to no more than is left.

    All that is left of what was paid in cash goes back as it came: guests may have paid parts. So does a part of a bill
    where that is rounded, and not the cash.

    Raises:
        RefundError: it is less than the smallest coin.
    """
    rule, exact = sale.rounding, share.part.amount
    if rule is None or rule.bill or way.tender != CASH or not rule.touches(CASH):
        return share
    if exact == way.at_most and not way.is_instead:
        return share
    most = min(sale.left.amount, way.at_most)
    amount = Minor(exact + rule.of(exact))
    if exact <= most < amount:
        amount = Minor(most - most % rule.step)
    if amount <= 0:
        said = money or sale.currency.money
        sentence = _("{amount} is less than the smallest coin. Tab chooses another way, or mark more.")
        raise RefundError(sentence.format(amount=said(exact)))
    return share if amount == exact else resized(sale, share, amount)


def start(sale: Sale, session_id: str, share: Share, way: Way, begins: Beginning) -> list[Draft]:
    """Write down that money is to go back, before it does; `in_coins` where it goes back in cash.

    Raises:
        RefundError: the payment cannot take so much back, or what paid cannot be given back here.
    """
    share = in_coins(sale, share, way)
    transaction = "" if way.is_instead or begins.is_slip else way.payment.transaction
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
    """Refuse what nobody can give back so, or not so much of it, or not away from the server."""
    is_by_hand = (begins.by_hand or way.tender in BY_HAND) and not transaction
    if begins.names is None and not is_by_hand:
        raise RefundError(
            _("That cannot go back to {tender} here. Tab chooses cash.").format(
                tender=in_words(tender_name(way.tender))
            )
        )
    if share.part.amount > way.at_most:
        said = sale.currency.money(way.at_most)
        raise RefundError(_("{amount} at most can go back there. Tab chooses where to.").format(amount=said))
    if begins.away and way.tender != CASH:
        raise RefundError(_("Without the server money goes back in cash alone. Tab chooses cash."))


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


def approve(refund: Refund, transaction: str = "") -> list[Draft]:
    """The money went back; `transaction` names that where somebody else gave it.

    Raises:
        RefundError: its answer is known.
    """
    return _answer(refund, RefundApproved(**_facts(refund), transaction=transaction))


def went_after_all(refund: Refund, transaction: str) -> list[Draft]:
    """Who was asked says that the money went back, whatever a person said of it; nothing where that is known."""
    if refund.state is RefundState.APPROVED:
        return []
    return [Draft(RefundApproved(**_facts(refund), transaction=transaction), refund.id)]


def decline(refund: Refund, reason: str) -> list[Draft]:
    """The money did not go back: what was kept for it is free again.

    Raises:
        RefundError: its answer is known.
    """
    return _answer(refund, RefundDeclined(**_facts(refund), reason=reason))


def not_after_all(refund: Refund, reason: str) -> list[Draft]:
    """Who was asked says that the money did not go back; nothing where that is known.

    Where a person said that it did, it counts as given, and waits for a manager.
    """
    if refund.state is RefundState.DECLINED or refund.is_contradicted:
        return []
    return [Draft(RefundDeclined(**_facts(refund), reason=reason), refund.id)]


def doubt(refund: Refund) -> list[Draft]:
    """Nobody knows whether the money went back; nothing where that stands there already.

    Raises:
        RefundError: its answer is known.
    """
    if refund.state is RefundState.UNKNOWN:
        return []
    return _answer(refund, RefundUnknown(**_facts(refund)))


def _answer(refund: Refund, data: RefundApproved | RefundDeclined | RefundUnknown) -> list[Draft]:
    if not refund.is_open:
        raise RefundError(_("That refund has its answer already."))
    return [Draft(data, refund.id)]


def _facts(refund: Refund) -> dict[str, Any]:
    started = refund.started
    return {
        "session_id": started.session_id,
        "receipt": started.receipt,
        "tender": started.tender,
        "amount": started.amount,
        "drawer": started.drawer,
    }
