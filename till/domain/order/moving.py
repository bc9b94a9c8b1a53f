"""Whole lines that go from one order to another: each of the two has an event of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError, PaymentError, QuantityError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.money.amount import spread
from till.domain.money.measures import NOTHING, Minor, Price4
from till.domain.money.promotion import Saved
from till.domain.order.cutting import cut_line, fitting, parted
from till.domain.order.events import (
    ChangeUndone,
    DiscountApplied,
    KeptLine,
    KeptSaving,
    LineCut,
    LineNoted,
    LineSeated,
    LinesMoved,
    ModifiersSet,
    MovedDiscount,
    MovedPayment,
    OrderDiscarded,
    PriceOverridden,
    SavingsKept,
)
from till.domain.order.line import alone, bearing_of, modifiers_said, moved
from till.domain.order.selling import check_not_empty, check_open, event_of, open_order, with_wish
from till.domain.order.state import PaymentState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from till.domain.order.line import Changed, Discount, Line, LineNote, Row
    from till.domain.order.state import Order, Payment
    from till.domain.order.terms import Terms


def carry_lines(
    order: Order, session_id: str, line_ids: Iterable[str], *, late: bool, payments: Iterable[Payment] = ()
) -> list[Draft]:
    """The lines of an order, in the session that carries them from now on; what was given on them goes along.

    Args:
        order: where they were keyed.
        session_id: the session that carries them.
        line_ids: which.
        late: whether they came too late for the end of the order.
        payments: what was paid of it, where that goes along.
    """
    lines, saved = [order.lines[line_id] for line_id in line_ids], savings_by_line(order)
    discounts = tuple(moved_discount(discount, order.terms) for line in lines for discount in line.discounts)
    after = _places(order, {line.id for line in lines})
    carried = tuple(moved(line, saved.get(line.id, ()), after.get(line.id, 0)) for line in lines)
    money = tuple(moved_payment(payment, order.terms) for payment in payments)
    data = LinesMoved(from_session=order.id, lines=carried, discounts=discounts, payments=money, late=late)
    noted = [carry_note(line, line.noted, session_id) for line in lines if line.noted]
    changed = [draft for line in lines for change in line.changes for draft in carry_change(line, change, session_id)]
    return [Draft(data, session_id), *noted, *changed]


def savings_by_line(order: Order) -> dict[str, tuple[Saved, ...]]:
    """What promotions save on each line that met some: a row's savings shared by the pieces of its lines."""
    found: dict[str, tuple[Saved, ...]] = {}
    for row in order.priced.rows:
        if not row.saved:
            continue
        pieces = [line.quantity for line in row.lines]
        shares = [spread(one.amount, pieces) for one in row.saved]
        for place, line in enumerate(row.lines):
            parts = (Saved(one.name, share[place]) for one, share in zip(row.saved, shares, strict=True))
            found[line.id] = tuple(part for part in parts if part.amount)
    return found


def keep_savings(order: Order, staying: Iterable[Line]) -> list[Draft]:
    """What promotions save on the lines that stay, where others go: written down before lots are torn apart."""
    torn = [line for line in staying if any(offer.is_of_several for offer in line.offers) and not line.kept]
    pieces = {line.id: abs(line.quantity) for line in torn}
    return _kept(order, pieces, savings_by_line(order), _in_a_row(order, pieces))


def _in_a_row(order: Order, pieces: Mapping[str, int]) -> dict[str, int]:
    """How many of these pieces come before those of each line in its row."""
    before: dict[str, int] = {}
    for row in order.priced.rows:
        place = 0
        for line in row.lines:
            if line.id in pieces:
                before[line.id] = place
                place += pieces[line.id]
    return before


