"""The board of a kitchen: its tickets to make, and the keys that end, find and recall them."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from typing_extensions import override

from till.domain.errors import StoreAwayError, TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.structs import replace
from till.domain.text import clean
from till.tui.drawing.viewmodels import CardsView, EntryView
from till.tui.screens.kitchen.screen import (
    KitchenDisplay,
    KitchenFacts,
    KitchenState,
    card_view,
    drawn_parts,
    head_view,
    paginate,
    pieces_view,
    place_text,
    status_view,
    total_view,
)
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import DIGITS, ENTER, BarKey, Key, KeyTable, calls, help_view, word
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.messages import plain, refusal, says_why
from till.tui.shell.scene import SideHost, SideScene

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from till.domain.kitchen.board import BoardTicket, TicketCard
    from till.register.board import KitchenScreen
    from till.register.register import Register
    from till.tui.shell.calls import Call, Result
    from till.tui.shell.keymap import Keymap


class TicketsFound(Struct, frozen=True):
    """Tickets were found by their number `typed`."""

    typed: str
    tickets: tuple[BoardTicket, ...]


class TicketMoved(Struct, frozen=True):
    """An act was done: its sentence."""

    sentence: str


#: The rows of a tall foot.
_TALL_FOOT: Final = 8
_RECALLED: Final = N_("{ticket}, {place}, is back.")
_log: Final = logging.getLogger(__name__)


class KitchenScene(SideScene[KitchenState, TicketsFound | TicketMoved, KitchenDisplay]):
    """The scene of the board, with the acts that its reducer calls.

    Args:
        host: the app.
        screen: the widgets.
        keymap: the keys of each command.
        register: the till behind the screen.
        kitchen: the tickets.
    """

    def __init__(
        self, host: SideHost, screen: KitchenDisplay, keymap: Keymap, register: Register, kitchen: KitchenScreen
    ) -> None:
        super().__init__(host, screen, keymap)
        self.state = KitchenState()
        self._register = register
        self._kitchen = kitchen
        self._trouble = ""

    @override
    def reduce(self, event: KeyPress | TicketsFound | TicketMoved) -> KitchenStep:
        return reduce(self.state, event, self.facts())

    @override
    def refused(self, problem: TillError, _asked: Call[Any, Any]) -> None:
        """Show why an act was refused, such as a full disk."""
        self.message = refusal(problem.sentence)

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
            self._register.access.stations = self._kitchen.boards
            self._register.access.speak()
            if voids and self.state.message is None:
                self.state = replace(self.state, message=plain(_void_words(voids[-1])))
        self.paint()

    def facts(self) -> KitchenFacts:
        """Return the current facts."""
        register, room = self._register, self.screen.room
        found = self.state.found
        cards = self._kitchen.cards() if found is None else _cards_found(self._kitchen, found)
        facts = KitchenFacts(
            keymap=self._keymap,
            venue=register.venue,
            menu=register.menu,
            boards=self._kitchen.boards,
            now=register.ledger.now(),
            light=register.light,
            trouble=self._trouble,
            rest=self._kitchen.rest,
            left=", ".join(self._kitchen.left()),
        )
        drawn = [part for card in cards for part in drawn_parts(card, facts, room)]
        parts, rows = tuple(card for card, _rows in drawn), tuple(rows for _card, rows in drawn)
        return replace(facts, cards=parts, rows=rows, pages=paginate([len(one) for one in rows], room))

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        facts = self.facts()
        if self.state.mark is not None and facts.marked(self.state) is None:
            self.state = typed_out(self.state)
        state, screen = self.state, self.screen
        if state.page and state.page >= len(facts.pages):
            self.state = state = replace(state, page=max(0, len(facts.pages) - 1))
        screen.status.show(status_view(facts))
        screen.head.show(head_view(state.page, facts, found=state.found is not None))
        page, digit = facts.page_of(state), 0
        for number, widget in enumerate(screen.columns):
            column = page[number] if number < len(page) else ()
            views = tuple(card_view(facts.rows[index], str(digit + n)) for n, index in enumerate(column, 1))
            marked = next((n for n, index in enumerate(column) if facts.cards[index].key == state.mark), None)
            empty = (_("Nothing to make."),) if number == 0 and not facts.cards else ()
            widget.show(CardsView(views, marked, empty))
            digit += len(column)
        tall = screen.pieces.size.height >= _TALL_FOOT
        screen.total.show(total_view(facts.marked(state), facts))
        screen.pieces.show(pieces_view(facts, screen.pieces.size.width, screen.pieces.size.height, tall=tall))
        message = state.message or (refusal(facts.trouble) if facts.trouble else None)
        hint = _("A digit chooses, Enter is done. A ticket’s number finds it.")
        entry = state.entry
        screen.band.show(EntryView(entry.text, entry.cursor, message, hint=hint, offered=entry.is_offered))
        screen.keys.show(keys_of(state).bar(state, facts))
        screen.show_help(help_view(KEYS.helped(facts.keymap)) if state.helps else None, _("Help"))

    # Acts.

    def done(self, card: TicketCard) -> TicketMoved:
        """Take a card off the board."""
        self._kitchen.done(one for one in card.tickets if not one.done)
        return _moved(_("{ticket}, {place}, is done. R brings it back."), card.first)

    def end_revoked(self) -> TicketMoved:
        """Take all tickets of tills off the board that were revoked since."""
        count = self._kitchen.end_revoked()
        words = ngettext(
            "{n} ticket of a revoked till is done. R brings it back.",
            "{n} tickets of revoked tills are done. R brings them back.",
            count,
        )
        return TicketMoved(words.format(n=count))

    def recall(self, card: TicketCard) -> TicketMoved:
        """Bring a card back that was done."""
        self._kitchen.recall(card.tickets)
        return _moved(_RECALLED, card.first)

    async def recall_last(self) -> TicketMoved:
        """Bring back what was done last."""
        tickets = await self._kitchen.recall_last()
        return _moved(_RECALLED, tickets[0]) if tickets else TicketMoved(_("The last ticket comes back."))

    async def find(self, number: str) -> TicketsFound:
        """Find tickets by their number."""
        return TicketsFound(number, await self._kitchen.find(number))

    def mark_item(self, typed: str, *, sold_out: bool) -> TicketMoved:
        """Mark an item as sold out, or back on sale, at every till."""
        item, left = self._kitchen.mark_item(typed, sold_out=sold_out)
        sentence = _("{name} is sold out at every till.") if sold_out else _("{name} is back on sale.")
        sentence = sentence if left is None else _("{left} × {name} can be sold, at every till.")
        return TicketMoved(_(sentence).format(name=clean(item.name), left=left))

    def leave(self) -> None:
        """Close the board."""
        self._host.leave()


def _moved(sentence: str, ticket: BoardTicket) -> TicketMoved:
    return TicketMoved(sentence.format(ticket=clean(ticket.ticket), place=place_text(ticket)))


def _cards_found(kitchen: KitchenScreen, found: tuple[BoardTicket, ...]) -> Iterator[TicketCard]:
    """Yield the cards of tickets that were found by their number."""
    done = {one.ref for one in found if one.done}
    for card in kitchen.cards_from(replace(one, done=False) for one in found):
        tickets = tuple(replace(one, done=one.ref in done) for one in card.tickets)
        yield replace(card, tickets=tickets, done=card.key in done)


def _void_words(ticket: BoardTicket) -> str:
    count = -sum(line.pieces for line in ticket.lines)
    pieces = ngettext("{n} piece", "{n} pieces", count).format(n=count)
    where = _("ticket {ticket}").format(ticket=clean(ticket.of)) if ticket.of else place_text(ticket)
    return _("{pieces} of {what} voided: do not make.").format(pieces=pieces, what=where)


KitchenStep = tuple[KitchenState, tuple["Call[KitchenScene, Result[TicketsFound | TicketMoved]]", ...]]

#: The number of a ticket: the till with its series, and a count.
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,2}[A-Za-z]{0,8}-[1-9][0-9]{0,8}\Z")
#: An item that is sold out, or back.
_SOLD_OUT: Final = re.compile(r"(?P<word>86|back)\s+(?P<item>\S.*)", re.IGNORECASE)
_COLUMNS: Final = tuple(f"click column_{number}" for number in range(4))


def reduce(state: KitchenState, event: KeyPress | TicketsFound | TicketMoved, facts: KitchenFacts) -> KitchenStep:
    """Return the next state and the calls to make."""
    match event:
        case KeyPress():
            return keys_of(state).step(state, event, facts) or _type(state, event, facts)
        case TicketMoved():
            return replace(state.cleared, found=None, message=plain(event.sentence)), ()
        case TicketsFound(typed, ()):
            sentence = _("No ticket {number} here in the last month.").format(number=clean(typed)[:20])
            return replace(state, entry=EntryLine.offer(typed), message=refusal(sentence)), ()
        case TicketsFound():
            mark = event.tickets[0].ref if len(event.tickets) == 1 else None
            return replace(state.cleared, found=event.tickets, mark=mark, page=0, message=None), ()


def _type(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    if state.helps:
        return state, ()
    if (taken := state.entry.take(press)) is not None:
        return replace(state, entry=taken, mark=state.mark if taken.text.isdigit() else None, message=None), ()
    message = says_why(facts.keymap, press, _("{key} does nothing here."))
    return replace(state, message=message or state.message), ()


def _mark(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    """Mark the card of a digit, which may also begin the number of a ticket."""
    shown, digit = facts.shown(state), (press.digit or 0) - 1
    mark = facts.cards[shown[digit]].key if digit < len(shown) else None
    return replace(state, entry=state.entry.insert(press.char), mark=mark, message=None), ()


def _point(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    page, column = facts.page_of(state), _COLUMNS.index(press.key)
    if column < len(page) and press.place < len(page[column]):
        state = replace(state.cleared, mark=facts.cards[page[column][press.place]].key, message=None)
    return state, ()


def _is_pointed_again(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> bool:
    return state.mark is not None and _point(state, press, facts)[0].mark == state.mark


def _enter(state: KitchenState, _press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    typed = state.entry.text.strip()
    if typed and not typed.isdigit():
        if found := _SOLD_OUT.fullmatch(typed):
            is_out = found["word"] == "86"
            return replace(state, message=None), (call(KitchenScene.mark_item, found["item"], sold_out=is_out),)
        if _NUMBER.match(typed):
            return replace(state, message=None), (call(KitchenScene.find, typed),)
        return replace(
            state, entry=EntryLine.offer(typed), message=refusal(_("Type a ticket’s number (1-118) or “86 soup”."))
        ), ()
    card = facts.marked(state)
    if card is None:
        wrong = _("There is no {n} here.").format(n=typed) if typed else _("Choose a ticket: 1 to 9.")
        return replace(state.cleared, message=refusal(wrong)), ()
    is_done = all(one.done for one in card.tickets)
    if is_done and state.found is None and state.asked != card.key:  # it keeps its place a moment: a hurried hand
        asked = _("{ticket} is done. Enter again brings it back.").format(ticket=clean(card.first.ticket))
        return replace(state, entry=EMPTY, asked=card.key, message=plain(asked)), ()
    return state, (call(KitchenScene.recall if is_done else KitchenScene.done, card),)


def _enter_word(state: KitchenState, facts: KitchenFacts) -> BarKey | None:
    card = facts.marked(state)
    if card is None:
        return BarKey(_("Find")) if state.entry.text and not state.entry.text.isdigit() else None
    words = _("Recall: {place}") if all(one.done for one in card.tickets) else _("Done: {place}")
    shown = facts.shown(state)
    digit = next((n for n, index in enumerate(shown, 1) if facts.cards[index].key == card.key), 0)
    place = ", ".join(filter(None, (str(digit or ""), place_text(card.first))))
    return BarKey(words.format(place=place), words.format(place=str(digit or card.first.ticket)))


def _types_no_word(state: KitchenState, _facts: KitchenFacts) -> bool:
    """True if a letter is a key of the board."""
    return (not state.entry.text or state.entry.text.isdigit()) and state.found is None


def _turn(state: KitchenState, press: KeyPress, facts: KitchenFacts) -> KitchenStep:
    last = max(0, len(facts.pages) - 1)
    page = min(last, state.page) + (1 if press.key == "pagedown" else -1)
    return replace(state.cleared, page=max(0, min(last, page)), message=None), ()


def _back(state: KitchenState, _press: KeyPress, _facts: KitchenFacts) -> KitchenStep:
    if state.entry.text or (state.mark is not None and state.found is None):
        return replace(state.cleared, message=None), ()
    return replace(state.cleared, found=None, page=0, message=None), ()


def _help(state: KitchenState, _press: KeyPress, _facts: KitchenFacts) -> KitchenStep:
    return replace(state, helps=not state.helps, message=None), ()


KEYS: Final[KeyTable[KitchenState, KitchenFacts, KitchenScene]] = KeyTable(
    Key(calls(KitchenScene.leave), command=CLOSE, helped=(N_("Close the board"), "")),
    Key(_help, command=HELP, bar=word(N_("Help"), spare=2), helped=(N_("This help"), "")),
    Key(
        _mark,
        DIGITS,
        "1-9",
        lambda state, _facts: not state.entry.text or state.entry.text.isdigit(),
        bar=word(N_("Choose")),
        helped=(N_("Choose a ticket"), N_("Enter: done")),
    ),
    Key(_point, _COLUMNS, again=_is_pointed_again),
    Key(
        calls(KitchenScene.recall_last),
        ("r", "R"),
        "R",
        _types_no_word,
        bar=word(N_("Recall the last"), N_("Recall")),
        helped=(N_("Recall the last"), N_("once more: the one before")),
    ),
    Key(
        calls(KitchenScene.end_revoked),
        ("e", "E"),
        "E",
        lambda state, facts: _types_no_word(state, facts) and facts.revoked,
        bar=word(N_("End the revoked till’s"), N_("End revoked")),
        helped=(N_("End a revoked till’s tickets"), ""),
    ),
    Key(
        _turn,
        ("pagedown", "pageup"),
        "PgDn",
        lambda _state, facts: len(facts.pages) > 1,
        bar=word(N_("More")),
        helped=(N_("More tickets"), N_("PgUp: back")),
    ),
    Key(_enter, ENTER, "Enter", bar=_enter_word, helped=(N_("The chosen ticket is done"), N_("1-118 finds; 86 soup"))),
    Key(
        _back,
        ("escape",),
        "Esc",
        lambda state, _facts: state.entry.text or state.mark is not None or state.found is not None,
        bar=word(N_("Back")),
        helped=(N_("Back to the board"), ""),
    ),
)
_HELP_KEYS: Final[KeyTable[KitchenState, KitchenFacts, KitchenScene]] = KeyTable(
    Key(calls(KitchenScene.leave), command=CLOSE),
    Key(_help, (*ENTER, "escape"), "Esc", bar=word(N_("Back"))),
    Key(_help, command=HELP),
)


def keys_of(state: KitchenState) -> KeyTable[KitchenState, KitchenFacts, KitchenScene]:
    """Return the keys of the board, or of its help."""
    return _HELP_KEYS if state.helps else KEYS


def typed_out(state: KitchenState) -> KitchenState:
    """Return the state without typed digits whose card is gone."""
    return replace(state, entry=EMPTY if state.entry.text.isdigit() else state.entry, mark=None)
