"""The rest of a sale that can still be refunded, and the shares of pieces or an amount.

All shares of a sale add up to the amount paid. Amounts are in minor units; refunded amounts are positive here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from till.domain.money.amount import Currency, spread
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.money.rounding import divide_and_round
from till.domain.order.paying import CASH
from till.domain.refund.parts import Part, TaxName, adjust_parts, limit, limit_part
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from till.domain.money.settling import PaidRounding
    from till.domain.order.events import OrderPlaced, PlacedPayment, PlacedTax
    from till.domain.refund.state import Refund


class SoldRow(Struct, frozen=True):
    """A row of a sale, with the amount paid for it, including its part of the rounding.

    Attributes:
        row: the number of the row, from 1.
        back: the number of refunded pieces, including refunds without an answer.
        waits: the number of pieces in refunds without an answer.
        refunded: the amount of these refunds, as it was rounded, and of their rests, given or still owed.
    """

    row: int
    item_id: str
    name: str
    pieces: int
    part: Part
    back: int = 0
    waits: int = 0
    refunded: Minor = NOTHING

    @property
    def left(self) -> int:
        """The number of pieces that can still be refunded; negative for a row of returns.

        It is 0 if more pieces were refunded than sold: two offline tills may both have refunded them.
        """
        rest = self.pieces - self.back
        return rest if (rest < 0) == (self.pieces < 0) else 0

    def share(self, pieces: int) -> Part:
        """Return the share of the next pieces to refund. The last pieces get what is left of the row.

        The amounts of earlier refunds may have been rounded, so the last one makes up for their differences. Net and
        taxes are never rounded.
        """
        upto, before = self.back + pieces, self.back
        taxes = {
            name: (_between(net, before, upto, self.pieces), _between(tax, before, upto, self.pieces))
            for name, (net, tax) in self.part.taxes.items()
        }
        amount = _between(self.part.amount, before, upto, self.pieces)
        rounding = _between(self.part.rounding, before, upto, self.pieces)
        net = Minor(amount - rounding - sum_of(own for _net, own in taxes.values()))
        if pieces == self.left:
            amount = limit(self.part.amount - self.refunded, self.part.amount)
        return Part(amount, net, taxes)


def _between(whole: int, before: int, upto: int, pieces: int) -> Minor:
    """Return the share of the pieces from `before` to `upto`: the difference of the two rounded cumulative shares."""
    size = abs(pieces)
    sign = 1 if pieces > 0 else -1
    return Minor(divide_and_round(whole * upto * sign, size) - divide_and_round(whole * before * sign, size))


class SalePayment(Struct, frozen=True):
    """A payment of the sale, or all its cash payments, without tips.

    Attributes:
        left: the amount that can still be refunded.
        transaction: the provider's id of the money; empty if no provider took it.
    """

    payment_id: str
    tender: str
    amount: Minor
    left: Minor
    transaction: str = ""


class Together(Struct, frozen=True):
    """Refunds of the same pieces in several tenders: the first one has the pieces, the others are by amount.

    Attributes:
        pieces: the whole amount of the refunded pieces of each row.
        parts: the refunds, each with its part of these amounts, before any rounding to a coin.
        owed: the part that is still to be given.
    """

    pieces: Mapping[int, Minor]
    parts: tuple[tuple[Refund, Minor], ...]
    owed: Minor

    @property
    def is_divided(self) -> bool:
        """True if the pieces go back in more than one refund."""
        return self.owed > 0 or len(self.parts) > 1


class Sale(Struct, frozen=True):
    """A sale and what is left of it after refunds. The sale itself never changes.

    Attributes:
        paid: the amount paid, without tips.
        left: the part that can still be refunded.
        rows: the sold rows, with their refunded pieces.
        payments: the payments.
        refunds: all refunds that were started, including declined ones.
        together: those of pieces that count, each with the refunds by amount that are its rest.
        rounding: the rounding of payments; None if they are exact to the minor unit.
    """

    placed: OrderPlaced
    currency: Currency
    paid: Minor
    left: Part
    rows: tuple[SoldRow, ...]
    payments: tuple[SalePayment, ...]
    refunds: tuple[Refund, ...]
    together: tuple[Together, ...] = ()
    rounding: PaidRounding | None = None

    @property
    def back(self) -> Minor:
        """The refunded amount, including refunds without an answer."""
        return Minor(self.paid - self.left.amount)

    def together_with(self, refund: Refund) -> Together | None:
        """Return the refunds of the same pieces as a refund; None if it has none."""
        return next((one for one in self.together if refund.id in {part.id for part, _amount in one.parts}), None)

    @property
    def waits(self) -> bool:
        """True if a refund has no answer yet."""
        return any(one.is_open for one in self.refunds)


class Share(Struct, frozen=True):
    """A share of a sale to refund: the whole part, and the pieces and part of each row; no rows if it is by amount."""

    part: Part
    rows: tuple[tuple[SoldRow, int, Part], ...] = ()


class _Group(NamedTuple):
    """A refund of pieces with the refunds by amount that are its rest, and the share of the pieces of each row."""

    shares: Mapping[int, Minor]
    refunds: list[Refund]


def sale_of(
    placed: OrderPlaced,
    refunds: Iterable[Refund],
    corrected: Mapping[str, str] | None = None,
    rounding: PaidRounding | None = None,
    elsewhere: Container[str] = (),
) -> Sale:
    """Return a sale with its refunds.

    Args:
        placed: the sale.
        refunds: its refunds.
        corrected: the corrected tenders by payment id.
        rounding: the rounding of payments; None if they are exact to the minor unit.
        elsewhere: the payments that an earlier sale of the order lists too. They are refunded under that one alone.
    """
    currency, known = Currency(placed.currency), tuple(refunds)
    counted = [refund for refund in known if refund.counts]
    paid = Minor(currency.minor(placed.total) + currency.minor(placed.rounding))
    whole = Part(paid, currency.minor(placed.net), _taxes(placed.taxes, currency))
    left = _less(whole, [_part_of(refund, currency) for refund in counted])
    rows, groups = _with_refunds(_rows(placed, paid, currency), counted, currency, rounding)
    payments = _payments(placed, counted, corrected or {}, currency, elsewhere)
    together = _together(groups, paid, counted, rounding)
    return Sale(placed, currency, paid, left, rows, payments, known, together, rounding)


def _payments(
    placed: OrderPlaced,
    counted: Sequence[Refund],
    corrected: Mapping[str, str],
    currency: Currency,
    elsewhere: Container[str],
) -> tuple[SalePayment, ...]:
    """Return the payments. All cash is one payment, because a drawer does not part it.

    Its id is that of the first one of this sale alone: the database keeps another one with the earlier sale.
    """
    groups: dict[str, list[PlacedPayment]] = {}
    for one in sorted(placed.payments, key=lambda one: one.payment_id in elsewhere):
        tender = corrected.get(one.payment_id, one.tender)
        groups.setdefault(tender if tender == CASH else one.payment_id, []).append(one)
    found = []
    for first, *others in groups.values():
        settled = {one.payment_id: currency.minor(one.amount) - currency.minor(one.tip) for one in (first, *others)}
        own = sum(amount for payment, amount in settled.items() if payment not in elsewhere)
        left = Minor(own - _reversed(counted, settled, currency))
        tender = corrected.get(first.payment_id, first.tender)
        found.append(SalePayment(first.payment_id, tender, Minor(sum(settled.values())), left, first.transaction))
    return tuple(found)


def _with_refunds(
    rows: Sequence[SoldRow], counted: Sequence[Refund], currency: Currency, rounding: PaidRounding | None
) -> tuple[tuple[SoldRow, ...], list[_Group]]:
    """Return the rows after refunds, in their order, and the refunds that belong together.

    If a refund is short of the share of its pieces, refunds by amount that follow are its rest, unless they exceed it
    by a coin. Of what is owed then, less than a coin for each is rounding; more is not given for other pieces.
    """
    known, owed = {row.row: row for row in rows}, dict[int, Minor]()
    coin = max(rounding.step, 1) if rounding is not None else 1
    rounds, groups = coin, list[_Group]()
    for refund in counted:
        given = {one.row: Minor(-currency.minor(one.amount)) for one in refund.started.lines if one.row in known}
        if refund.started.lines:
            known, rounds = _settled(known, owed, rounds), coin
            pieces = {one.row: -one.quantity for one in refund.started.lines if one.row in known}
            owed = {row: known[row].share(count).amount for row, count in pieces.items()}
            groups.append(_Group(owed, [refund]))
            known |= {row: _with_pieces(known[row], count, waits=refund.is_open) for row, count in pieces.items()}
        elif 0 < sum(owed.values()) > refund.amount - coin:
            given = dict(zip(owed, spread(refund.amount, list(owed.values())), strict=True))
            rounds += coin if coin > 1 else 0
            groups[-1].refunds.append(refund)
        known |= _added_to(known, given)
        owed = {row: Minor(amount - given.get(row, NOTHING)) for row, amount in owed.items()}
    return tuple(_settled(known, owed, rounds).values()), groups


def _together(
    groups: Iterable[_Group], paid: Minor, counted: Sequence[Refund], rounding: PaidRounding | None
) -> tuple[Together, ...]:
    """Return the parts of refunds that belong together. Their pieces come to no more than was left of the sale."""
    coin = max(rounding.step, 1) if rounding is not None else 1
    left = Minor(paid - sum(refund.amount for refund in counted))
    found = []
    for group in groups:
        first, *others = group.refunds
        before = sum(refund.amount for refund in counted if refund.id < first.id)
        shares = list(group.shares.values())
        whole = Minor(min(sum(shares), paid - before))
        pieces = dict(zip(group.shares, shares if sum(shares) == whole else spread(whole, shares), strict=True))
        parts, owed = [(first, first.amount)], Minor(whole - first.amount)
        for refund in others:
            parts.append((refund, owed if abs(owed - refund.amount) < coin else refund.amount))
            owed = Minor(owed - parts[-1][1])
        found.append(Together(pieces, tuple(parts), Minor(min(owed, left)) if owed >= coin else NOTHING))
    return tuple(found)


def _settled(rows: Mapping[int, SoldRow], owed: Mapping[int, Minor], rounds: int) -> dict[int, SoldRow]:
    """Return the rows with what is owed for refunded pieces, unless it is less than `rounds`, and so rounding."""
    return {**rows, **_added_to(rows, owed)} if sum(owed.values()) >= rounds else dict(rows)


def _added_to(rows: Mapping[int, SoldRow], given: Mapping[int, Minor]) -> dict[int, SoldRow]:
    return {row: replace(rows[row], refunded=Minor(rows[row].refunded + amount)) for row, amount in given.items()}


def _with_pieces(row: SoldRow, pieces: int, *, waits: bool) -> SoldRow:
    return replace(row, back=row.back + pieces, waits=row.waits + pieces if waits else row.waits)


def _rows(placed: OrderPlaced, paid: Minor, currency: Currency) -> tuple[SoldRow, ...]:
    """Return the rows with the whole amount paid spread over them.

    The service charge is spread over the rows that bear it, the rounding over all rows, in proportion to their prices.
    """
    charged = _charges(placed, currency)
    prices = (currency.minor(line.subtotal) for line in placed.lines)
    sold = [Minor(price + charge.amount) for price, charge in zip(prices, charged, strict=True)]
    rounding = spread(Minor(paid - sum(sold)), sold)
    return tuple(
        SoldRow(
            place,
            line.item_id,
            line.item_name,
            line.quantity,
            Part(
                Minor(price + rounding_part),
                Minor(currency.minor(line.net) + charge.net),
                _added(_row_taxes(line.taxes, line.net, line.tax, currency), charge.taxes),
            ),
        )
        for place, (line, price, rounding_part, charge) in enumerate(
            zip(placed.lines, sold, rounding, charged, strict=True), 1
        )
    )


def _charges(placed: OrderPlaced, currency: Currency) -> list[Part]:
    """Return the share of each row in the service charge."""
    charge = placed.service_charge
    if charge is None:
        return [Part(NOTHING, NOTHING, {}) for _line in placed.lines]
    weights = [0 if line.uncharged else currency.minor(line.subtotal) for line in placed.lines]
    amounts = spread(currency.minor(charge.subtotal), weights)
    taxes = [
        (name, spread(net, weights), spread(tax, weights))
        for name, (net, tax) in _row_taxes(charge.taxes, charge.net, charge.tax, currency).items()
    ]
    parts = []
    for place, amount in enumerate(amounts):
        own = {name: (nets[place], shares[place]) for name, nets, shares in taxes}
        parts.append(Part(amount, Minor(amount - sum_of(tax for _net, tax in own.values())), own))
    return parts


def _taxes(taxes: Sequence[PlacedTax], currency: Currency) -> dict[TaxName, tuple[Minor, Minor]]:
    found: dict[TaxName, tuple[Minor, Minor]] = {}
    for one in taxes:
        known = TaxName(one.name, one.rate, one.per_piece, one.added)
        net, tax = found.get(known, (NOTHING, NOTHING))
        own = currency.minor(one.net) if one.net is not None else NOTHING
        found[known] = (Minor(net + own), Minor(tax + currency.minor(one.tax)))
    return found


def _row_taxes(
    taxes: Sequence[PlacedTax], net: str, tax: str, currency: Currency
) -> dict[TaxName, tuple[Minor, Minor]]:
    """Return the taxes of a row, each on the row's net. If the record has only their sum, the tax has no name."""
    found = {name: (currency.minor(net), own) for name, (_net, own) in _taxes(taxes, currency).items()}
    named = sum_of(own for _net, own in found.values())
    rest = Minor(currency.minor(tax) - named)
    return {**found, TaxName("", "0"): (currency.minor(net), rest)} if rest else found