def _kept(
    order: Order,
    pieces: Mapping[str, int],
    saved: Mapping[str, tuple[Saved, ...]],
    before: Mapping[str, int],
) -> list[Draft]:
    """That so many pieces of lines have so much of what promotions saved on them, from now on."""
    text = order.terms.currency.text
    kept = tuple(
        KeptLine(
            line_id=line_id,
            pieces=count,
            kept=tuple(KeptSaving(name=one.name, amount=text(one.amount)) for one in saved.get(line_id, ())),
            after=before.get(line_id, 0),
        )
        for line_id, count in pieces.items()
    )
    return [event_of(order, SavingsKept(lines=kept))] if kept else []


def keep_prices(order: Order, going: Mapping[str, int]) -> list[Draft]:
    """What lines cost now, where a row or a lot is about to be torn apart: it was priced, and rounded, once for all.

    Args:
        order: the order, as it is before anything leaves it.
        going: how many pieces of each line leave.
    """
    return _fixed(order, [row for row in order.priced.rows if _is_of_lot(row) or _loses_price(row, going)])


def whole(order: Order, line_ids: Iterable[str]) -> dict[str, int]:
    """All pieces of these lines, as far as they are there."""
    return {one: abs(order.lines[one].quantity) for one in line_ids if one in order.lines}


def _is_of_lot(row: Row) -> bool:
    """Whether promotions look at it together with others."""
    offers = row.first.offers
    return bool(offers) and not row.first.kept and any(offer.is_of_several for offer in offers)


def _loses_price(row: Row, going: Mapping[str, int]) -> bool:
    """Whether what a row costs is not the sum of what its parts would: a percentage is rounded once for each."""
    saves = bool(row.first.offers or row.first.kept)
    has_rate = row.first.discount is not None and row.first.discount.rate is not None
    if not saves and not has_rate:
        return False
    gone = sum(min(going.get(line.id, 0), abs(line.quantity)) for line in row.lines)
    return 0 < gone < abs(row.quantity) or (gone > 0 and saves and len(row.lines) > 1)


def _is_more_than_its_lines(row: Row) -> bool:
    """Whether its lines cost something else, each by itself: a row is rounded once."""
    return len(row.lines) > 1 and sum(line.listed_of(line.quantity) for line in row.lines) != row.listed


def _fixed(order: Order, rows: Sequence[Row]) -> list[Draft]:
    """Let each line of rows have its share of what the row costs, as amounts, so that it costs that anywhere."""
    text, saved = order.terms.currency.text, savings_by_line(order)
    drafts: list[Draft] = []
    torn = [row for row in rows if row.first.offers or row.first.kept or _is_more_than_its_lines(row)]
    pieces = {line.id: abs(line.quantity) for row in torn for line in row.lines}
    before = _in_a_row(order, pieces)
    for row in rows:
        bearing = [
            Minor(
                line.listed_of(line.quantity, before.get(line.id, 0))
                - sum(one.amount for one in saved.get(line.id, ()))
            )
            for line in row.lines
        ]
        for line, share in zip(row.lines, spread(Minor(sum(bearing) - row.amount), bearing), strict=True):
            # also where its share is nothing: half of the smallest coin would come off it by itself
            bears = share or (line.discount is not None and line.discount.rate is not None)
            if bears and (share <= 0 if row.listed < 0 else share >= 0):
                drafts.append(event_of(order, _as_amount(order, line, text(Minor(abs(share))))))
    places = {one: order.lines[one].torn_after + place for one, place in before.items()}
    return [*drafts, *_kept(order, pieces, saved, places)]


def _as_amount(order: Order, line: Line, amount: str) -> DiscountApplied:
    """A discount of a line as an amount: what it was given for stays known."""
    given = line.discount or next(iter(order.given), None)
    reason = next((one.reason for one in (line.discount, *order.given) if one is not None and one.reason), "")
    pieces, text = abs(line.quantity), order.terms.currency.text
    on_any = given is not None and given.name and given.amount is not None  # the venue allows it whatever that costs
    came_to = NOTHING if on_any else alone(line, pieces)
    price = text(came_to) if came_to else None
    if given is None:
        return DiscountApplied(line_id=line.id, amount=amount, reason=reason, pieces=pieces, price=price)
    return DiscountApplied(
        line_id=line.id, amount=amount, kind=given.kind, name=given.name, reason=reason, pieces=pieces, price=price
    )


