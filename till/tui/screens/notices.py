"""The screen of notices: its state, keys, acts and views."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final, Never

from msgspec import Struct
from msgspec.structs import replace
from typing_extensions import override

from till.domain.errors import NotHeldError, StoreAwayError, TillError
from till.domain.i18n import N_, _
from till.domain.money.amount import Currency
from till.domain.order import suspension
from till.domain.order.naming import tab_name
from till.domain.order.sent import sent_asked
from till.domain.order.state import Status
from till.domain.text import capitalize_first, clean
from till.register.other_tills.news import NoticeCame
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.screen import ListScreen
from till.tui.drawing.viewmodels import (
    CardsView,
    CardView,
    EntryView,
    FigureView,
    HeadView,
    RowsView,
    RowView,
    StyledText,
    TotalView,
    cell,
    in_row,
)
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.tabs.scene import TablesScene
from till.tui.screens.waiting_orders.bring_back import obtain
from till.tui.shell.calls import call
from till.tui.shell.key_table import ENTER, BarKey, Key, KeyTable, calls, word
from till.tui.shell.keymap import HELP, TABS, VOID
from till.tui.shell.marked_list import ListMark, MarkedList
from till.tui.shell.messages import plain, refusal, says_why
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.notice.notice import Notice, NoticeOrder
    from till.domain.notice.words import NoticeText
    from till.domain.staff.rights import Approval
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.calls import Call, Result
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import Keymap, KeyPress
    from till.tui.shell.messages import Heard

NoticesStep = tuple["NoticesState", tuple["Call[NoticesScene, Result[Never]]", ...]]

_RUNG_AGAIN: Final = N_("rung again")
_NOT_TYPED: Final = N_("Nothing is typed here: Esc first, then key it.")
#: The width of a sentence in cells, with two panes (True) and with one.
_WIDE: Final = {True: 57, False: 74}


class NoticesState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        opened: True if the marked notice is shown in place of the list, with a single pane.
        unconfirmed: the notice whose other order the next press of the key discards.
        missed: True after words were typed, for which the screen has no use: the next Enter does nothing, unless an
            arrow or a click marked a notice since.
    """

    mark: ListMark = ListMark()
    opened: bool = False
    message: StyledText | None = None
    unconfirmed: str = ""
    missed: bool = False


class NoticesFacts(Struct, frozen=True):
    """The facts at one moment: the notices in words, oldest first; `seen` holds those acknowledged on this screen.

    `page` is the number of notices that a page key passes.
    """

    notices: tuple[tuple[Notice, NoticeText], ...]
    seen: frozenset[str]
    count: int
    formats: Formats
    keymap: Keymap
    wide: bool
    page: int


class NoticesScreen(ListScreen):
    """The notices, and the text of the marked one."""