def _part_of(refund: Refund, currency: Currency) -> Part:
    started = refund.started
    taxes = {name: (Minor(-net), Minor(-tax)) for name, (net, tax) in _taxes(started.taxes, currency).items()}
    return Part(Minor(-currency.minor(started.amount)), Minor(-currency.minor(started.net)), taxes)


def _less(whole: Part, refunded: Sequence[Part]) -> Part:
    taxes = dict(whole.taxes)
    for part in refunded:
        for name, (net, tax) in part.taxes.items():
            left = taxes.get(name, (NOTHING, NOTHING))
            taxes[name] = (Minor(left[0] - net), Minor(left[1] - tax))
    amount = Minor(whole.amount - sum(part.amount for part in refunded))
    return Part(amount, Minor(whole.net - sum(part.net for part in refunded)), taxes)


def _reversed(refunds: Iterable[Refund], payments: Container[str], currency: Currency) -> int:
    return sum(-currency.minor(one.started.amount) for one in refunds if one.started.payment_id in payments)


def share_of_pieces(sale: Sale, pieces: Mapping[int, int]) -> Share:
    """Return the share of pieces, by row number, at most what is left. The last pieces get the whole rest.

    A refund by amount belongs to no row. After one, the share of the last rows may be less than was paid for them, so
    that all refunds add up to the whole.
    """
    marked = [(row, pieces[row.row]) for row in sale.rows if pieces.get(row.row)]
    parts = [row.share(count) for row, count in marked]
    exact = sum_of(part.amount for part in parts)
    if exact >= sale.left.amount or all(row.left == pieces.get(row.row, 0) for row in sale.rows):
        whole = sale.left
    else:
        whole = limit_part(_sum(exact, parts), sale.left)
    fitted = adjust_parts(parts, whole)
    return Share(whole, tuple((row, count, part) for (row, count), part in zip(marked, fitted, strict=True)))