def _places(order: Order, going: Collection[str]) -> dict[str, int]:
    """How many pieces that stay come before those of each line that goes, in rows of which some stay and some go.

    A row was rounded once: so its lines cost together what they cost before, wherever they are.
    """
    places: dict[str, int] = {}
    for row in order.priced.rows:
        before = sum(abs(line.quantity) for line in row.lines if line.id not in going)
        for line in row.lines if before else ():
            if line.id in going:
                places[line.id] = before
                before += abs(line.quantity)
    return places


def carry_note(line: Line, note: LineNote, session_id: str) -> Draft:
    """What is wished of a line, in the session that carries it: its words stand beside a record of that one."""
    return Draft(LineNoted(line_id=line.id, note=note.words, follows=note.event), session_id)


def carry_change(line: Line, change: Changed, session_id: str) -> list[Draft]:
    """What was changed of a line, in the session that carries it."""
    drafts: list[Draft] = []
    if change.modifiers is not None:
        said = modifiers_said(change.modifiers, line.terms)
        set_ = ModifiersSet(line_id=line.id, modifiers=said, asks=change.asks or (), follows=change.event)
        drafts.append(Draft(set_, session_id))
    if change.price4 is not None:
        text = line.terms.currency.price_text
        data = PriceOverridden(
            line_id=line.id,
            was=text(line.first_price4),
            price=text(change.price4),
            reason=change.reason,
            approved_by=change.approved_by,
            follows=change.event,
        )
        drafts.append(Draft(data, session_id))
    if change.seat is not None or change.course is not None:
        seated = LineSeated(line_id=line.id, seat=change.seat, course=change.course, follows=change.event)
        drafts.append(Draft(seated, session_id))
    return drafts


def moved_discount(discount: Discount, terms: Terms) -> MovedDiscount:
    """The record of a discount that goes with its line."""
    currency = terms.currency
    return MovedDiscount(
        event=discount.id,
        line_id=discount.line_id or "",
        percent=None if discount.rate is None else currency.price_text(Price4(discount.rate)),
        amount=None if discount.amount is None else currency.text(discount.amount),
        kind=discount.kind,
        name=discount.name,
        pieces=discount.pieces,
        price=None if discount.price is None else currency.text(discount.price),
    )


def moved_payment(payment: Payment, terms: Terms) -> MovedPayment:
    """The record of money that goes along with lines."""
    text, (place, asker, number) = terms.currency.text, payment.reference
    return MovedPayment(
        payment_id=payment.id,
        tender=payment.tender,
        amount=text(payment.amount),
        tendered=text(payment.tendered),
        change=text(payment.change),
        till=payment.till,
        user=payment.user,
        tip=text(payment.tip) if payment.tip else "0",
        asked=None if payment.asked is None else text(payment.asked),
        transaction=payment.transaction,
        place=place,
        asker=asker,
        number=number,
        card=payment.card,
        settled_by=payment.settled_by,
    )


def move_away(
    order: Order, session_id: str, line_ids: Iterable[str], *, late: bool, payments: Iterable[Payment] = ()
) -> Draft:
    """That another session carries lines of an order, and has what was paid of it."""
    money = tuple(payment.id for payment in payments)
    moved = LinesMoved(to_session=session_id, line_ids=tuple(line_ids), payment_ids=money, late=late)
    return event_of(order, moved)


def share_discounts(order: Order) -> list[Draft]:
    """Make shares on its lines of what is given on an order as a whole, so that lines can leave it.

    Each line keeps what it costs now. A line that bears a discount of its own bears both as one amount.
    """
    if not order.given:
        return []
    check_open(order)
    return [*_fixed(order, order.priced.rows), *(event_of(order, ChangeUndone(event=one.id)) for one in order.given)]


