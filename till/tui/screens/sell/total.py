"""The foot of an order: items, tax and the total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from till.domain.i18n import _, ngettext
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.money.tax import tax_words
from till.domain.order.paying import due_in
from till.register.answers import as_sentence
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import StyledText, TotalView
from till.tui.screens.names import due_figure, money_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.catalogue.menu import Menu
    from till.domain.money.formats import Formats
    from till.domain.money.tax import Tax
    from till.domain.order.line import Row
    from till.domain.order.state import Order


def total_view(order: Order | None, formats: Formats, menu: Menu, *, included: bool) -> TotalView:
    """Return items, tax and the total in large figures; without lines, the menu's tax and whether prices include it.

    Once a part is paid, the amount due is large, and the total is beside the items.
    """
    total = order.total if order else NOTHING
    pieces = order.priced.pieces if order else 0
    counted = ngettext("{count} item", "{count} items", pieces).format(count=pieces)
    voids = len(order.priced.void_rows) if order else 0
    void = ngettext("{count} line void", "{count} lines void", voids).format(count=voids) if voids else ""
    paid = _("{paid} paid").format(paid=formats.money(order.paid)) if order and order.paid else ""
    beside = _beside(order, formats) if order else ()
    items = ", ".join(fact for fact in (paid, counted, *beside, void) if fact)
    figure = money_figure(_("Total"), total, formats)
    right = taxes_text(order, formats) or _no_tax_yet(menu, formats, included=included)
    if order is not None and order.paid:
        figure = due_figure(due_in(order), formats)
        right = (StyledText(_("Total"), Tone.MUTED), StyledText(formats.amount(total), Tone.MUTED))
    return TotalView(
        replace(figure, sentence=as_sentence(f"{figure.sentence[:-1]}, {items}")),
        StyledText(counted, Tone.MUTED),
        right,
        StyledText(void, Tone.MUTED) if void else None,
        StyledText(paid, Tone.MUTED) if paid else None,
        charged=StyledText(", ".join(beside), Tone.MUTED) if beside else None,
    )


def _beside(order: Order, formats: Formats) -> tuple[str, ...]:
    """Return the service charge, and the amount to pay if it is rounded."""
    facts, rule = [], order.terms.rounding
    if order.priced.charge is not None:
        facts.append(_("service {amount}").format(amount=formats.amount(order.priced.service_charge)))
    if rule is not None and rule.bill and (rounding := rule.of(order.total)):
        facts.append(_("to pay {amount}").format(amount=formats.amount(Minor(order.total + rounding))))
    return tuple(facts)


def taxes_text(order: Order | None, formats: Formats) -> tuple[StyledText, ...]:
    """Return the tax as `GST 5 % included` and `11.43`; several taxes are summed up."""
    if order is None or not order.priced.taxes:
        return ()
    sums = order.priced.taxes
    return _tax_text([one.tax for one in sums], order.priced.tax, formats, included=not any(one.added for one in sums))


def taxes_of_rows(rows: Sequence[Row], formats: Formats, *, included: bool) -> tuple[StyledText, ...]:
    """Return the tax of rows that have the same taxes."""
    taxes = rows[0].taxes if rows else ()
    amount = sum_of(tax for row in rows for tax in row.taxed.taxes)
    return _tax_text(taxes, amount, formats, included=included) if taxes else ()


def _no_tax_yet(menu: Menu, formats: Formats, *, included: bool) -> tuple[StyledText, ...]:
    """Return the tax of an order without lines, as `GST 5 % included` and `0.00`; nothing if nothing is taxed."""
    taxes = list(dict.fromkeys(tax for band in menu.taxes.values() for tax in band))
    return _tax_text(taxes, NOTHING, formats, included=included) if taxes else ()


def _tax_text(taxes: Sequence[Tax], amount: Minor, formats: Formats, *, included: bool) -> tuple[StyledText, ...]:
    only = tax_words(taxes[0].name, taxes[0].percent if taxes[0].per_piece is None else None)
    words = only if len(taxes) == 1 else _("Tax")
    words = _("{tax} included").format(tax=words) if included else words
    return (StyledText(words, Tone.MUTED), StyledText(formats.amount(amount), Tone.MUTED))
