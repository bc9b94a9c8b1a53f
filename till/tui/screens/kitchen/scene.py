"""The running board: reads its tickets, and paints."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from typing_extensions import override

from till.domain.errors import StoreAwayError, TillError
from till.domain.i18n import _, ngettext
from till.domain.kitchen.board import pieces_to_make
from till.domain.structs import replace
from till.domain.text import clean
from till.ports import LightState
from till.tui.drawing.cut import cut
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
    CardsView,
    CellView,
    EntryView,
    FigureView,
    HeadView,
    RowsView,
    RowView,
    StatusView,
    StyledText,
    TotalView,
    cell,
    in_row,
)
from till.tui.screens.kitchen.acts import KitchenActs
from till.tui.screens.kitchen.reduce import KEYS, keys_of, reduce, typed_out
from till.tui.screens.kitchen.state import KitchenFacts, card_view, paginate, parts_of, place_text
from till.tui.shell.key_table import help_view
from till.tui.shell.light import light_text
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    import asyncio

    from till.domain.kitchen.board import BoardTicket, TicketCard
    from till.tui.screens.kitchen.reduce import KitchenStep
    from till.tui.screens.kitchen.state import TicketMoved, TicketsFound
    from till.tui.shell.keymap import KeyPress

#: The rows of a tall foot; the most cells of a name among the pieces, and those beside it.
_TALL_FOOT: Final = 8
_NAME: Final = 28
_BESIDE: Final = 8
_log: Final = logging.getLogger(__name__)


class KitchenScene(KitchenActs):
    """The scene of the board: its state, its tickets, and the trouble with reading them."""

    _trouble = ""

    @override
    def reduce(self, event: KeyPress | TicketsFound | TicketMoved) -> KitchenStep:
        return reduce(self.state, event, self.facts())

    async def watch(self, due: asyncio.Event) -> None:
        """Read the tickets whenever it is due."""
        while True:
            await due.wait()
            due.clear()
            await self.look()

    async def look(self) -> None:
        """Read the tickets again. An answer that does not come leaves the board as it is."""
        try:
            voids = await self._kitchen.look()
        except StoreAwayError:
            _log.info("board_not_read")
        except TillError as problem:
            self._trouble = problem.sentence
        else:
            self._trouble = ""
            if voids and self.state.message is None:
                self.state = replace(self.state, message=plain(_void_words(voids[-1])))
        self.paint()

    def facts(self) -> KitchenFacts:
        """Return the current facts."""
        register, room = self._register, self.screen.room
        found = self.state.found
        cards = tuple(
            self._kitchen.cards()
            if found is None
            else self._kitchen.cards_from(replace(one, done=False) for one in found)
        )
        if found is not None:
            done = {one.ref for one in found if one.done}
            cards = tuple(
                replace(
                    card,
                    tickets=tuple(replace(one, done=one.ref in done) for one in card.tickets),
                    done=card.key in done,
                )
                for card in cards
            )
        facts = KitchenFacts(
            keymap=self._keymap,
            venue=register.venue,
            menu=register.menu,
            boards=self._kitchen.boards,
            cards=cards,
            pages=(),
            now=register.ledger.now(),
            light=register.light,
            trouble=self._trouble,
            rest=self._kitchen.rest,
        )
        cards = tuple(part for card in cards for part in parts_of(card, facts, room))
        heights = [len(card_view(card, "", facts, room.width).rows) for card in cards]
        return replace(facts, cards=cards, pages=paginate(heights, room))

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        facts = self.facts()
        if self.state.mark is not None and facts.marked(self.state) is None:
            self.state = typed_out(self.state)
        state, screen = self.state, self.screen
        if state.page and state.page >= len(facts.pages):
            self.state = state = replace(state, page=max(0, len(facts.pages) - 1))
        screen.status.show(_status(facts))
        screen.head.show(_head(state.page, facts, found=state.found is not None))
        page, digit = facts.page_of(state), 0
        for number, widget in enumerate(screen.columns):
            column = page[number] if number < len(page) else ()
            views = tuple(
                card_view(facts.cards[index], str(digit + n), facts, screen.room.width)
                for n, index in enumerate(column, 1)
            )
            marked = next((n for n, index in enumerate(column) if facts.cards[index].key == state.mark), None)
            empty = (_("Nothing to make."),) if number == 0 and not facts.cards else ()
            widget.show(CardsView(views, marked, empty))
            digit += len(column)
        tall = screen.pieces.size.height >= _TALL_FOOT
        screen.total.show(_total(facts.marked(state), facts))
        screen.pieces.show(_pieces(facts, screen.pieces.size.width, screen.pieces.size.height, tall=tall))
        message = state.message or (refusal(facts.trouble) if facts.trouble else None)
        hint = _("A digit chooses, Enter is done. A ticket’s number finds it.")
        entry = state.entry
        screen.band.show(EntryView(entry.text, entry.cursor, message, hint=hint, offered=entry.is_offered))
        screen.keys.show(keys_of(state).bar(state, facts))
        screen.show_help(help_view(KEYS.helped(facts.keymap)) if state.helps else None, _("Help"))


def _void_words(ticket: BoardTicket) -> str:
    count = -sum(line.pieces for line in ticket.lines)
    pieces = ngettext("{n} piece", "{n} pieces", count).format(n=count)
    where = _("ticket {ticket}").format(ticket=clean(ticket.of)) if ticket.of else place_text(ticket)
    return _("{pieces} of {what} voided: do not make.").format(pieces=pieces, what=where)


def _status(facts: KitchenFacts) -> StatusView:
    light = light_text(facts.light, facts.venue, brief=facts.light.state is LightState.OFFLINE)
    waiting = len({card.key for card in facts.cards if not card.done}) + facts.rest
    now = facts.venue.local(facts.now)
    return StatusView(
        facts.venue.settings.name,
        ", ".join(map(clean, facts.boards)) or _("Kitchen"),
        ngettext("{n} to make", "{n} to make", waiting).format(n=waiting),
        time=f"{now:%H:%M}",
        training=_("TRAINING") if facts.venue.training else "",
        light=light,
        brief=light_text(facts.light, facts.venue, brief=True),
    )


def _head(page: int, facts: KitchenFacts, *, found: bool) -> HeadView:
    if found:
        return HeadView(_("Found"), _("Esc: back to the board"))
    beyond = sum(len(column) for one in facts.pages[page + 1 :] for column in one) + facts.rest
    more = _("{n} more  PgDn").format(n=beyond) if beyond else ""
    if not more and len(facts.pages) > 1:
        more = _("page {page} of {pages}").format(page=page + 1, pages=len(facts.pages))
    return HeadView(_("To make"), _("oldest first"), more)


def _total(marked: TicketCard | None, facts: KitchenFacts) -> TotalView:
    """Return the age of the marked card, or of the oldest one."""
    card = marked or next((one for one in facts.cards if not one.done), None)
    if card is None:
        return TotalView(FigureView(""))
    minutes, late = int(facts.age(card).total_seconds()) // 60, facts.is_late(card)
    label = StyledText(_("Waits min"), Tone.WARN if late else Tone.TEXT, bold=True)
    limit = StyledText(_("over {n}").format(n=facts.venue.settings.kitchen_minutes), mark=Mark.NOTICE) if late else None
    words = _("marked: {place}, ticket {ticket}") if marked is not None else _("oldest: {place}, ticket {ticket}")
    left = StyledText(words.format(place=place_text(card.first), ticket=clean(card.first.ticket)), Tone.MUTED)
    sentence = _("{place} waits {n} min.").format(place=place_text(card.first), n=minutes)
    return TotalView(FigureView(str(minutes), label, Tone.TEXT, sentence=sentence, under=limit), left)


def _pieces(facts: KitchenFacts, width: int, height: int, *, tall: bool) -> RowsView:
    """Return all pieces still to be made, in as many columns as have room for the names."""
    found = pieces_to_make(facts.cards)
    longest = max((cell_len(clean(name)) for name, _count in found), default=0)
    columns = max(1, width // (min(longest, _NAME) + _BESIDE))
    across = width // columns
    rows = max(1, height - (3 if tall else 1))
    rest = len(found) - rows * columns
    if rest > 0 and not tall:  # its words take the last place
        rest += 1
    placed: list[list[CellView]] = [[] for _row in range(rows)]
    for place, (name, count) in enumerate(found[: len(found) - max(rest, 0)]):
        at = place // rows * across
        placed[place % rows] += [
            cell(at + 2, str(count), bold=True, right=True),
            cell(at + 4, "×", Tone.MUTED),
            cell(at + 6, cut(clean(name), across - 7)),
        ]
    more = StyledText(_("{n} more kinds").format(n=rest), Tone.MUTED)
    note = (cell(-2, more),) if rest > 0 else ()
    if not tall:
        placed[-1] += note
    head = (in_row(cell(2, _("All of it"), bold=True), *note), RowView()) if tall else ()
    return RowsView((RowView(rule=True), *head, *(in_row(*cells) for cells in placed)))