def part(order: Order, taken: Mapping[str, int], new_ids: Mapping[str, str]) -> list[Draft]:
    """Cut lines of which some pieces are to leave an order and some stay.

    Args:
        order: the order, without a discount of its own (`share_discounts`).
        taken: how many pieces of each line leave: all of them, or fewer.
        new_ids: the line that they become, where some stay.

    Raises:
        LineError: a line is not there.
        QuantityError: there are not so many pieces.
    """
    drafts: list[Draft] = []
    saved, parts, torn = savings_by_line(order), dict[str, int](), dict[str, int]()
    shares: dict[str, tuple[Saved, ...]] = {}
    behind = _behind(order, taken)
    for line_id, pieces in taken.items():
        line = order.lines.get(line_id)
        if line is None or not line.quantity:
            raise LineError
        if pieces != abs(line.quantity):
            new_id, stays = new_ids[line_id], abs(line.quantity) - pieces
            drafts += cut_line(order, line_id, pieces, new_id, behind.get(line_id, 0))
            if line.offers or line.kept:
                parts |= {line_id: stays, new_id: pieces}
                torn |= dict.fromkeys((line_id, new_id), line.torn_after)
                halves = parted(
                    line, LineCut(line_id=line_id, into=new_id, quantity=pieces, behind=behind.get(line_id, 0))
                )
                shares[line_id], shares[new_id] = _halved(saved.get(line_id, ()), halves)
    return [*drafts, *_kept(order, parts, shares, torn)]


def _halved(saved: Iterable[Saved], halves: tuple[Line, Line]) -> tuple[tuple[Saved, ...], tuple[Saved, ...]]:
    """What promotions save on both parts of a line that is cut: no more than a discount by amount leaves of each."""
    sign, parts = (-1 if halves[0].keyed < 0 else 1), [abs(half.quantity) for half in halves]
    bearing = [bearing_of(half, half.quantity, half.listed_of(half.quantity)) for half in halves]
    given = [half.discount.amount or 0 if half.discount else 0 for half in halves]
    room = [abs(most) - off for most, off in zip(bearing, given, strict=True)]
    stay, go = [], []
    for one in saved:
        stays, goes = fitting(spread(Minor(abs(one.amount)), parts), room)
        room = [room[0] - stays, room[1] - goes]
        stay.append(Saved(one.name, Minor(sign * stays)))
        go.append(Saved(one.name, Minor(sign * goes)))
    return tuple(stay), tuple(go)


def _behind(order: Order, taken: Mapping[str, int]) -> dict[str, int]:
    """How many pieces of other lines come before those that are cut from each, in a row that was rounded once.

    Those that stay are the first; then come whole lines that leave, and then what is cut.
    """
    found: dict[str, int] = {}
    for row in order.priced.rows:
        if not any(line.id in taken for line in row.lines):
            continue
        pieces = {line.id: abs(line.quantity) for line in row.lines}
        cut = {one: taken[one] for one in pieces if 0 < taken.get(one, 0) < pieces[one]}
        before = abs(row.quantity) - sum(cut.values())
        for line_id, count in cut.items():
            found[line_id] = before - (pieces[line_id] - count)
            before += count
    return found


def pieces_named(order: Order, name: str, pieces: int | None) -> dict[str, int]:
    """Which pieces of which lines a name means, None for all of them; the lines keyed first give theirs first.

    Raises:
        LineError: no line is called so, or several kinds are; or nothing else would stay.
        QuantityError: there are not so many pieces.
    """
    wanted = name.casefold()
    lines = [line for line in order.lines.values() if line.quantity > 0]
    fits = [line for line in lines if line.name.casefold() == wanted] or [
        line for line in lines if wanted in line.name.casefold()
    ]
    kinds = dict.fromkeys(line.name for line in fits)
    if not kinds:
        raise LineError(_("No {name} is on that tab.").format(name=name))
    if len(kinds) > 1:
        raise LineError(_("{names}: which one? Type the whole name.").format(names=", ".join(kinds)))
    there = sum(line.quantity for line in fits)
    left = there if pieces is None else pieces
    if not 0 < left <= there:
        raise QuantityError(_("{count} × {name} are on that tab.").format(count=there, name=next(iter(kinds))))
    if left == sum(line.quantity for line in lines):
        raise LineError(_("That is all of that tab: merge puts it on another one."))
    taken: dict[str, int] = {}
    for line in fits:
        if (part := min(left, line.quantity)) > 0:
            taken[line.id] = part
            left -= part
    return taken


