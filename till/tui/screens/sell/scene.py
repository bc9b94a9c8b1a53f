"""The running sell screen: the entry line always takes input, and order and total are always visible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace
from typing_extensions import override

from till.domain.i18n import _
from till.register.other_tills.news import NoticeCame, OrdersChanged, OrderTaken, PaperChanged, ReferenceChanged
from till.register.printing.words import advice_on_printer, paper_rows, printing_words
from till.register.quick_entry.intents import AddAll
from till.tui.drawing.cut import cell_len
from till.tui.drawing.viewmodels import KeyView
from till.tui.drawing.widgets.entry import answer_room
from till.tui.screens.sell import actions, acts
from till.tui.screens.sell.order_lines import OrderLines
from till.tui.screens.sell.presenter import SellPresenter
from till.tui.screens.sell.reduce import reduce
from till.tui.screens.sell.screen import SellScreen
from till.tui.screens.sell.state import (
    Asking,
    Commanded,
    Gone,
    ItemPointedAt,
    LinePointedAt,
    Outcome,
    Picked,
    RegisterRefused,
    SellEvent,
    SellFacts,
    SellState,
    ShowingOrder,
    ShowingReceipt,
    Typing,
    WalkingMenu,
)
from till.tui.screens.waiting_orders.bring_back import submitted_orders, waiting_orders
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import MENU, PRINT, VOID, KeyPress
from till.tui.shell.messages import OrderEnded, plain, refusal
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.catalogue.menu import Menu
    from till.domain.errors import TillError
    from till.domain.order.state import Order
    from till.ports.printer import DocumentRef, Job
    from till.register.quick_entry.intents import AddItem, Choose
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.sell.actions import Step
    from till.tui.screens.sell.host import SellCall
    from till.tui.screens.sell.menu_finder import MenuFinder
    from till.tui.shell.calls import Call
    from till.tui.shell.controller import Controller
    from till.tui.shell.messages import Heard

#: The cells of an answer line.
_LINE: Final = 60
#: The acts after which the facts of a key hold: they change the entry line, or add to the order.
_LINE_ACTS: Final = frozenset({acts.keep_typed, acts.mark_sending, acts.add})


class SellScene(TillScene[SellState, SellEvent, SellScreen]):
    """The scene of the sell screen.

    Args:
        controller: the till.
        session_id: the order on it, if any.
        message: the first message.
        sold: the order that was just paid; its receipt and change stay until the next line.
    """

    says_trouble = True
    logs_out = True
    counts_as_read = True

    def __init__(
        self, controller: Controller, session_id: str | None, message: StyledText | None, *, sold: Order | None = None
    ) -> None:
        super().__init__(controller, SellScreen)
        controller.sold = sold or controller.sold
        typed = controller.register.typed
        line = EntryLine.offer if typed.was_refused(self.user) else EntryLine.of
        self.state = SellState(
            session_id=session_id,
            entry=line("" if typed.is_stale(self.user, session_id) else typed.of(self.user)),
            pane=ShowingReceipt(sold) if sold is not None else ShowingOrder(),
            message=message,
        )
        self.waiting = 0
        self._shown_id = session_id
        #: True while the facts of the key hold: it asked nothing of the register but a line.
        self._known_holds = False
        self._painted: StyledText | None = None
        self._shown: tuple[int, datetime] | None = None
        self._shown_light = controller.light
        #: The paper that the message is about, with that message.
        self._paper: tuple[Job, StyledText | None] | None = None
        self._read_anew()
        self.count_waiting()

    def _read_anew(self) -> None:
        """Show the venue's new menu and settings from now on."""
        register = self.controller.register
        self._lines = OrderLines(register.formats, register.venue, register.courses.held, register.courses.usual)
        self.screen.boards.sell_for(register.venue)
        label = self.controller.keymap.label
        self.screen.order.acts = (
            KeyView("−1", _("less")),
            KeyView("+1", _("more")),
            KeyView(label("note"), _("Note")),
            KeyView(label(VOID), _("Void")),
        )
        self._presenter = SellPresenter(self._lines, self.screen.boards)

    @override
    def hear(self, news: Heard) -> bool:
        """Show the end of the order, its lock, or a notice; use the venue's new menu and settings from now on."""
        self._known_holds = False
        match news:
            case OrdersChanged():
                self.deselect()
            case OrderEnded(message=message):
                self.deselect()
                self.show_order(None)
                self.message = message
            case OrderTaken():
                while self.is_in_front and self.controller.sheets:
                    self.controller.close()
                self.happens(news)
            case NoticeCame(sentence=sentence):
                self.message = refusal(f"{sentence} {_('Type “notices”.')}")
            case ReferenceChanged():
                self._read_anew()
            case PaperChanged():
                self._say_paper_again()
                return False
            case _:
                return False
        return True

    def say_paper(self, job: Job) -> None:
        """Say the state of a paper that was asked for, until another message replaces it."""
        self.message = plain(printing_words(self.controller.register.printing, job))
        self._paper = job, self.message

    def _say_paper_again(self) -> None:
        """Say the new state of the paper that the message is about."""
        if self._paper is not None and self.message is self._paper[1]:
            self.say_paper(self._paper[0])

    def offer_paper(self, sentence: str) -> None:
        """Say that something was done, and name the key that prints its paper."""
        hint = _("{key} prints it.").format(key=self.controller.keymap.label(PRINT))
        offers = self.controller.register.printing.printers().papers and cell_len(sentence) + cell_len(hint) < _LINE
        self.message = plain(f"{sentence} {hint}" if offers else sentence)

    def count_waiting(self) -> None:
        """Count the user's other waiting orders once, as the key bar shows the number at every key."""
        here, elsewhere = waiting_orders(self.controller, self.user, self.session_id)
        self.waiting = len(here) + len(elsewhere) + len(submitted_orders(self.controller, self.session_id))

    @property
    def session_id(self) -> str | None:
        """The order on the screen, if any."""
        return self.state.session_id

    @property
    def order(self) -> Order | None:
        return self.controller.register.ledger.find(self.session_id) if self.session_id else None

    @property
    @override
    def guest_order(self) -> Order | None:
        """The order, or the one that was just paid."""
        pane = self.state.pane
        return pane.sold if isinstance(pane, ShowingReceipt) and not pane.looked_up else self.order

    @property
    def lock(self) -> str | None:
        """The reason that the order on the screen cannot be changed: another till holds it."""
        return self.controller.register.ledger.lock_of(self.session_id) if self.session_id else None

    @property
    def user(self) -> int:
        person = self.controller.register.access.person
        return person.number if person else 0

    @property
    def entry(self) -> EntryLine:
        return self.state.entry

    @property
    def is_asking(self) -> bool:
        return isinstance(self.state.mode, Asking)

    @property
    def walking(self) -> WalkingMenu | None:
        return self.state.mode if isinstance(self.state.mode, WalkingMenu) else None

    @override
    def tick(self) -> None:
        """Repaint when the menu or the minute changes, as hours and prices may change without a key; a drill always.

        A drill that is over ends.
        """
        controller = self.controller
        drill = controller.training.look() if controller.training is not None else None
        shown = _time_shown(controller.register.menu, controller.now())
        if drill is not None and drill.is_over and not controller.is_held:
            controller.routes.log_out(controller)
        elif drill is not None or self._shown not in {None, shown}:
            controller.paint()

    # Events.

    @override
    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the line, add the item, or browse the category that was clicked."""
        if widget is self.screen.order:
            self.happens(LinePointedAt(place))
        elif widget is self.screen.board:
            self.happens(ItemPointedAt(self._presenter.item_id(place)))
        elif widget is self.screen.categories:
            self.do(MENU)
            top = self.controller.top
            if top is not None and top is not self:  # browsing the menu has begun
                top.point(widget, place)

    def pick(self, asked: Choose, place: int, typed: str) -> None:
        """Add one of the items that were offered for a text."""
        self.happens(Picked(asked, place, typed))

    def again(self, asked: SellCall) -> None:
        """Make a call that waited for an answer."""
        self._known = self._facts()
        self.make(asked)

    def enter(self, typed: str) -> None:
        """Run an entry for the order that was typed on a sheet."""
        self.state = replace(self.state, entry=EntryLine.of(typed))
        self.happens(KeyPress("enter"))

    def offer(self, typed: str) -> None:
        """Leave words on the entry line, to be corrected or replaced."""
        self.state = replace(self.state, entry=EntryLine.offer(typed))

    def do(self, name: str) -> None:
        """Run a command; a refusal is shown in the answer line."""
        self.happens(Commanded(name))

    def add(self, intent: AddItem | AddAll) -> None:
        """Add an item, and ask for an open price; or several items, all or none."""
        self._known = self._facts()
        if isinstance(intent, AddAll):
            self.state, calls = actions.add_all(self.state, self._known, intent)
        else:
            self.state, calls = actions.add(self.state, self._known, intent)
        self.kept()
        for asked in calls:
            if (outcome := asked.on(self)) is not None:
                self.happens(outcome)

    def show_order(self, order: Order | None) -> None:
        """Put an order on the screen, replacing a receipt."""
        self.state = replace(self.state, session_id=order.id if order else None, pane=ShowingOrder())
        self.kept()

    def deselect(self) -> None:
        """Mark the newest line again."""
        self.state = replace(self.state, selected=None)

    def mark_beside(self, line_id: str) -> None:
        """Mark the first line below a void one that is not void, or else above it, so that the list does not scroll."""
        lines = self._lines.of(self.order)
        at = next((at for at, line in enumerate(lines) if line_id in line.line_ids), len(lines))
        beside = (*lines[at:], *reversed(lines[:at]))
        found = next((line.line_id for line in beside if not line.is_void), None)
        self.state = replace(self.state, selected=found, by_hand=False)

    def walk(self, walking: WalkingMenu | None) -> None:
        """Move to an item of the menu, or end browsing it."""
        if walking is not None or self.walking is not None:
            self.state = replace(self.state, mode=walking or Typing())

    @override
    def reduce(self, event: KeyPress | SellEvent) -> Step:
        if isinstance(event, Outcome):  # it changed the order only
            order = None if isinstance(event, Gone) else event.order
            lock = self.controller.register.ledger.lock_of(order.id) if order is not None else None
            self._known = replace(self._known, order=order, lock=lock, lines=self._lines.of(order))
        else:
            self._known, self._known_holds = self._facts(), self.controller.is_acting
        state, calls = reduce(self.state, event, self._known)
        papers_hold = state.pane is self.state.pane or (isinstance(state.pane, ShowingOrder) and not self._known.papers)
        self._known_holds &= papers_hold and _LINE_ACTS.issuperset(one.act for one in calls)
        return state, calls

    @override
    def refused(self, problem: TillError, asked: Call[Any, Any]) -> None:
        self.happens(RegisterRefused(problem.sentence, restores=asked.act is not acts.keep_typed))

    @override
    def kept(self, event: object = None) -> None:
        """Leave the order that was on the screen if another one is now."""
        before, self._shown_id = self._shown_id, self.state.session_id
        if before != self._shown_id:
            self._known_holds = False
            if before is not None:
                self.controller.register.recovery.leave(before)
            self._drop_refused(before)
            self.count_waiting()

    def _drop_refused(self, before: str | None) -> None:
        """Drop a refused text with the order that it was typed for. What another till's hold refused is for the next.

        Without an order it stays while the menu is looked up, which opens one.
        """
        register = self.controller.register
        locked = before is not None and register.ledger.lock_of(before) is not None
        looks = before is None and self.order is not None and self.order.is_empty
        if self.state.entry.is_offered and not (locked or looks):
            self.state = replace(self.state, entry=EMPTY)
            register.typed.clear()

    def _facts(self) -> SellFacts:
        controller, screen, session_id = self.controller, self.screen, self.state.session_id
        register, reference = controller.register, controller.register.reference
        person = register.access.person
        order = register.ledger.find(session_id) if session_id else None
        now, room = controller.now(), answer_room(*screen.app.size)
        return SellFacts(
            user=person.number if person is not None else 0,
            menu=reference.menu,
            lookup=reference.lookup,
            venue=reference.venue,
            next_course=register.courses.next,
            formats=reference.formats,
            answers=reference.answers,
            keymap=controller.keymap,
            now=now,
            manages=person is not None and person.manages,
            order=order,
            lock=register.ledger.lock_of(session_id) if session_id else None,
            lines=self._lines.of(order),
            waiting=self.waiting,
            last_sale=self._last_sale(),
            tenders=register.asker.tenders,
            advice=controller.advice(room),
            was_read=self.message is not None and self.message is self._painted,
            page=screen.order.page_step,
            receipt_rows=screen.order.size.height,
            answer_cells=room,
            board_note=screen.board.note(),
            finder=self._finder(now, reference.venue.type_of(order)),
            drill=controller.training.look() if controller.training is not None else None,
            takes_money=register.ledger.takes_money,
            asks_count=controller.training is None and register.drawer.asks_count(),
            prints=bool(register.printing.printers().papers),
            papers=self._papers(),
            done=self._done(),
            paper_advice=advice_on_printer(register.printing, controller.keymap.label(PRINT)),
        )

    def _facts_painted(self) -> tuple[SellFacts, bool]:
        """Return the facts to paint, and True if they are those of the key that is painted and nothing else changed."""
        holds, self._known_holds = self._known_holds, False
        if not holds:
            return self._facts(), False
        known, reference = self._known, self.controller.register.reference
        if known.menu is not reference.menu or known.venue is not reference.venue or known.drill is not None:
            return self._facts(), False
        read = self.message is not None and self.message is self._painted
        return replace(known, advice=self.controller.advice(known.answer_cells), was_read=read), True

    def _done(self) -> tuple[str, DocumentRef] | None:
        """Return the user's last act that has a paper, with that paper."""
        done = self.controller.register.printing.last
        return (done.event, done.paper) if done is not None and done.user == self.user else None

    def _papers(self) -> tuple[tuple[str, str], ...]:
        printing, pane = self.controller.register.printing, self.state.pane
        if not isinstance(pane, ShowingReceipt) or not printing.printers().papers:  # each key asks
            return ()
        return paper_rows(printing, pane.sold.id)

    def _finder(self, now: datetime, order_type: str) -> MenuFinder | None:
        """Return the finder for the board; None without a board, or with a screen reader."""
        register, screen = self.controller.register, self.screen
        room = 0 if screen.board.paint.plain else screen.board_room
        if not room:
            return None
        made_of = register.menu, register.formats, now, register.lookup, room
        return screen.boards.finder(*made_of, order_type=order_type)

    def _find(self) -> None:
        self._presenter.find(self.state, self._facts())

    def _last_sale(self) -> Order | None:
        """Return the last sale in its current state, as personal data in it may have been erased since."""
        sold = self.controller.sold
        return (self.controller.register.ledger.readable(sold.id) or sold) if sold is not None else None

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        if not self.controller.is_held:  # otherwise keys typed ahead act before anybody sees the message
            self._painted = self.message
        controller, before = self.controller, (self._shown, self._shown_light)
        facts, holds = self._facts_painted()
        self._shown, self._shown_light = _time_shown(facts.menu, facts.now), controller.light
        if not self._presenter.has_found(self.state, facts):
            controller.in_calm(self._find)
        is_shown = holds and before == (self._shown, self._shown_light)
        status = self.screen.status.view if is_shown else controller.status()
        views = self._presenter.views(self.state, facts, status)
        if self.controller.training is not None:
            views |= self.screen.guest_views(facts.drill)
        self.screen.show(views)


def _time_shown(menu: Menu, now: datetime) -> tuple[int, datetime]:
    """Return the values of the time that the screen shows: the menu with its prices, and the minute."""
    return id(menu), now.replace(second=0, microsecond=0)
