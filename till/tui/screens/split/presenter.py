"""Views of the split screen, made from its state and facts."""

from __future__ import annotations

from collections import Counter
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _, ngettext, pgettext
from till.domain.money.measures import Minor, sum_of
from till.domain.order.by_items import share_of, unpaid_pieces
from till.domain.order.naming import tab_name
from till.domain.order.paying import CASH, due_in, part_in
from till.domain.order.wishes import wishes
from till.domain.text import clean
from till.register.answers import as_sentence
from till.register.tabs.names import shown_as
from till.tui.drawing.cut import cell_len
from till.tui.drawing.layout import LEFT_WIDTH
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    CardsView,
    CardView,
    CategoryBarView,
    EntryView,
    FigureView,
    GuestsView,
    GuestView,
    HeadView,
    RowsView,
    RowView,
    StyledText,
    TotalView,
    cell,
    in_row,
)
from till.tui.screens.names import due_figure, money_figure, paid_words, pieces_named, with_beside
from till.tui.screens.pay.presenter import change_view
from till.tui.screens.split.reduce import bar, even_parts, next_guest, typed_amount
from till.tui.screens.split.state import MOST, SHARED, Manner, items_of, unpaid_of

if TYPE_CHECKING:
    from till.tui.drawing.screen import Views
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.screens.split.state import PaidPart, SplitFacts, SplitRow, SplitState, TakenPart


#: The most characters for naming the marked pieces; a longer text is replaced by their number.
_LONGEST: Final = 45
#: The width in cells of a paid guest's pieces, below the guest.
_PIECES_WIDTH: Final = 42
#: The cells of a row beside a name, its guests and its amount: the mark, and blanks.
_MARGINS: Final = 6
#: The separator between a line's guests and its open pieces. A comma would read as another guest.
_SEPARATOR = " · "


def manners() -> tuple[str, ...]:
    """Return the names of the ways to split, for the tabs."""
    return _("By piece"), _("By seat"), _("Even parts"), _("Pay items"), _("By amount")


def split_views(state: SplitState, facts: SplitFacts, status: StatusView) -> Views:
    """Return all views of a state."""
    formats = facts.formats
    open_ = facts.open_amount if state.by_line else due_in(facts.order)
    symbol = formats.currency.symbol.strip()
    left = sum(unpaid_pieces(facts.order).values()) if state.manner is Manner.ITEMS else 0
    left = state.open_pieces if state.by_line else left
    pieces = _pieces(left) if left else ""
    rows = (RowView(rule=True), in_row(cell(0, _open_words(state, pieces), Tone.MUTED)))
    sentence = _("Open: {open}.").format(open=formats.money(open_))
    figure = FigureView(formats.amount(open_), StyledText(f"{pgettext('amount', 'Open')} {symbol}"), sentence=sentence)
    return {
        "status": status,
        "head": _head(state, facts, pieces, open_),
        "lines": _lines(state, facts),
        "total": change_view(state.change, formats) if state.change else _total(state, facts),
        "manners": CategoryBarView(manners(), state.manner),
        "guests": _guests(state, facts),
        "open_head": RowsView(rows),
        "open": FigureView("") if state.is_given_out else figure,
        "entry": _entry(state, facts),
        "keys": bar(state, facts),
    }


def _pieces(count: int) -> str:
    return ngettext("{count} piece", "{count} pieces", count).format(count=count)


def _open_words(state: SplitState, pieces: str) -> str:
    if state.is_given_out:
        return _("Everything is assigned.")
    return pieces or _("the rest of this bill")


def _head(state: SplitState, facts: SplitFacts, pieces: str, open_: Minor) -> HeadView:
    if facts.is_wide:
        where = tab_name(facts.order.tab.name) if facts.order.tab else ""
        every = _pieces(sum(row.pieces for row in state.rows))
        return HeadView(_("Split"), ", ".join(part for part in (where, every) if part))
    amount = facts.formats.amount(open_)
    if state.is_given_out:
        return HeadView(_("Split"), manners()[state.manner].lower(), _("everything is assigned"))
    note = (
        _("{pieces} open, {amount}").format(pieces=pieces, amount=amount)
        if pieces
        else _("{amount} open").format(amount=amount)
    )
    return HeadView(_("Split"), manners()[state.manner].lower(), note)