def resize_share(sale: Sale, share: Share, amount: Minor) -> Share:
    """Return the share with another amount. The difference is rounding.

    For the whole amount left, the share is all that is left.
    """
    whole = sale.left if amount == sale.left.amount else Part(amount, share.part.net, share.part.taxes)
    fitted = adjust_parts([part for _row, _pieces, part in share.rows], whole)
    rows = ((row, pieces, part) for (row, pieces, _part), part in zip(share.rows, fitted, strict=True))
    return Share(whole, tuple(rows))


def _sum(amount: Minor, parts: Sequence[Part]) -> Part:
    return Part(amount, sum_of(part.net for part in parts), _added(*(part.taxes for part in parts)))


def _added(*parts: Mapping[TaxName, tuple[Minor, Minor]]) -> dict[TaxName, tuple[Minor, Minor]]:
    """Return the sum of each tax, with its net."""
    taxes: dict[TaxName, tuple[Minor, Minor]] = {}
    for part in parts:
        for name, (net, tax) in part.items():
            before = taxes.get(name, (NOTHING, NOTHING))
            taxes[name] = (Minor(before[0] + net), Minor(before[1] + tax))
    return taxes


def share_of_amount(sale: Sale, amount: Minor) -> Share:
    """Return the share of an amount, with the same proportion of each tax left. The last amount gets the whole rest."""
    return Share(sale.left if amount >= sale.left.amount else _part_by_amount(sale.left, amount))