class NoticesScene(TillScene[NoticesState, Never, NoticesScreen]):
    """The scene of the notices. A notice that was seen stays listed until the screen is left.

    Args:
        controller: the till.
        selling: the sell screen to go back to.
    """

    def __init__(self, controller: Controller, selling: Selling) -> None:
        super().__init__(controller, NoticesScreen)
        self.state = NoticesState()
        self._selling = selling
        self._kept: dict[str, Notice] = {}
        self._seen: set[str] = set()

    @property
    def session_id(self) -> str | None:
        """The order on the sell screen, if any."""
        return self._selling.session_id

    @override
    def reduce(self, event: KeyPress) -> NoticesStep:
        return reduce(self.state, event, self._facts())

    @override
    def hear(self, news: Heard) -> bool:
        if not isinstance(news, NoticeCame):
            return False
        self.message = refusal(news.sentence)
        return True

    def _facts(self) -> NoticesFacts:
        register = self.controller.register
        listed, new = self._listed(), {one.id for one in register.notices.open()}
        return NoticesFacts(
            notices=tuple((one, register.notices.in_words(one)) for one in listed.values()),
            seen=frozenset(listed.keys() - new),
            count=register.notices.count,
            formats=register.formats,
            keymap=self.controller.keymap,
            wide=self.screen.is_wide,
            page=self.screen.list.page_step,
        )

    def _listed(self) -> dict[str, Notice]:
        """Return all notices listed since the screen was opened, seen or not."""
        self._kept |= {one.id: one for one in self.controller.register.notices.open()}
        return self._kept

    def paint(self) -> None:
        """Update the widgets from the state."""
        state, facts, screen = self.state, self._facts(), self.screen
        at = NOTICES.place(state, facts)
        notice, wording = facts.notices[at] if facts.notices else (None, None)
        screen.reshape(state.opened)
        screen.status.show(self.controller.status())
        screen.head.show(_head(facts))
        screen.list.show(_list(at, facts))
        screen.total.show(_total(notice, wording, facts))
        screen.detail_head.show(HeadView(wording.title, wording.detail) if wording is not None else HeadView())
        screen.detail.show(_detail(wording, facts) if wording is not None else RowsView())
        screen.band.show(EntryView("", 0, state.message or StyledText(_answer(state, wording))))
        screen.keys.show(KEYS.bar(state, facts))

    def go_back(self) -> None:
        """Go back to the order; unseen notices stay new."""
        self._selling.message = None
        self.controller.go(self._selling)

    def open_table(self, name: str) -> None:
        """Open the tables with this name typed."""
        TablesScene(self.controller, self._selling).show(clean(name))

    def show_both(self, notice: Notice) -> None:
        """Open the tables with both orders of a notice on them, and mark the one that it names."""
        TablesScene(self.controller, self._selling).show_marked(notice.data.named.session)

    def acknowledge(self, notice: Notice) -> None:
        """Take a notice off the list, and mark the next new one."""
        self._seen.add(notice.id)
        self.controller.register.notices.seen(notice.id)
        left = self.controller.register.notices.count
        self.state = replace(self.state, mark=ListMark(self._next(notice)))
        self.message = plain(_("Seen. {n} more.").format(n=left) if left else _("Seen. Esc goes back to the order."))

    def _next(self, notice: Notice) -> int:
        """Return the index of the next new notice after this one, wrapping around."""
        ids = list(self._listed())
        at = ids.index(notice.id)
        new = [place for place in (*range(at, len(ids)), *range(at)) if ids[place] not in self._seen]
        return new[0] if new else at

    async def discard(self, notice: Notice) -> None:
        """Read the other order, and ask for the right to discard it; it stays where it is until that is given."""
        controller, register, session_id = self.controller, self.controller.register, notice.session or ""
        try:
            if register.grants.must_ask(session_id):
                if (store := controller.answering) is None:
                    raise NotHeldError
                async with controller.asking():
                    await store.fetch(session_id)
            order = register.sales.judged(register.ledger.order(session_id))
            if order.tab is None:
                register.recovery.check_reach(order.user)
            asked = sent_asked(order, suspension.discard(order, _RUNG_AGAIN, register.formats.money))
        except StoreAwayError:
            self.message = refusal(NotHeldError().sentence)
            return
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return
        if not self.is_in_front:  # the order on the sell screen was taken over meanwhile
            return

        title = _("Discard the order of {till}: a manager confirms").format(
            till=register.venue.till_name(notice.data.order.till)
        )
        with_right(
            controller,
            self.screen,
            title,
            lambda approval: controller.hold(self._discard_now(notice, approval)),
            first=lambda: register.approvals.need(asked, None),
        )

    async def _discard_now(self, notice: Notice, approval: Approval | None) -> None:
        """Have the other order granted to this till, and discard it; put it back if that is refused."""
        register, session_id = self.controller.register, notice.session or ""
        try:
            await obtain(self.controller, session_id, self._selling.user)
            tab = register.ledger.order(session_id).tab
            if tab is not None:
                register.tabs.recall(session_id, self._selling.user)
            else:
                register.recovery.resume(session_id)
            try:
                register.recovery.discard(session_id, register.venue.written(_RUNG_AGAIN), approval)
            except TillError:
                register.grants.put_back(session_id)
                raise
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return
        self.acknowledge(notice)
        name = capitalize_first(tab_name(notice.data.order.tab)) or _("The copy")
        till = register.venue.till_name(notice.data.order.till)
        self.message = plain(_("{name} on {till} is discarded. Yours stays.").format(name=name, till=till))


# The keys.

NOTICES: Final = MarkedList[NoticesState, NoticesFacts](
    count=lambda _state, facts: len(facts.notices),
    put=lambda state, _facts, mark: replace(state, mark=mark, missed=state.missed and bool(mark.digits)),
    page=lambda facts: facts.page,
    missing=N_("There is no notice {n}."),
)
_back: Final = calls(NoticesScene.go_back)


