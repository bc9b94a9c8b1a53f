"""State of the screen of past sales and the facts it is given about the till, all frozen."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from till.domain.errors import RefundError
from till.domain.i18n import N_, _
from till.domain.money.amount import Currency
from till.domain.money.measures import NOTHING, Minor
from till.domain.refund import giving
from till.domain.refund.past import receipt_number
from till.tui.drawing.layout import PAGE
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.marked_list import ListMark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.fiscal import FiscalWords
    from till.domain.money.formats import Formats
    from till.domain.order.state import Order
    from till.domain.payment.cards import Card
    from till.domain.payment.slips import KeptSlip
    from till.domain.refund.giving import Rest, Way
    from till.domain.refund.past import PastSale
    from till.domain.refund.shares import Sale, Share
    from till.domain.refund.state import Refund
    from till.domain.venue import Venue
    from till.register.payments.tenders import Tenders
    from till.register.quick_entry.lookup import Lookup
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.keymap import Keymap


#: The warning on an open sale and on the sheets of its refund, while the server does not answer.
AWAY: Final = N_("Offline: refunds of other tills are not known.")
#: Refunds of tills that have not been heard since the database was restored are not known either.
UNHEARD: Final = N_("Not heard since the restore: {tills}. Refunded there?")
#: The warning if the order of the sale was sold twice, and the other receipt is refunded, also in part.
TWICE: Final = N_("Sold twice: {refunded} is refunded. This too?")


class RefundMarks(Struct, frozen=True):
    """Marks on a sale for the refund: pieces by row, an amount, or the rest of a refund; and the way it goes back.

    Attributes:
        line: the marked row, from 0.
        way: the index of the way.
    """

    pieces: tuple[tuple[int, int], ...] = ()
    amount: Minor | None = None
    rest: Rest | None = None
    line: int = 0
    way: int = 0

    def of(self, pieces: Mapping[int, int], amount: Minor | None = None) -> RefundMarks:
        """Return the marks with these pieces, or this amount, marked alone."""
        return replace(self, pieces=tuple(sorted(pieces.items())), amount=amount, rest=None)

    @property
    def by_row(self) -> dict[int, int]:
        return dict(self.pieces)


class SheetOfSale(Enum):
    """The paper shown of a sale: a copy of its receipt, the slips of terminals, or the code of its record."""

    COPY = "copy"
    SLIPS = "slips"
    CODE = "code"


class OpenedSale(Struct, frozen=True):
    """The open sale.

    Attributes:
        away: True if the server does not answer, so that refunds on other tills are not known.
        unheard: the names of tills whose refunds are not known since the database was restored.
        twice: the refunded amount of the other receipt of an order that was sold twice; empty for none.
        paper: the paper shown in place of the sale, if any.
    """

    session_id: str
    receipt: str
    marks: RefundMarks = RefundMarks()
    away: bool = False
    unheard: str = ""
    twice: str = ""
    paper: SheetOfSale | None = None

    @property
    def warning(self) -> str:
        """The sentence on a refund of the other receipt, or on those that are not known here; empty for none."""
        if self.twice:
            return _(TWICE).format(refunded=self.twice)
        if self.away:
            return _(AWAY)
        return _(UNHEARD).format(tills=self.unheard) if self.unheard else ""


class FoundSales(Struct, frozen=True):
    """The sales that the server returned for a search."""

    text: str
    sales: tuple[PastSale, ...] = ()
    more: bool = False


class SalesState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        entry: the entry line.
        message: the message shown.
        mark: the marked row of the list.
        found: the sales of the whole venue if those are listed; None for this till's.
        opened: the open sale.
        kept: the marks on sales opened before, by receipt number.
        is_scanned: True if a code was the last input, after which some scanners send Enter twice.
    """

    entry: EntryLine = EMPTY
    message: StyledText | None = None
    mark: ListMark = ListMark()
    found: FoundSales | None = None
    opened: OpenedSale | None = None
    kept: tuple[tuple[str, RefundMarks], ...] = ()
    is_scanned: bool = False


