"""The sheet of waiting orders: those that programs submitted for the counter, and those of the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.money.measures import Minor
from till.domain.order.guest_words import guest_words, words_on
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.domain.order.suspension import check_clearable
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.text import clean
from till.register.other_tills.news import ReferenceChanged, ServerAnswered
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import ChoiceView, EntryView, FactsView, KeyView, StyledText, fact, numbered
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.choice_sheet import ChoiceSheet, asks_help
from till.tui.screens.sheets.reason import CLEAR_WAITING, ReasonSheet, reason_fact
from till.tui.screens.waiting_orders.bring_back import (
    ask,
    bring_back,
    cleared_orders,
    obtain,
    submitted_orders,
    waiting_orders,
)
from till.tui.screens.waiting_orders.takeover import TakeoverSheet
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.domain.venue import Venue
    from till.ports import RemoteSession
    from till.register.waiting import WaitingOrder
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller
    from till.tui.shell.messages import Heard


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal()


def _with_words(detail: StyledText | None, words: tuple[str, ...]) -> StyledText | None:
    """Return the detail of an order, with its preferences and its note before it: a long detail is cut."""
    if not words:
        return detail
    if detail is None:
        return StyledText(", ".join(words), Tone.WARN)
    return replace(detail, text=", ".join((*words, detail.text)), role=Tone.WARN)


def _status(row: RemoteSession, venue: Venue) -> StyledText | None:
    """Return the tab and till of an order, the order that its lines came too late for, or that a manager settles it.

    An amount that lacks the service charge says so.
    """
    if row.status == Status.QUARANTINED:
        return StyledText(Status.QUARANTINED.in_words, mark=Mark.NOTICE)
    lacks = (_("without service charge"),) if row.is_uncharged and venue.bears_charge(row.order_type) else ()
    if row.late_for is not None:
        name = tab_name(row.late_for)
        words = _("late for {name}").format(name=name) if name else _("late for its order")
        return StyledText(", ".join((words, *lacks)), mark=Mark.NOTICE)
    if not row.till:
        words = ", ".join((*([tab_name(row.tab_name)] if row.tab_name else []), *lacks))
        return StyledText(words, Tone.MUTED) if words else None
    return _open_there(row.tab_name, row.till_name)


def _open_there(tab: str, till: str) -> StyledText:
    """Return the other till that has an order open, with the tab of the order, if any."""
    words = _("{tab} on {till}") if tab else _("open on {till}")
    return StyledText(words.format(tab=tab_name(tab), till=till), mark=Mark.NOTICE)


def _cleared_of(user: str) -> StyledText:
    """Return that an order was cleared elsewhere, and whose it was; `user` is empty for one of a program."""
    words = _("cleared, of {user}") if user else _("cleared")
    return StyledText(words.format(user=user), mark=Mark.NOTICE)


class WaitingOrdersSheet(ChoiceSheet):
    """The orders to be paid at the counter, and the user's: those this till knows, and those the database listed."""

    empty_text = N_("No other order waits.")
    help_rows = (
        (N_("its number, Enter"), N_("Resume that order"), N_("this one is suspended")),
        ("↑ ↓, Enter", N_("The marked order"), ""),
        (N_("clear 1, Enter"), N_("Clear that order"), N_("with a reason, and a manager")),
        (N_("letters"), N_("Something else"), N_("the entry takes it")),
        ("Esc", N_("Back"), N_("nothing changes")),
    )
    hint_text = N_("Type on at any time: the entry takes it. “clear 1” clears.")

    def __init__(self, controller: Controller, scene: Selling) -> None:
        super().__init__(controller, scene.screen, _("Waiting orders"))
        self._scene = scene
        self._look()

    def _look(self) -> None:
        controller, scene = self.controller, self._scene
        self._submitted = submitted_orders(controller, scene.session_id)
        self._orders, self._remote = waiting_orders(controller, scene.user, scene.session_id)
        self._cleared, self._cleared_there = cleared_orders(controller)

    def show(self) -> None:
        """Open the sheet, and ask the database again, as orders may have changed since the login."""
        self.controller.open(self)
        if self.controller.store is not None:
            self.controller.hold(self._ask())

    @override
    def hear(self, news: Heard) -> bool:
        if isinstance(news, ReferenceChanged):
            self.read_anew()
        elif isinstance(news, ServerAnswered) and self.controller.answering is not None:
            self.controller.meanwhile(self._ask())
        return False

    async def _ask(self) -> None:
        controller, scene = self.controller, self._scene
        answer = await ask(controller, scene.user)
        if answer is None:
            self.message = plain(_("Offline: these are the orders that this till knows."))
            return
        controller.remote = answer
        scene.count_waiting()
        self.read_anew()

    def read_anew(self) -> None:
        """List the orders as they are now. The marked order stays marked, or none is; a guest's number stays typed."""
        typed, to_clear = self.entry, self._to_clear(self.entry.text)
        number = to_clear or typed.text
        begun = self._place(number) is None
        self._settle_pick()
        ids, place = self._ids(), self.marked()
        self._look()
        now = self._ids()
        is_gone = place is not None and ids[place] not in now
        if is_gone:
            self.selected, self.entry = -1, EMPTY
            self.message = refusal(_("That order is no longer here."))
        elif now == ids or (self._may_be_numbered(number) and (begun or self._called(number))):
            self.entry = typed  # the number of a guest, or its first digits; another one may follow
        elif place is not None:
            self.selected = now.index(ids[place])
            row = str(self.selected + 1)
            again = to_clear and self._place(row) == self.selected
            self.entry = EntryLine.of(typed.text.replace(to_clear, row)) if again else EMPTY
        self.resize()

    def _ids(self) -> list[str]:
        """Return the orders of the rows."""
        remote_ids = [row.session_id for row in (*self._remote, *self._cleared_there)]
        return [
            *(one.row.session_id for one in self._submitted),
            *(order.id for order in self._orders),
            *remote_ids[: len(self._remote)],
            *(order.id for order in self._cleared),
            *remote_ids[len(self._remote) :],
        ]

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """Return the orders to be paid, those here, newest first, and elsewhere; for a manager the cleared ones too."""
        register, answers = self.controller.register, self.controller.register.answers
        rows: list[tuple[str, StyledText | None, datetime]]
        rows = [(one.name, self._to_be_paid(one), one.at) for one in self._submitted]
        rows += [
            (answers.size(one), _with_words(self._summary(one), words_on(one)), one.updated_at) for one in self._orders
        ]
        for row in self._remote:
            status = _with_words(_status(row, register.venue), guest_words(dict(row.words)))
            rows.append((answers.counted(row.lines, row.total, row.paid), status, row.updated_at))
        rows += [(answers.size(one), self._cleared_by(one), one.updated_at) for one in self._cleared]
        for row in self._cleared_there:
            by = _cleared_of(self._name(row.user) if row.user else "")
            rows.append((answers.counted(row.lines, row.total), by, row.updated_at))
        local = register.venue.local
        return numbered((name, detail, StyledText(f"{local(at):%H:%M}", Tone.MUTED)) for name, detail, at in rows)

    def _to_be_paid(self, order: WaitingOrder) -> StyledText:
        """Return the amount due and its guest, or the till that has it open."""
        if order.row.till not in {None, self.controller.register.till}:
            return StyledText(_("open on {till}").format(till=order.row.till_name), mark=Mark.NOTICE)
        due, guest, money = self._due(order), clean(order.customer), self.controller.register.formats.money
        words = f"{money(due)}, {guest}" if guest else _("{amount} to be paid").format(amount=money(due))
        if order.row.paid and due <= 0:
            words = _("{amount} goes back").format(amount=money(Minor(-due))) if due else _("paid")
        return StyledText(", ".join((words, *self._words_of(order))), mark=Mark.WAITING)

    def _words_of(self, order: WaitingOrder) -> tuple[str, ...]:
        """Return the preferences and the note of an order, as this till knows them, or else the database."""
        here = self.controller.register.ledger.readable(order.row.session_id)
        return words_on(here) if here is not None else guest_words(dict(order.row.words))

    def _due(self, order: WaitingOrder) -> Minor:
        return self.controller.register.answers.due(order.row.total, order.row.paid)

    def _marked_order(self) -> WaitingOrder | None:
        """Return the marked order if it is to be paid at the counter."""
        place = self.marked()
        return self._submitted[place] if place is not None and place < len(self._submitted) else None

    @override
    def beside(self) -> FactsView:
        """Return the sentence for its guest, and its lines, if the marked order is to be paid at the counter."""
        order, formats = self._marked_order(), self.controller.register.formats
        if order is None:
            return FactsView()
        words = _("“{order}: {amount}.”").format(order=order.name, amount=formats.money(self._due(order)))
        lines = tuple(fact(f"{item.quantity} ×", clean(item.item)) for item in order.row.items)
        noted = tuple(fact("", one) for one in self._words_of(order))
        return FactsView((fact(_("Say"), words, bold=True), *noted, *lines))

    def _name(self, number: int) -> str:
        return clean(self.controller.register.reference.name_of(number)) or str(number)

    def _cleared_by(self, order: Order) -> StyledText:
        """Return the user who cleared it, and the reason."""
        who = self._name(order.cleared_by or 0)
        words = _("cleared by {user}: {reason}").format(user=who, reason=clean(order.discard_reason))
        return StyledText(words, mark=Mark.NOTICE)

    def _summary(self, order: Order) -> StyledText:
        """Return its tab and items, the money taken, and its user if it is another's."""
        register = self.controller.register
        held, tab = self._held(order), tab_name(order.tab.name) if order.tab is not None else ""
        if held:
            return _open_there(tab, held)
        items = (row.first.name for row in order.priced.rows[:3])
        names = ", ".join(clean(name) for name in (tab, *items) if name)
        if not order.paid:
            return StyledText(names, Tone.MUTED)
        paid = _("{paid} paid").format(paid=register.formats.money(order.paid))
        whose = register.reference.name_of(order.user) if order.user != self._scene.user else ""
        return StyledText(", ".join(part for part in (paid, whose, names) if part), mark=Mark.NOTICE)

    def _held(self, order: Order) -> str:
        """Return the other till that has an order open, as far as known; empty if none has."""
        register = self.controller.register
        holder = register.ledger.open_at(order)
        return "" if holder in {None, register.till} else register.venue.till_name(holder)

    @override
    def primary(self) -> KeyView | None:
        if self.rows() and self.marked() is None:
            return None
        if self._to_clear(self.entry.text):
            return KeyView("Enter", _("Clear the order"), _("Clear"))
        if (order := self._marked_order()) is not None:
            due = self._due(order)
            if order.row.paid and due <= 0:
                return KeyView("Enter", _("Open it at Pay"), _("Pay"))
            amount = self.controller.register.formats.amount(due)
            return KeyView(
                "Enter", _("Take the money {amount}").format(amount=amount), _("Pay {amount}").format(amount=amount)
            )
        return KeyView("Enter", _("Resume") if self.rows() else _("Back"))

    @override
    def choose(self, place: int) -> None:
        """Resume an order and suspend the current one. For an order on another till, ask the user first."""
        if place < len(self._submitted):
            self._open_submitted(self._submitted[place])
            return
        place -= len(self._submitted)
        waiting = len(self._orders) + len(self._remote)
        if place >= waiting:
            self._restore_cleared(place - waiting)
            return
        if place >= len(self._orders):
            row = self._remote[place - len(self._orders)]
            if row.status == Status.QUARANTINED:
                self.message = refusal(_("It is paid; its record waits for a manager: Ctrl+O."))
                return
            self._request(row.session_id, row.user, row)
            return
        wanted = self._orders[place]
        is_here = not self.controller.register.grants.must_ask(wanted.id)  # whatever the last list says
        rows = (row for row in self.controller.remote or () if row.session_id == wanted.id and not is_here)
        self._request(wanted.id, wanted.user, next(rows, None))

    def _press(self, press: KeyPress) -> None:
        """Pass typed or scanned text that picks no row to the order, except `clear` and a number."""
        words = self.entry.text + press.char
        if press.char and (self._may_clear(words) or self._may_be_numbered(words)):
            self.entry, self.message = EntryLine.of(words), None
        elif asks_help(self.controller, press, types=False) or not self.types_on(press):
            super()._press(press)

    @override
    def _enter(self) -> None:
        """Clear the order that was typed, or pass other words to the order."""
        words = self.entry.text
        if number := self._to_clear(words):
            self._clear(number)
        elif self._may_clear(words) and (below := self._below()) is not None:
            self.controller.close()
            for one in words:
                below(KeyPress(one, one))
            below(KeyPress("enter"))
        else:
            super()._enter()

    @override
    def enter(self, typed: str) -> None:
        """Open the marked order; a number that marks none is refused."""
        if typed:
            self.message = refusal(_("Not one order here is {n}. ↑ ↓ and Enter choose.").format(n=typed))
        else:
            super().enter(typed)

    def _clear(self, number: str) -> None:
        """Ask why an order is cleared, unless it has money, was cleared before, or another till has it open."""
        place = self._place(number)
        here = [(one.row.session_id, one.name, one.row.total) for one in self._submitted]
        here += [(order.id, self.controller.register.answers.size(order), order.total) for order in self._orders]
        if place is None or place >= len(here):
            self.message = refusal(_("There is no order {n} to clear here.").format(n=number))
            return
        if (order := self.controller.register.ledger.readable(here[place][0])) is not None:
            try:
                check_clearable(order, self.controller.register.formats.money)
            except TillError as problem:
                self.message = refusal(problem.sentence)
                return
        self.controller.close()
        self._ask_clear(*here[place])

    def _ask_clear(self, session_id: str, name: str, total: Minor) -> None:
        """Ask for the reason to clear an order of the list, with a manager's approval."""
        controller, screen, title = self.controller, self.screen, _("Clear {name}").format(name=name)

        def act(reason: str) -> None:
            with_right(
                controller,
                screen,
                title,
                lambda approval: controller.hold(self._clear_now(session_id, name, reason, approval)),
                facts=(reason_fact(reason),),
                first=lambda: controller.register.approvals.need(PermissionRequest(Permission.VOID_SENT, total), None),
            )

        controller.open(ReasonSheet(controller, screen, title, CLEAR_WAITING, act))

    async def _clear_now(self, session_id: str, name: str, reason: str, approval: Approval | None) -> None:
        """Clear an order that is granted to this till only now, so that of two tills that clear it one is refused."""
        controller, scene = self.controller, self._scene
        try:
            await obtain(controller, session_id, scene.user)
            controller.register.recovery.clear_waiting(session_id, scene.user, reason, approval)
        except TillError as problem:
            scene.message = refusal(problem.sentence)
        else:
            sentence = _("{name} is cleared: {reason}. F5 reopens it.")
            scene.message = plain(sentence.format(name=name, reason=clean(reason)))
        scene.count_waiting()

    @override
    def _picked(self) -> int | None:
        return self._place(self._to_clear(self.entry.text) or self.entry.text)

    def _to_clear(self, words: str) -> str:
        """Return the number of the order that the words clear; empty if they clear none."""
        sentences = self.controller.register.lookup.words.on("waiting")
        found = next(sentences.find(" ".join(words.split()), ("clear",)), None)
        return (found[1]["place"] or "") if found is not None else ""

    def _may_clear(self, words: str) -> bool:
        """Return True if the words clear an order of the list, or begin to."""
        typed = " ".join(words.split())
        begins = self.controller.register.lookup.words.on("waiting").begins
        return bool(typed) and (begins(typed, "clear") or bool(self._to_clear(words)))

    def _place(self, typed: str) -> int | None:
        """Return the row of a number: of the order that the guest calls so, or else in the list.

        If two programs have an order of that number, a row is marked with the arrows only.
        """
        if not _is_number(typed):
            return None
        if called := self._called(typed):
            return called[0] if len(called) == 1 else None
        return int(typed) - 1 if 0 < int(typed) <= len(self._ids()) else None

    def _called(self, typed: str) -> list[int]:
        """Return the rows of the orders that a program gave this number."""
        return [place for place, order in enumerate(self._submitted) if order.number == int(typed)]

    @override
    def marked(self) -> int | None:
        """Return the row that Enter acts on; none while digits are typed that are the number of none."""
        is_none = _is_number(self.entry.text) and self._picked() is None
        return None if is_none else super().marked()

    def _may_be_numbered(self, typed: str) -> bool:
        """Return True if the number of an order of a program begins with these digits."""
        return _is_number(typed) and any(str(order.number).startswith(typed) for order in self._submitted)

    @override
    def entry_view(self) -> EntryView:
        view, words = super().entry_view(), self.entry.text
        return replace(view, text=words, cursor=len(words)) if words and self._may_clear(words) else view

    def _open_submitted(self, order: WaitingOrder) -> None:
        """Open an order that is to be paid on the pay screen; if another till has it open, ask the user first."""
        if order.row.till not in {None, self.controller.register.till}:
            known = self.controller.submitted.get(order.row.session_id, order.row)
            row = replace(known, user=self._scene.user)
            self.controller.close()
            title = _("{name} is open on another till").format(name=order.name)
            sheet = TakeoverSheet(self.controller, self.screen, row, make_room=self._make_room, title=title)
            self.controller.open(sheet)
            return
        self.controller.close()
        self.controller.hold(self._fetch_submitted(order))

    async def _fetch_submitted(self, order: WaitingOrder) -> None:
        controller, user = self.controller, self._scene.user
        try:
            await obtain(controller, order.row.session_id, user)
            self._make_room()
            self._show_resumed(controller.register.recovery.take_up(order.row.session_id, user))
        except TillError as problem:
            self._scene.message = refusal(problem.sentence)
            return
        self._scene.do("pay")

    def _show_resumed(self, order: Order) -> None:
        """Show an order that was resumed."""
        scene = self._scene
        scene.show_order(order)
        scene.deselect()
        scene.count_waiting()
        scene.message = plain(self.controller.register.here(order))

    def _restore_cleared(self, place: int) -> None:
        """Restore a cleared order, of this till or another, and suspend the current one."""
        if place < len(self._cleared):
            self._make_room()
            order = self.controller.register.recovery.bring_cleared_back(self._cleared[place].id)
            self.controller.close()
            self._show_resumed(order)
            return
        self.controller.close()
        self.controller.hold(self._fetch_cleared(self._cleared_there[place - len(self._cleared)]))

    async def _fetch_cleared(self, row: RemoteSession) -> None:
        controller = self.controller
        try:
            await obtain(controller, row.session_id, row.user, cleared=True)
            self._make_room()
            self._show_resumed(controller.register.recovery.bring_cleared_back(row.session_id))
        except TillError as problem:
            self._scene.message = refusal(problem.sentence)

    def _make_room(self) -> None:
        present = self._scene.order
        ledger = self.controller.register.ledger
        if present is not None and present.is_open and ledger.lock_of(present.id) is None:
            self.controller.register.recovery.suspend_or_clear(present)

    def _request(self, session_id: str, user: int, row: RemoteSession | None) -> None:
        """Ask the server for an order; if `row` has it open on another till, ask the user first."""
        controller = self.controller
        controller.close()
        if row is not None and row.till not in {None, controller.register.till}:
            controller.open(TakeoverSheet(controller, self.screen, row, make_room=self._make_room))
            return
        controller.hold(bring_back(controller, session_id, user, make_room=self._make_room))