def check_alike(order: Order, into: Order | None) -> None:
    """Refuse that lines go where their prices would mean something else; `into` is None where it is not known here.

    Raises:
        LineError: the venue's money, or whether prices have their taxes in them, changed between the two.
    """
    if into is not None and (order.terms.currency, order.terms.included) != (into.terms.currency, into.terms.included):
        raise LineError(_("One of them was opened under other settings of taxes: each is paid by itself."))


def check_money_stays(order: Order, money: Callable[[Minor], str] | None = None) -> None:
    """Refuse that lines leave an order on which more was paid than what is left comes to; `money` as in `money_stands`.

    Raises:
        PaymentError: what was paid, and what can be done.
    """
    if order.paid and order.paid > order.total:
        paid = (money or order.terms.currency.money)(order.paid)
        sentence = _("{paid} was taken here, more than what would stay. Pay the rest here, or give it back first.")
        raise PaymentError(sentence.format(paid=paid))


def join(order: Order, into: str, reason: str) -> list[Draft]:
    """Move all lines of an open order to another one, whoever has that; this one is cleared then.

    What is to be known of the whole order goes along, as a wish of its first line; so does what was paid, by its id.

    Args:
        order: the order that the lines leave.
        into: the order that carries them from now on.
        reason: why it is cleared.

    Raises:
        OrderClosedError: it is on no screen.
        PaymentError: a payment of it is under way.
        EmptyOrderError: there is no line on it.
        LineError: something is off all of it, or it is to carry its own lines.
    """
    check_open(order)
    check_not_empty(order)
    if order.given:
        raise LineError(_("A discount on the whole order cannot be moved. Pay this order by itself."))
    if order.id == into:
        raise LineError
    line_ids = [line.id for line in order.lines.values() if line.quantity]
    paid = [one for one in order.payments.values() if one.state is PaymentState.APPROVED]
    drafts = carry_lines(order, into, line_ids, late=False, payments=paid)
    if order.note:
        first = order.lines[line_ids[0]]
        drafts.append(Draft(LineNoted(line_id=first.id, note=with_wish(first.note, order.note)), into))
    cleared = OrderDiscarded(line_ids=(), reason=reason)
    return [*drafts, move_away(order, into, line_ids, late=False, payments=paid), event_of(order, cleared)]


def split(order: Order, line_ids: Sequence[str], session_id: str) -> list[Draft]:
    """Take lines off an open order into a new one of the same user.

    Raises:
        TillError: as `hand_on`.
    """
    opened = open_order(session_id, order.user, order.terms, order.order_type, from_session=order.id)
    return [opened, *hand_on(order, line_ids, session_id)]


def hand_on(order: Order, line_ids: Sequence[str], session_id: str) -> list[Draft]:
    """Let another order, which is open already, carry some of the lines of one.

    Raises:
        OrderClosedError: it is on no screen.
        PaymentError: a payment of it is under way.
        LineError: one of them is not on the order, none is left on it, or something is off all of it.
    """
    check_open(order)
    if order.given:
        raise LineError(_("A discount on the whole order cannot be moved. Pay this order by itself."))
    going = frozenset(line_ids)
    staying = [line for line in order.lines.values() if line.quantity and line.id not in going]
    if not line_ids or not staying or any(not order.lines[one].quantity for one in line_ids if one in order.lines):
        raise LineError
    if any(one not in order.lines for one in line_ids):
        raise LineError
    return [
        *keep_savings(order, staying),
        *carry_lines(order, session_id, line_ids, late=False),
        move_away(order, session_id, line_ids, late=False),
    ]