def _guests_of(state: SplitState, place: int) -> StyledText:
    guests = sorted({one.guest for one in state.gifts if one.row == place and one.guest != SHARED})
    words = [_("guest {numbers}").format(numbers=", ".join(map(str, guests)))] if guests else []
    if any(one.row == place and one.guest == SHARED for one in state.gifts):
        words.append(_("shared"))
    left = state.left(place)
    if not left:
        return StyledText(_SEPARATOR.join(words))
    if words:
        words.append(_("{count} open").format(count=left))
        return StyledText(_SEPARATOR.join(words), mark=Mark.WAITING)
    seat = state.rows[place].seat or 0
    if state.manner is Manner.SEAT and seat > MOST:
        return StyledText(_("guest {numbers}").format(numbers=seat), mark=Mark.WAITING)
    marked = place == state.line and state.by_line
    return StyledText(_("whose?"), mark=Mark.WAITING) if marked else StyledText(_("○ open"), Tone.MUTED)


def _lines(state: SplitState, facts: SplitFacts) -> CardsView:
    names = Counter(row.name for row in state.rows)
    names_shown = [_full_name(row, facts) if names[row.name] > 1 else clean(row.name) for row in state.rows]
    line = _item if state.manner is Manner.ITEMS else _line
    cards = tuple(CardView((line(state, facts, place, name),)) for place, name in enumerate(names_shown))
    return CardsView(cards, state.line if state.marks_lines and state.rows else None)


def _full_name(row: SplitRow, facts: SplitFacts) -> str:
    """Return the name of a row with its modifiers and wishes, which differ between rows of the same name."""
    line = facts.order.lines.get(row.line_ids[0])
    made = (*(one.name for one in line.modifiers), *wishes(line.note)) if line is not None else ()
    return clean(", ".join((row.name, *made)))


def _line(state: SplitState, facts: SplitFacts, place: int, name: str) -> RowView:
    row = state.rows[place]
    given = not state.left(place) and state.by_line
    marked = place == state.line and state.by_line
    role = Tone.MUTED if given else Tone.TEXT
    at = 25 if facts.is_wide else 34
    if len(name) > at - 8:  # the guests follow it
        name = f"{name[: at - 9]}…"
    cells = [
        cell(3, str(row.pieces), role, bold=marked, right=True),
        cell(5, "×", Tone.MUTED),
        cell(7, name, role, bold=marked),
    ]
    amount = facts.formats.amount(row.amount)
    if state.by_line:
        guests = _guests_of(state, place)
        if facts.is_wide:  # a long text begins further left
            end = LEFT_WIDTH - _MARGINS - cell_len(amount) - cell_len(guests.text)
            at = max(9 + cell_len(name), min(at, end))
        cells.append(cell(at, guests, whole=True))
    cells.append(cell(-2, amount, role, bold=marked))
    return in_row(*cells)


def _item(state: SplitState, facts: SplitFacts, place: int, name: str) -> RowView:
    """Return a line for paying by items: its digit, its marked pieces and its paid pieces."""
    row, order = state.rows[place], facts.order
    left, marked = sum(unpaid_of(state, place, order).values()), items_of(state, place)
    role = Tone.TEXT if left else Tone.MUTED
    at = 29 if facts.is_wide else 36
    if len(name) > at - 12:  # the paid pieces follow it
        name = f"{name[: at - 13]}…"
    cells = [
        cell(7, str(row.pieces), role, bold=bool(marked), right=True),
        cell(9, "×", Tone.MUTED),
        cell(11, name, role, bold=bool(marked)),
        cell(-2, facts.formats.amount(row.amount), role, bold=bool(marked)),
    ]
    if place < MOST:
        cells.append(cell(2, str(place + 1), Tone.ACCENT if left else Tone.MUTED, bold=bool(left)))
    if marked:
        cells.append(cell(4, _("✓"), bold=True))
    lines = [order.lines[line_id] for line_id in row.line_ids if line_id in order.lines]
    if marked and marked != row.pieces:
        remark = _("{count} of {every}") if left == row.pieces else _("{count} of {every} left")
        remark = remark.format(count=marked, every=left)
        cells.append(cell(at, remark, bold=True))
    elif paid := paid_words(order, lines):
        cells.append(cell(at, paid, Tone.MUTED, mark=Mark.APPROVED))
    return in_row(*cells)


def _total(state: SplitState, facts: SplitFacts) -> TotalView:
    formats = facts.formats
    paid = Minor(facts.order.paid + sum(one.amount for one in state.paid if one.apart))
    full_total = Minor(facts.order.total + sum(one.amount for one in state.paid if one.apart))
    figure = due_figure(due_in(facts.order), formats) if paid else money_figure(_("Total"), full_total, formats)
    given = sum(one.pieces for one in state.gifts)
    left = None
    if state.by_line:
        words = _("{given} assigned, none open") if state.is_given_out else _("{given} assigned, {open} open")
        left = StyledText(words.format(given=_pieces(given), open=state.open_pieces), Tone.MUTED)
    elif state.manner is Manner.ITEMS:
        marked = _("{pieces} marked").format(pieces=_pieces(sum(state.items.values())))
        left = StyledText(marked, Tone.MUTED)
    right = (StyledText(_("paid"), Tone.MUTED), StyledText(formats.amount(paid))) if paid else ()
    return TotalView(figure, left, right)