class SalesFacts(Struct, frozen=True):
    """The facts at one moment.

    Attributes:
        sales: the sales of this till, newest first, and those of other tills of which its refund waits.
        left: payments of ended orders that belong to no sale.
        not_asked: why money asked back by another till cannot be given back here, by payment.
        sale: the open sale, with what can still be refunded.
        order: its order.
        names: the names of the staff, by number.
        now: the venue's local time.
        tenders: the ways to pay.
        slips: the slips that terminals sent for it.
        prints: True if a printer prints for this till.
        prints_refund: True if the receipt of a refund that was just given can be printed.
        papers: the papers of the open sale, with their states.
        words: the marks that the country's law wants on the receipt of the open sale.
        has_room: True if the screen has room for their code.
        asks_manager: True if a manager has to allow a refund.
        is_held: True while the server is asked, and keys wait.
        page: the number of sales that a page key passes; `line_page` of the lines of a sale.
    """

    sales: tuple[PastSale, ...]
    sale: Sale | None
    order: Order | None
    names: Mapping[int, str]
    now: datetime
    lookup: Lookup
    formats: Formats
    venue: Venue
    tenders: Tenders
    keymap: Keymap
    till: int
    slips: tuple[KeptSlip, ...] = ()
    prints: bool = False
    prints_refund: bool = False
    papers: tuple[tuple[str, str], ...] = ()
    words: FiscalWords | None = None
    has_room: bool = False
    left: tuple[PastSale, ...] = ()
    not_asked: Mapping[str, str] = {}
    asks_manager: bool = True
    is_held: bool = False
    wide: bool = True
    page: int = PAGE
    line_page: int = PAGE


class SalesRow(NamedTuple):
    """A row of the list: a sale, a refund, or money on no sale."""

    sale: PastSale
    refund: Refund | None = None

    @property
    def at(self) -> datetime:
        return self.refund.at if self.refund is not None else self.sale.at

    def waits_on(self, till: int) -> bool:
        """Return True for a refund of this till without an answer."""
        return self.refund is not None and self.refund.is_open and self.refund.till == till

    @property
    def receipt(self) -> str:
        return self.refund.started.receipt if self.refund is not None else self.sale.receipt

    @property
    def amount(self) -> Minor:
        if self.refund is None:
            return self.sale.total
        return Currency(self.sale.currency).minor(self.refund.started.amount)

    @property
    def tenders(self) -> tuple[str, ...]:
        return (self.refund.started.tender,) if self.refund is not None else self.sale.tenders


def matching_rows(state: SalesState, facts: SalesFacts) -> list[SalesRow]:
    """Return the rows of the list that match the typed text; for a receipt number only its own.

    This till's waiting refunds are first, then the newest. Text that is typed on an open sale is about that sale.
    """
    typed = state.entry.text if state.opened is None else ""
    known = (*facts.left, *facts.sales) if state.found is None else state.found.sales
    rows = [SalesRow(sale) for sale in known]
    rows += [SalesRow(sale, refund) for sale in known for refund in sale.refunds if refund.counts]
    rows.sort(key=lambda row: (row.waits_on(facts.till), row.at, row.refund is not None), reverse=True)
    words = typed.casefold().split()
    if state.found is not None and state.found.text == typed.strip():
        return rows
    if (number := receipt_number(typed)) is not None:  # 1-53 would also match 1-531
        return [row for row in rows if row.receipt == number]
    return [row for row in rows if all(word in _haystack(row, facts) for word in words)] if words else rows


def place_of(state: SalesState, rows: list[SalesRow]) -> int:
    """Return the marked row; for an open sale its row, which a refund above it moves down."""
    at = state.mark.place
    if state.opened is not None:
        at = next((at for at, row in enumerate(rows) if row.receipt == state.opened.receipt), at)
    return max(0, min(at, len(rows) - 1))


def _haystack(row: SalesRow, facts: SalesFacts) -> str:
    """Return the text that a row is searched by."""
    short = re.sub(r"-(F?R?)0+", r"-\1", row.receipt)
    items = [name for name, _pieces in row.sale.items] if row.refund is None else []
    taken = row.sale.taken if row.refund is None else ()
    return " ".join([
        row.receipt,
        short,
        facts.venue.local(row.at).strftime("%H:%M"),
        *map(Currency(row.sale.currency).text, (row.amount, *taken)),
        facts.names.get(row.sale.user, ""),
        *map(facts.tenders.label_of, row.tenders),
        *items,
    ]).casefold()  # fmt: skip


def money_left(state: SalesState, rows: list[SalesRow]) -> PastSale | None:
    """Return the marked row if it is money on no sale."""
    sale = rows[place_of(state, rows)].sale if rows else None
    return sale if sale is not None and sale.left else None


def today_of(state: SalesState, facts: SalesFacts) -> bool:
    """Return True if everything listed is of today."""
    known = facts.sales if state.found is None else state.found.sales
    return all(facts.venue.local(sale.at).date() == facts.now.date() for sale in known)


