"""The sentences and rows about a drawer and a shift, for the screen and `till say`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from till.domain.i18n import _, ngettext
from till.domain.money.measures import Minor
from till.domain.shift.names import KINDS, MOVED
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from till.domain.money.formats import Formats
    from till.domain.shift.events import MovementKind, NumberedSum, ShiftClosed, ShiftSums
    from till.domain.shift.evolve import Movement, Shift
    from till.register.drawer import Counted

#: The question before cash leaves the drawer that should not be in it.
BEYOND: Final = _("More than should be in the drawer. Enter again does it.")


class Shown(NamedTuple):
    """A row of an X or a Z: a label and its figure; without a label it is blank, without a figure a heading."""

    label: str = ""
    figure: str = ""


def moved(formats: Formats, kind: MovementKind, amount: Minor, reason: str) -> str:
    """Return `Paid out ₹20.00: milk.`"""
    words = _("{kind} {amount}: {reason}.") if reason else _("{kind} {amount}.")
    return words.format(kind=KINDS[kind], amount=formats.money(Minor(abs(amount))), reason=clean(reason))


def undone(formats: Formats, movement: Movement) -> str:
    """Return `Undone: Paid out ₹20.00. Both stay in the record.`"""
    amount = formats.currency.minor(movement.data.amount)
    what = _("{kind} {amount}").format(kind=KINDS[movement.data.kind], amount=formats.money(Minor(abs(amount))))
    return _("Undone: {what}. Both stay in the record.").format(what=what)


def counted(formats: Formats, label_of: Callable[[str], str], results: Sequence[Counted]) -> str:
    """Return `Cash ₹139.50: ▼ ₹0.50 short.`, for each tender by itself; several are never added up."""
    parts = []
    for one in results:
        money = formats.money(Minor(abs(one.difference)))
        state = _("as it should be")
        if one.difference:
            state = _("▼ {amount} short") if one.difference < 0 else _("▲ {amount} over")
        words = _("{tender} {counted}: {state}.")
        if one.taken:
            words = _("{tender} {counted}: {state}. {left} stays.")
        left = formats.money(Minor(one.counted - one.taken))
        parts.append(
            words.format(
                tender=label_of(one.tender),
                counted=formats.money(one.counted),
                state=state.format(amount=money),
                left=left,
            )
        )
    return " ".join(parts)


def closed(formats: Formats, shift: Shift) -> str:
    """Return `Z 1-Z000042: 3 sales, ₹150.00. Count the drawer.`"""
    z = shift.closed
    if z is None:
        return ""
    sold = z.sums.sales
    sales = ngettext("{n} sale", "{n} sales", sold.number).format(n=sold.number)
    words = _("Z {number}: {sales}, {amount}. Count the drawer.")
    return words.format(number=z.number, sales=sales, amount=formats.money(formats.currency.minor(sold.gross)))


def z_title(z: ShiftClosed) -> str:
    """Return `Z 1-Z000042`."""
    return _("Z {number}").format(number=z.number)


class _Rows:
    """Makes the rows of an X or a Z."""

    def __init__(self, sums: ShiftSums, formats: Formats, label_of: Callable[[str], str]) -> None:
        self._sums = sums
        self._formats = formats
        self._label_of = label_of

    def _figure(self, text: str) -> str:
        return self._formats.amount(self._formats.currency.minor(text))

    def _numbered(self, *sums: tuple[str, NumberedSum]) -> Iterator[Shown]:
        for label, one in sums:
            if one.number:
                yield Shown(_("{number} × {label}").format(number=one.number, label=label), self._figure(one.amount))

    def _unless_zero(self, *pairs: tuple[str, str]) -> Iterator[Shown]:
        for label, amount in pairs:
            if self._formats.currency.minor(amount):
                yield Shown(label, self._figure(amount))

    def sales(self) -> Iterator[Shown]:
        """Yield the rows of the sales."""
        sums = self._sums
        yield from (Shown(_("Sales"), str(sums.sales.number)), Shown(_("Net"), self._figure(sums.sales.net)))
        for tax in sums.taxes:
            name = _("{name} {rate} %").format(name=clean(tax.name), rate=tax.rate) if tax.rate else clean(tax.name)
            yield Shown(name, self._figure(tax.tax))
        yield Shown(_("Total"), self._figure(sums.sales.gross))
        yield from self._unless_zero((_("Rounding"), sums.rounding), (_("Of it service charge"), sums.service_charge))
        yield from self._numbered(
            (_("refunds"), sums.refunds),
            (_("discounts"), sums.discounts),
            (_("on the house"), sums.comps),
            (_("voids"), sums.voids),
            (_("voids after sending"), sums.voids_after_sending),
        )
        if sums.no_sales:
            yield Shown(_("Opened without a sale"), str(sums.no_sales))
        if sums.receipts is not None:
            yield Shown(_("Receipts"), f"{sums.receipts.first}–{sums.receipts.last}")
        if len(sums.dates) > 1:
            yield from (Shown(one.business_date, self._figure(one.gross)) for one in sums.dates)

    def money(self) -> Iterator[Shown]:
        """Yield the rows of the tenders and the drawer."""
        sums = self._sums
        yield from (Shown(), Shown(_("Tenders")))
        for one in sums.tenders:
            yield Shown(self._label_of(one.tender), self._figure(one.amount))
        yield from self._unless_zero(
            (_("Tips"), sums.tips),
            (_("Taken ahead of a sale"), sums.taken_ahead),
            (_("Taken before or elsewhere"), sums.used),
        )
        for drawer in sums.drawer:
            yield from (Shown(), Shown(_("{tender} in the drawer").format(tender=self._label_of(drawer.tender))))
            yield Shown(_("Opening"), self._figure(drawer.opening))
            for move in drawer.moved:
                yield Shown(MOVED.get(move.kind, move.kind), self._figure(move.amount))
            yield Shown(_("Closing"), self._figure(drawer.closing))

    def categories(self) -> Iterator[Shown]:
        """Yield the rows of the categories."""
        if self._sums.categories:
            yield from (Shown(), Shown(_("Categories")))
        for row in self._sums.categories:
            yield Shown(clean(row.category) or _("without a category"), self._figure(row.gross))


def rows_of(
    sums: ShiftSums, formats: Formats, label_of: Callable[[str], str], *, hides_cash: bool = False
) -> tuple[Shown, ...]:
    """Return the rows of an X or a Z. With `hides_cash` those of tenders, tips and the drawer wait for the count."""
    rows = _Rows(sums, formats, label_of)
    hidden = (Shown(), Shown(_("Tenders, tips and drawer"), _("○ after the count")))
    return (*rows.sales(), *(hidden if hides_cash else rows.money()), *rows.categories())


def as_text(rows: Iterable[Shown], width: int = 42) -> str:
    """Return rows as text of a width, the figures at the right."""
    return "\n".join(f"{row.label:<{width - len(row.figure) - 1}} {row.figure}".rstrip() for row in rows)