def _guests(state: SplitState, facts: SplitFacts) -> GuestsView:
    if state.manner is Manner.EVEN:
        return _parts(state, facts)
    if state.manner is Manner.AMOUNT:
        return _by_amount(state, facts)
    if state.manner is Manner.ITEMS:
        return _by_items(state, facts)
    guests, payer = [], next_guest(state)
    for guest in range(1, state.count + 1):
        if paid := state.has_paid(guest):
            guests.append(_paid_view(guest, paid, facts))
            continue
        pieces = sum(one.pieces for one in state.gifts if one.guest == guest)
        words = _pieces(pieces) if pieces else _("nothing yet")
        if any(one.guest == SHARED for one in state.gifts) and guest in state.sharers:
            words = _("{count} + share").format(count=pieces) if pieces else _("shares")
        remark = StyledText(words, Tone.MUTED)
        guests.append(GuestView(_("Guest"), str(guest), remark, facts.formats.amount(facts.owes(guest))))
    return GuestsView(tuple(guests), payer - 1 if 0 < payer <= len(guests) else None)


def _paid_view(
    guest: int, paid: PaidPart | TakenPart, facts: SplitFacts, *, word: str = "", remark: str = ""
) -> GuestView:
    """Return a guest who has paid, with `remark`, else the change given, else the tender."""
    formats = facts.formats
    if paid.change:
        remark = remark or _("change {amount}").format(amount=formats.amount(paid.change))
    text = StyledText(remark or _("paid {way}").format(way=facts.way_of(paid.tender)), mark=Mark.APPROVED)
    return GuestView(word or _("Guest"), str(guest), text, formats.amount(paid.amount), paid=True)


def _by_amount(state: SplitState, facts: SplitFacts) -> GuestsView:
    """Return the guests who have paid, and the next one with the amount typed."""
    done = [_paid_view(one.guest, one, facts) for one in state.paid]
    amount = typed_amount(state, facts)
    word = _("a part") if amount != due_in(facts.order) else _("the rest") if done else _("all of it")
    figure = facts.formats.amount(amount) if amount is not None else ""
    coming = GuestView(_("Guest"), str(len(done) + 1), StyledText(word, Tone.MUTED), figure)
    return GuestsView((*done, coming), len(done))


def _by_items(state: SplitState, facts: SplitFacts) -> GuestsView:
    """Return the guests who have paid for items, on any till, and the next one with the marked pieces."""
    done: list[GuestView] = []
    for place, one in enumerate(facts.taken, 1):
        words = _("paid {way}").format(way=facts.way_of(one.tender))
        words = words if facts.is_wide or not one.pieces else f"{words}: {one.pieces}"
        done.append(_paid_view(place, one, facts, remark=with_beside(words, facts.formats, one.change)))
        below = wrap(one.pieces, _PIECES_WIDTH) if facts.is_wide else []
        done += [GuestView("", "", StyledText(words, Tone.MUTED), "", paid=True) for words in below]
    pieces = sum(state.items.values())
    remark = StyledText(_pieces(pieces) if pieces else _("nothing yet"), Tone.MUTED)
    share = share_of(facts.order, state.items) if pieces else Minor(0)
    coming = GuestView(_("Guest"), str(len(facts.taken) + 1), remark, facts.formats.amount(share))
    return GuestsView((*done, coming), len(done), close=True)


def _parts(state: SplitState, facts: SplitFacts) -> GuestsView:
    done = [_paid_view(one.guest, one, facts, word=pgettext("bill", "Part")) for one in state.paid]
    of = StyledText(_("of {count}").format(count=len(done) + state.parts), Tone.MUTED)
    coming = [
        GuestView(pgettext("bill", "Part"), str(place), of, facts.formats.amount(part))
        for place, part in enumerate(even_parts(state, facts), len(done) + 1)
    ]
    return GuestsView((*done, *coming), len(done) if coming else None)


def _entry(state: SplitState, facts: SplitFacts) -> EntryView:
    hints = {
        Manner.EVEN: _("A digit sets the number of parts."),
        Manner.AMOUNT: _("Type this guest’s amount. Just Enter: all that is open."),
        Manner.ITEMS: _("A digit marks a line to pay, + and - a piece of it."),
    }
    hint = hints.get(state.manner, _("A digit gives one piece of the marked line to that guest."))
    if state.moving:
        hint = _("A number or a name. Enter moves them, Esc does not.")
    answer = state.message or StyledText(_answer(state, facts))
    entry = state.entry
    return EntryView(entry.text, entry.cursor, answer, hint=hint, offered=entry.is_offered)