def reduce(state: NoticesState, press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    """Return the next state and the calls to make."""
    unconfirmed = state.unconfirmed if facts.keymap.command(press) == VOID else ""
    state = replace(state, message=None, unconfirmed=unconfirmed)
    if (step := KEYS.step(state, press, facts)) is not None:
        return step
    if press.char or press.paste:
        return _refuse_typed(state, press, facts)
    return replace(state, unconfirmed="", message=says_why(facts.keymap, press, _("Press Esc first, then {key}."))), ()


def _refuse_typed(state: NoticesState, press: KeyPress, _facts: NoticesFacts) -> NoticesStep:
    return replace(state, unconfirmed="", missed=not press.is_enter, message=refusal(_(_NOT_TYPED))), ()


def _show_help(state: NoticesState, _press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    return state, (call(NoticesScene.show_help, KEYS.helped(facts.keymap)),)


def _entered(state: NoticesState, press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    notice = _at(state, facts)
    if notice is None:
        return _back(state, press, facts)
    if _is_listed(state, facts):
        return replace(state, opened=True), ()
    return replace(state, opened=False), () if notice.id in facts.seen else (call(NoticesScene.acknowledge, notice),)


def _enter_word(state: NoticesState, facts: NoticesFacts) -> BarKey:
    notice = _at(state, facts)
    if notice is not None and _is_listed(state, facts):
        return BarKey(_("Read"))
    return BarKey(_("Back") if notice is None or notice.id in facts.seen else _("Seen"))


def _discarded(state: NoticesState, _press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    notice, wording = facts.notices[NOTICES.place(state, facts)]
    if state.unconfirmed == notice.id:
        return replace(state, unconfirmed=""), (call(NoticesScene.discard, notice),)
    question = _("{title}: discard the other? {key} again does it.")
    asked = refusal(question.format(title=wording.title, key=facts.keymap.label(VOID)))
    return replace(state, unconfirmed=notice.id, message=asked), ()


def _open_table(state: NoticesState, _press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    notice, _wording = facts.notices[NOTICES.place(state, facts)]
    if _are_both_open(notice):
        return state, (call(NoticesScene.show_both, notice),)
    return state, (call(NoticesScene.open_table, _table_of(notice)),)


def _table_word(state: NoticesState, facts: NoticesFacts) -> BarKey:
    notice = _at(state, facts)
    if notice is not None and _are_both_open(notice):
        return BarKey(_("Show both"), _("Both"), spare=True)
    return BarKey(_("Open it"), _("Table"), spare=True)


def _escaped(state: NoticesState, press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    """Close the notice if it covers the list; otherwise go back."""
    closes = state.opened and not facts.wide
    return (replace(state, opened=False), ()) if closes else _back(state, press, facts)


def _back_word(_state: NoticesState, facts: NoticesFacts) -> BarKey:
    return BarKey(_("Back, still new"), _("Back")) if facts.notices else BarKey(_("Back"))


# When a key acts.


def _can_discard(notice: Notice, facts: NoticesFacts) -> bool:
    """Return True if the other order of a notice is open and has no money, and the notice asks about it."""
    other = notice.data.order
    return notice.kind == "rung_again" and notice.id not in facts.seen and not (other.receipt or other.has_money)


def _table_of(notice: Notice) -> str:
    """Return the tab that a notice is about, of two the one that is still open; empty if it is about none."""
    both = notice.data.named, notice.data.second
    return next((one.tab for one in both if _is_open_tab(one)), both[0].tab or both[1].tab)


def _are_both_open(notice: Notice) -> bool:
    """Return True if a notice is about two open tabs."""
    return _is_open_tab(notice.data.named) and _is_open_tab(notice.data.second)


def _is_open_tab(order: NoticeOrder) -> bool:
    return bool(order.tab) and order.status not in {Status.COMPLETED, Status.DISCARDED}


def _at(state: NoticesState, facts: NoticesFacts) -> Notice | None:
    """Return the marked notice, if there is any."""
    return facts.notices[NOTICES.place(state, facts)][0] if facts.notices else None


def _is_listed(state: NoticesState, facts: NoticesFacts) -> bool:
    """Return True if the list alone is visible, and Enter opens the marked notice."""
    return not facts.wide and not state.opened


KEYS: Final[KeyTable[NoticesState, NoticesFacts, NoticesScene]] = KeyTable(
    Key(_show_help, command=HELP, bar=word(N_("Help"))),
    *NOTICES.keys("1-9 ↑↓", when=_at, bar=word(N_("Choose")), helped=(N_("Choose a notice"), "")),
    # The Enter behind typed words was not meant for a notice.
    Key(_refuse_typed, ENTER, when=lambda state, _facts: state.missed),
    Key(_entered, ENTER, "Enter", bar=_enter_word, helped=(N_("Seen"), N_("it is no longer listed"))),
    Key(
        _discarded,
        command=VOID,
        when=lambda state, facts: (notice := _at(state, facts)) and _can_discard(notice, facts),
        bar=word(N_("Discard the other"), N_("Discard")),
        helped=(N_("Discard the other order"), N_("of two under one name; asks once more")),
    ),
    Key(
        _open_table,
        command=TABS,
        when=lambda state, facts: (notice := _at(state, facts)) and _table_of(notice),
        bar=_table_word,
        helped=(N_("Open its order"), N_("of two it shows both")),
    ),
    Key(_escaped, ("escape",), "Esc", bar=_back_word, helped=(N_("Back to the order"), N_("unseen ones stay new"))),
)


# The views.


def _answer(state: NoticesState, wording: NoticeText | None) -> str:
    """Return the meaning of the marked notice; while that is on the screen already, what to do if it is wrong."""
    if wording is None:
        return ""
    return wording.wrong if state.opened else wording.means


def _head(facts: NoticesFacts) -> HeadView:
    new = _("{n} new").format(n=facts.count)
    return HeadView(_("Notices"), _("changes by others to your orders") if facts.wide else "", new)


def _list(at: int, facts: NoticesFacts) -> CardsView:
    cards = tuple(_card(n, notice, wording, facts) for n, (notice, wording) in enumerate(facts.notices, 1))
    return CardsView(cards, at if cards else None, (_("Nothing is new."), _("Esc goes back to the order.")))


def _card(number: int, notice: Notice, wording: NoticeText, facts: NoticesFacts) -> CardView:
    new = notice.id not in facts.seen
    tone = Tone.TEXT if new else Tone.MUTED
    cells = [cell(2, str(number), Tone.ACCENT if new else Tone.MUTED, bold=new)]
    if new:
        cells.append(cell(5, "", mark=Mark.NOTICE))
    cells += [cell(7, wording.title, tone, bold=new), cell(-2, _amount(notice, facts), tone, bold=new)]
    return CardView((in_row(*cells), in_row(cell(7, wording.detail, Tone.MUTED))))


def _amount(notice: Notice, facts: NoticesFacts) -> str:
    currency = notice.data.named.currency
    return facts.formats.amount(Currency(currency).minor(notice.amount)) if currency else ""


def _detail(wording: NoticeText, facts: NoticesFacts) -> RowsView:
    """Return the rows of a notice: the events, their meaning, and what to do if something is wrong."""
    width = _WIDE[facts.wide]
    rows = [
        in_row(cell(1, time, Tone.MUTED), cell(8, text))
        for time, what in wording.happened
        for time, text in _lines(time, what, width - 8)
    ]
    for title, text, tone in (
        (_("Meaning"), wording.means, Tone.TEXT),
        (_("If it is wrong"), wording.wrong, Tone.MUTED),
    ):
        rows += [RowView(), in_row(cell(1, title, bold=True))]
        rows += [RowView(rule=True)] if facts.wide else []
        rows += [in_row(cell(1, line, tone)) for line in wrap(text, width - 2)]
    return RowsView(tuple(rows))


def _lines(time: str, what: str, width: int) -> list[tuple[str, str]]:
    return [(time if not n else "", line) for n, line in enumerate(wrap(what, width))]


def _total(notice: Notice | None, wording: NoticeText | None, facts: NoticesFacts) -> TotalView:
    """Return the amount that the marked notice is about, as the large figure."""
    if notice is None or wording is None or not (amount := _amount(notice, facts)):
        return TotalView(FigureView(""))
    symbol = facts.formats.currency.symbol.strip()
    return TotalView(FigureView(amount, StyledText(f"{_('About')} {symbol}"), sentence=wording.sentence))