def first_part(share: Share, amount: Minor) -> tuple[Share, Part]:
    """Divide a share: return the part of an amount, which takes all its pieces, and the rest, with the other taxes."""
    whole = _part_by_amount(share.part, amount)
    fitted = adjust_parts([part for _row, _pieces, part in share.rows], whole)
    rows = ((row, pieces, part) for (row, pieces, _part), part in zip(share.rows, fitted, strict=True))
    return Share(whole, tuple(rows)), _less(share.part, [whole])


def share_of_rest(sale: Sale, rest: Part) -> Share:
    """Return the share of the rest of a divided refund, with no more of each tax than is left."""
    return Share(limit_part(rest, sale.left))


def _part_by_amount(whole: Part, amount: Minor) -> Part:
    """Return the part of an amount, with the same proportion of each tax."""
    taxes = {
        name: (_portion(net, amount, whole.amount), _portion(tax, amount, whole.amount))
        for name, (net, tax) in whole.taxes.items()
    }
    rounding = _portion(whole.rounding, amount, whole.amount)
    tax = sum_of(own for _net, own in taxes.values())
    return limit_part(Part(amount, Minor(amount - rounding - tax), taxes), whole)


def _portion(whole: int, part: int, of: int) -> Minor:
    return Minor(divide_and_round(whole * part, of))