def _answer(state: SplitState, facts: SplitFacts) -> str:
    """Return the answer line: the last change, and the amount that the next guest owes."""
    if state.moving:
        return _move_answer(state, facts)
    if state.manner is Manner.EVEN:
        parts = even_parts(state, facts)
        is_exact = all(part_in(facts.order, CASH, part) == part for part in parts)
        sentence = _parts_answer(parts, facts)
        return sentence if is_exact else _("{parts} Cash is rounded.").format(parts=sentence)
    if state.manner is Manner.AMOUNT:
        words = _("{due} is open.") if facts.is_wide else _("{due} is open: type a part, or just Enter for all.")
        return words.format(due=facts.formats.money(due_in(facts.order)))  # a single pane has no hint below
    if state.manner is Manner.ITEMS:
        return _items_answer(state, facts)
    guest, money = next_guest(state), facts.formats.money
    if not state.gifts:
        nothing = _("Nothing is assigned yet. Guests are 1 to 9.")
        words = _("Open {due}; {paid} is paid already.") if state.paid_before else nothing
        return words.format(due=money(due_in(facts.order)), paid=money(state.paid_before))
    sentences = [_gift_answer(state)]
    if guest:
        sentences.append(_("Guest {n} owes {amount}.").format(n=guest, amount=money(facts.owes(guest))))
    if facts.difference:
        words = _("Split: {more} more tax.") if facts.difference > 0 else _("Split: {more} less tax.")
        sentences.append(words.format(more=money(Minor(abs(facts.difference)))))
    return " ".join(sentences)


def _items_answer(state: SplitState, facts: SplitFacts) -> str:
    """Return the marked pieces and their share; without marks, a hint."""
    if not state.items:
        return _("Nothing is marked yet. A digit marks a line.")
    names, pieces = pieces_named(facts.order, state.items), _pieces(sum(state.items.values()))
    words = names if len(names) <= _LONGEST else pieces
    return as_sentence(f"{words}: {facts.formats.money(share_of(facts.order, state.items))}")


def _move_answer(state: SplitState, facts: SplitFacts) -> str:
    """Return the pieces to move and their new tab."""
    guest, typed, leaving = next_guest(state), state.entry.text, state.leaving()
    pieces = _pieces(sum(leaving.pieces_of(guest).values()))
    if not typed.strip():
        words = _("{pieces} of guest {n}: to which bill?")
        if guest in state.sharers and leaving.gifts != state.gifts and state.is_together:
            words = _("{pieces} of guest {n}: to which bill? Shares stay.")
        return words.format(pieces=pieces, n=guest)
    words = _("Enter moves {pieces} of guest {n} to {name}.")
    return words.format(pieces=pieces, n=guest, name=shown_as(typed, facts.tabs))


def _parts_answer(parts: list[Minor], facts: SplitFacts) -> str:
    money = facts.formats.money
    nothing = sum(1 for part in parts if not part)
    if nothing:
        amounts = ", ".join(money(part) for part in parts if part)
        return _("{parts}; {count} would pay nothing.").format(parts=amounts, count=nothing)
    if parts[0] == parts[-1]:
        return _("{count} parts of {part}.").format(count=len(parts), part=money(parts[0]))
    more = parts.count(parts[0])
    words = _("{more} × {part} and {less} × {other}: {due} in all.")
    less, due = len(parts) - more, money(sum_of(parts))
    return words.format(more=more, part=money(parts[0]), less=less, other=money(parts[-1]), due=due)


def _gift_answer(state: SplitState) -> str:
    """Return the last row assigned, with its guests."""
    gift = state.gifts[-1]
    name, gifts = clean(state.rows[gift.row].name), [one for one in state.gifts if one.row == gift.row]
    if gift.guest == SHARED:
        words = _("{pieces} × {name} shared by {count}.")
        return words.format(pieces=gift.pieces, name=name, count=len(state.sharers))
    guests = sorted({one.guest for one in gifts if one.guest})
    pieces = sum(one.pieces for one in gifts if one.guest)
    if len(guests) == 1:
        return _("{pieces} × {name} to guest {n}.").format(pieces=pieces, name=name, n=guests[0])
    words = _("{pieces} × {name} to guests {some} and {last}.")
    return words.format(pieces=pieces, name=name, some=", ".join(map(str, guests[:-1])), last=guests[-1])
