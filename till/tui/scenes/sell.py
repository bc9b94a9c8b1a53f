"""Selling: one line that is always typed into, the order as it grows, the total always in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import OrderLockedError, PriceNeededError, QuantityError, TillError
from till.domain.i18n import _
from till.domain.order.selling import Keyed
from till.domain.order.state import Status
from till.domain.text import clean
from till.register.quick_entry import language
from till.register.quick_entry.language import AddItem, Choose
from till.tui.counter import plain, refusal
from till.tui.editor import LineEditor
from till.tui.scenes.asking import Question, answer, pick
from till.tui.scenes.commands import SellCommands
from till.tui.scenes.completing import Completion
from till.tui.scenes.doubting import LIKELY, Doubt
from till.tui.scenes.phrases import SellPhrases
from till.tui.scenes.sell_view import SellView
from till.tui.scenes.stepping import Steps
from till.tui.sights import OrderSight
from till.tui.waiting import waiting_orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.catalogue.menu import Item
    from till.domain.order.state import Order
    from till.tui.counter import Counter
    from till.tui.desks import SellDesk
    from till.tui.sights import Entry
    from till.tui.strokes import Stroke
    from till.tui.view import Said

_MOVES: Final = {"up": -1, "down": 1, "pageup": -1, "pagedown": 1}


class SellScene:
    """The sell screen.

    Args:
        counter: the till.
        session_id: the order on it; None for none yet.
        said: the first answer.
        sold: the order that was just paid: its receipt and change stay until the next line.
    """

    def __init__(
        self, counter: Counter, session_id: str | None, said: Said | None, *, sold: Order | None = None
    ) -> None:
        self.counter = counter
        self.session_id = session_id
        self.said = said
        self.sold = sold
        counter.sold = sold or counter.sold
        self.editor = LineEditor()
        self.question: Question | None = None
        self.choosing: Choose | None = None
        self.selected: str | None = None
        self.category: str | None = None
        self.sight = OrderSight(counter.register.formats, counter.register.venue)
        self.commands = SellCommands(self)
        self.phrases = SellPhrases(self)
        self.view = SellView(self)
        self.steps = Steps(self)
        self.doubt = Doubt()
        #: The item of the menu that is walked to; None while the menu is not walked.
        self.walked: int | None = None
        self.waiting = 0
        #: Whether the marked line was chosen, and is not merely the newest.
        self.by_hand = False
        self._sent = ""
        self._painted: Said | None = None
        self._completion = Completion()
        self.count_waiting()
        self.editor.set(counter.register.typed.of(self.user))

    @property
    def is_asking(self) -> bool:
        """Whether one thing is asked in the entry."""
        return self.question is not None

    def read_anew(self) -> None:
        """The venue's menu or settings changed: what is shown next goes by them."""
        self.sight = OrderSight(self.counter.register.formats, self.counter.register.venue)
        self.view = SellView(self)

    def count_waiting(self) -> None:
        """Count the user's other orders that wait: for the key bar, which is painted at every key."""
        here, elsewhere = waiting_orders(self.counter, self.user, self.session_id)
        self.waiting = len(here) + len(elsewhere)

    @property
    def desk(self) -> SellDesk:
        """The widgets."""
        return self.counter.desks.sell

    @property
    def order(self) -> Order | None:
        """The order on the screen."""
        return self.counter.register.ledger.find(self.session_id) if self.session_id else None

    @property
    def lock(self) -> str | None:
        """Why the order on the screen may not be changed here: another till has it."""
        return self.counter.register.ledger.lock_of(self.session_id) if self.session_id else None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The order as it stands on the screen."""
        return self.sight.entries(self.order)

    @property
    def user(self) -> int:
        """The staff number at the till."""
        person = self.counter.register.access.person
        return person.number if person else 0

    # Strokes.

    def stroke(self, stroke: Stroke) -> None:
        """Type, choose a line, or do a command."""
        command = self.counter.keymap.command(stroke)
        if not stroke.is_enter:
            self.doubt.forget()
        if self.sold is not None and self.entries and stroke.key not in _MOVES:
            self.sold = None  # a receipt that was looked up makes room for the order
        if answer(self, stroke) or pick(self, stroke) or (command is None and self.steps.take(stroke)):
            return
        if stroke.is_enter:
            self._enter()
        elif stroke.key == "tab":
            self._complete()
        elif stroke.key == "escape":
            self._escape()
        elif stroke.key in _MOVES and not stroke.char:
            self._move(stroke.key)
        elif command and self._is_command(stroke):
            self.commands.do(command)
        elif self.editor.take(stroke):
            self.keep_typed()

    def _is_command(self, stroke: Stroke) -> bool:
        """A key that types or deletes is a command only while nothing is typed."""
        return not self.editor.text or (not (stroke.char and stroke.char.isprintable()) and stroke.key != "delete")

    def pick(self, choosing: Choose, place: int) -> None:
        """Key one of several that were offered; when it is refused, what was typed for them comes back."""
        try:
            self.add(AddItem(choosing.items[place], choosing.quantity, choosing.price4))
        except TillError as problem:
            self.editor.offer(self._sent)
            self.refuse(problem)

    def _escape(self) -> None:
        if self.said is not None and self.said is self._painted and not self.editor.text:
            self.counter.register.unread.read(self.user, self.said.text)  # it is put away
        if self.lock:
            self.show_order(None)  # what was typed meanwhile is for the new one
        elif self.editor.text:
            self.editor.clear()
            self.keep_typed()
        self.said = None
        self.selected = None
        self.by_hand = False

    def _move(self, key: str) -> None:
        if self.sold is not None:
            page = max(1, self.desk.order.size.height - 1)
            self.desk.order.move(_MOVES[key] * (page if key.startswith("page") else 1))
            return
        entries = self.entries
        if not entries:
            return
        in_sight = len({entry for entry, _row in self.desk.order.window.rows})
        step = _MOVES[key] * (max(1, in_sight - 1) if key.startswith("page") else 1)
        ids = [entry.line_id for entry in entries]
        marked = self.chosen()
        place = ids.index(marked.line_id) + step if marked else len(ids) - 1
        self.selected = ids[max(0, min(place, len(ids) - 1))]
        self.by_hand = True

    def _complete(self) -> None:
        if self._completion.advance(self.editor, self.counter.register.lookup):
            self.keep_typed()

    def suggestions(self) -> list[Item]:
        """What may complete what is typed."""
        if self.question is not None or not self.editor.text or self.lock:
            return []
        return language.suggestions(self.editor.text, self.counter.register.lookup)

    # What was typed.

    def _enter(self) -> None:
        typed = self.editor.text.strip()
        if self.lock:
            raise OrderLockedError(self.lock)
        if not typed:
            self.said = (
                plain(_("Type an item, its number or a barcode. F9 takes the money.")) if not self.entries else None
            )
            return
        register = self.counter.register
        self._sent = typed
        try:
            intent = language.understand(typed, register.lookup, register.formats)
            if isinstance(intent, AddItem | Choose) and abs(intent.quantity) > LIKELY:
                self._ask_back(intent, typed)
            self.editor.clear()
            register.typed.sending(self.user, typed)
            self.phrases.act(intent)
        except PriceNeededError as problem:
            self.refuse(problem)
        except TillError as problem:
            self.editor.offer(typed)
            self.refuse(problem)
        self.keep_typed()

    def _ask_back(self, intent: AddItem | Choose, typed: str) -> None:
        """So many pieces are asked back once, by Enter again on what was typed."""
        name = clean(intent.item.name if isinstance(intent, AddItem) else intent.query)
        question = _("{quantity} × {name}? Enter again keys it.").format(quantity=intent.quantity, name=name)
        self.doubt.ask(typed, QuantityError(question))

    def add(self, intent: AddItem) -> None:
        """Key an item, on a new order when there is none; an open price is asked for.

        Raises:
            TillError: it cannot be sold now.
        """
        register = self.counter.register
        if intent.item.price4 is None and intent.price4 is None:
            self.ask_price(intent)
            return
        order = register.sales.add(self.open_session(), self.user, Keyed(intent.item, intent.quantity, intent.price4))
        self.show_order(order)
        line = order.last_line
        self.selected = self._entry_of(line.id if line else None)
        self.said = plain(register.answers.added(order, clean(intent.item.name), intent.quantity))

    def ask_price(self, intent: AddItem) -> None:
        """Ask for an open price, then key the item."""
        formats = self.counter.register.formats

        def then(typed: str) -> None:
            self.add(AddItem(intent.item, intent.quantity, formats.price4(typed)))

        self.ask(_("Price of {name}?").format(name=clean(intent.item.name)), then, _("Set the price"))

    def ask(self, words: str, then: Callable[[str], None], word: str) -> None:
        """Ask one thing in the entry: the question, what is done with the answer, and what Enter is called."""
        self.question = Question(words, then, word, self.editor.text)
        self.editor.clear()
        self.said = plain(words)

    def open_session(self) -> str | None:
        """The order to key on; None opens one: what is finished takes no more lines."""
        order = self.order
        return order.id if order is not None and order.status is Status.ACTIVE else None

    def locked(self, sentence: str) -> None:
        """Another till has the order now: whatever was being asked about it here is off, and what was typed stays."""
        if self.question is not None:
            self.editor.set(self.question.aside)
        self.question = self.choosing = None
        self.said = refusal(sentence)

    def show_order(self, order: Order | None) -> None:
        """Put an order on the screen; the last sale's receipt makes room."""
        before, self.session_id = self.session_id, order.id if order else None
        self.sold = None
        if before != self.session_id:
            self.count_waiting()

    def _entry_of(self, line_id: str | None) -> str | None:
        for entry in reversed(self.entries):
            if line_id in entry.shown.line_ids:
                return entry.line_id
        return None

    def chosen(self) -> Entry | None:
        """The line that a command is about, which is marked: the selected one, or the last that counts."""
        entries = self.entries
        selected = self.selected
        found = next((entry for entry in reversed(entries) if entry.line_id == selected), None) if selected else None
        return found or next((entry for entry in reversed(entries) if not entry.is_void), None)

    def refuse(self, problem: TillError) -> None:
        """Say why not."""
        self.said = refusal(problem.sentence)

    def keep_typed(self) -> None:
        """Write down what stands in the entry, as every change of it is."""
        self.by_hand = False
        self.counter.register.typed.keep(self.user, self.editor.text)

    def paint(self) -> None:
        """Hand views to the widgets."""
        if not self.counter.is_held:  # else what was typed ahead is acted on before anybody sees it
            self._painted = self.said
        self.view.paint()