def ways(state: SalesState, facts: SalesFacts) -> list[Way]:
    """Return the ways that the money of the open sale can go back."""
    if facts.sale is None or state.opened is None:
        return []
    return giving.ways_of(facts.sale, away=state.opened.away)


def card_of_way(way: Way, order: Order | None) -> Card | None:
    """Return the card that paid; None if no card did, or it is not known."""
    paid = order.payments.get(way.payment.payment_id) if order is not None else None
    return paid.card if paid is not None else None


def way_chosen(state: SalesState, facts: SalesFacts) -> Way | None:
    """Return the chosen way for the refund, if there is any."""
    found = ways(state, facts)
    return found[min(state.opened.marks.way, len(found) - 1)] if state.opened is not None and found else None


def marked_share(state: SalesState, facts: SalesFacts) -> Share | None:
    """Return the share of the sale that is marked, as it goes back the chosen way; None if nothing is marked.

    Raises:
        RefundError: it does not fit what can be refunded, or nothing can.
    """
    if facts.sale is None or state.opened is None:
        return None
    marks, money = state.opened.marks, facts.formats.money
    if marks.rest is not None:
        share = giving.rest_back(facts.sale, marks.rest.part, money)
    elif marks.amount is not None:
        share = giving.amount_back(facts.sale, marks.amount, money)
    elif any(pieces for _row, pieces in marks.pieces):
        share = giving.pieces_back(facts.sale, marks.by_row, money)
    else:
        giving.check_left(facts.sale)
        return None
    way = way_chosen(state, facts)
    is_one_part = way is not None and share.part.amount <= way.at_most
    return giving.in_coins(facts.sale, share, way, money) if way is not None and is_one_part else share


def parts(share: Share, state: SalesState, facts: SalesFacts) -> tuple[tuple[Way, Minor], ...]:
    """Return the ways that the marked share goes back, and how much each: the chosen one first. Empty if none does."""
    way = way_chosen(state, facts)
    return giving.parts_of(share, way, ways(state, facts)) if way is not None else ()


def too_much(share: Share, state: SalesState, facts: SalesFacts) -> str:
    """Return why what is marked cannot go back, as a sentence; empty if it can."""
    way = way_chosen(state, facts)
    limit = way.at_most if way is not None else NOTHING
    if parts(share, state, facts):
        return ""
    sentence = _("At most {amount} there: “amount {plain}”.")
    if len(ways(state, facts)) > 1:
        sentence = _("At most {amount} there. Tab: another way, or “amount {plain}”.")
    return sentence.format(amount=facts.formats.money(limit), plain=facts.formats.amount(limit))


def shown_share(state: SalesState, facts: SalesFacts) -> Share | None:
    """Return the marked share for display; None if it is not valid, as after a refund on another till."""
    try:
        return marked_share(state, facts)
    except RefundError:
        return None


def open_refund(facts: SalesFacts) -> Refund | None:
    """Return the refund begun on this till that waits for its answer, if any."""
    if facts.sale is None:
        return None
    return next((one for one in facts.sale.refunds if one.is_open and one.till == facts.till), None)


def can_mark(state: SalesState, facts: SalesFacts) -> bool:
    """Return True if more of the open sale can be refunded; no other refund begins before the answer to an open one."""
    return bool(ways(state, facts)) and open_refund(facts) is None


class SalesFound(Struct, frozen=True):
    """The server returned sales; `behind` is true if they continue the list."""

    text: str
    sales: tuple[PastSale, ...]
    more: bool
    behind: bool


class FoundAgain(Struct, frozen=True):
    """The server returned the first page of the listed sales again."""

    text: str
    sales: tuple[PastSale, ...]
    more: bool


class SaleOpened(Struct, frozen=True):
    """A sale was loaded; `away` is true if the server does not answer, `unheard` and `twice` as in `OpenedSale`."""

    session_id: str
    receipt: str
    away: bool
    unheard: str = ""
    twice: str = ""


class Answered(Struct, frozen=True):
    """The server answered again, and the refunds of the open sale on all tills are known."""


class NotDone(Struct, frozen=True):
    """An act was refused or failed; `away` is true if the server does not answer."""

    sentence: str
    away: bool = False


class SalesActDone(Struct, frozen=True):
    """An act is done, as `sentence` reports. `rest` is the rest of a refund, which goes back another way."""

    sentence: str
    rest: Rest | None = None


SalesOutcome = SalesFound | FoundAgain | SaleOpened | Answered | NotDone | SalesActDone
