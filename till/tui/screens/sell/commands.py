"""The table of the sell screen's commands.

The key bar, the help, the list of commands, the configurable keys and the entry line are built from it. A word that
needs no screen is declared in `till.register.words`; it has a row here for its place, a key or the help. A command that
needs the screen is an entry here; to be typed in other words than its name, it has an intent (`quick_entry/intents.py`)
with phrases in the vocabularies.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import asdict, replace

from till.domain.errors import TillError
from till.domain.i18n import N_, OnScreen, _, pgettext
from till.domain.order.naming import DINE_IN, TAKE_AWAY, order_type_name, tab_name
from till.register.ledger.ledger import OrderLockedError
from till.register.quick_entry import drawer_entry, intents
from till.register.tabs.names import number_in
from till.register.words.every import WORDS
from till.register.words.word import Needs
from till.tui.screens.sell import actions
from till.tui.screens.sell.example import example_of
from till.tui.screens.sell.state import ShowingReceipt, marked_line
from till.tui.shell.calls import Later, call
from till.tui.shell.key_table import BarKey, in_language, word
from till.tui.shell.keymap import (
    CLOSE,
    COMMANDS,
    CONFLICTS,
    CUSTOMER,
    HELP,
    LOG_OUT,
    MENU,
    PAY,
    PRINT,
    QUANTITY,
    SALES,
    SET_ASIDE,
    TABS,
    VOID,
    Keymap,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from till.domain.venue import TabWords
    from till.register.quick_entry.slots import Intent
    from till.register.quick_entry.vocabulary import Vocabulary
    from till.tui.screens.sell.actions import Step
    from till.tui.screens.sell.state import SellFacts, SellState


_ACTS: Final = Later("till.tui.screens.sell.acts")
_SAYING: Final = Later("till.tui.screens.sell.saying")
_DRAWER: Final = "till.tui.screens.drawer.acts"


class InBar(Struct, frozen=True):
    """A place in the key bar, and its label for a state, or None; `typed` is the key of an entry without a command."""

    place: int
    shows: Callable[[SellState, SellFacts], BarKey | None]
    typed: str = ""


#: The most characters of an example in the help: the column of keys has room for it and “, Enter”.
_EXAMPLE: Final = 12


class InHelp(Struct, frozen=True):
    """A row of the help: its place, what the key does, and how; `typed` is shown for a command without a key."""

    place: int
    does: str
    how: str = ""
    typed: str = ""


def _always(_state: SellState, _facts: SellFacts) -> str | None:
    return None


class ScreenCommand(Struct, frozen=True):
    """A command of the sell screen.

    Attributes:
        name: its name in the config's `[keys]`.
        act: carries it out, given the parsed phrase if it was typed.
        keys: its key, and a second one for terminals that capture the first.
        title: its title in the list of commands; empty if it is not listed.
        intent: the type of the phrase that asks for it; None if no phrase does.
        also: more terms that find it in the list of commands.
        why_not: returns why it is not available; None if it is.
        is_about_order: True if it acts on the order on the screen, and so not while another till holds that.
        seldom: True if the help and the list of commands have it only while it is available.
        in_bar: its entry in the key bar.
        in_help: its row in the help.
    """

    name: str
    act: Callable[[SellState, SellFacts, Any], Step]
    keys: tuple[str, ...] = ()
    title: str = ""
    intent: type[Intent] | None = None
    also: tuple[str, ...] = ()
    why_not: Callable[[SellState, SellFacts], str | None] = _always
    is_about_order: bool = False
    seldom: bool = False
    in_bar: InBar | None = None
    in_help: InHelp | None = None

    def do(self, state: SellState, facts: SellFacts, intent: Intent | None = None) -> Step:
        """Carry out the command, for a key or a phrase.

        Raises:
            TillError: it is not available, with the reason.
        """
        if self.is_about_order and facts.lock:
            raise OrderLockedError(_("Taken over: Esc starts a new order."))
        if (why := self.why_not(state, facts)) is not None:
            raise TillError(why)
        return self.act(state, facts, intent)

    def worded(self, tabs: TabWords) -> ScreenCommand:
        """Return the command in the language of the screen, with the venue's words for a tab."""
        row = self.in_help
        if row is not None:
            row = replace(row, does=_(row.does).format(tabs=tabs), how=_(row.how).format(tabs=tabs))
        return replace(self, title=_(self.title).format(tabs=tabs), in_help=row)


class OrderCommand(ScreenCommand, frozen=True):
    """A command about the order, which a locked one refuses."""

    is_about_order: bool = True


class Calls(Struct, frozen=True):
    """An action that calls one act by its name; the fields of a phrase are its arguments.

    Attributes:
        module: the module of the act; empty for `acts.py`.
    """

    act: str
    module: str = ""

    def __call__(self, state: SellState, _facts: SellFacts, intent: Intent | None) -> Step:
        """Return the call."""
        acts = Later(self.module) if self.module else _ACTS
        return state, (call(getattr(acts, self.act), **asdict(intent) if intent is not None else {}),)


class Says(Struct, frozen=True):
    """An action that carries out a word that its subject declares; what was typed in its slots are its arguments."""

    word: str

    def __call__(self, state: SellState, facts: SellFacts, intent: intents.SayWord | None) -> Step:
        """Return the call, about the marked line if the word needs one."""
        word, slots = WORDS[self.word], intent.slots if intent is not None else {}
        if intent is None and word.begins is not None:
            return actions.begun(state, word.begins[0], _(word.begins[1]))
        line = marked_line(state, facts) if word.needs is Needs.LINE else None
        return state, (call(_SAYING.say_word, self.word, *((line.line_id,) if line is not None else ()), **slots),)


class Opens(Struct, frozen=True):
    """An action that opens a sheet, by its module and the name of its class: that of a list with a detail beside it.

    What was typed in the slots of a word is an argument of the sheet.
    """

    module: str
    sheet: str

    def __call__(self, state: SellState, _facts: SellFacts, intent: Intent | None) -> Step:
        """Return the call."""
        slots = intent.slots if isinstance(intent, intents.SayWord) else {}
        return state, (call(_ACTS.open_sheet, getattr(Later(self.module), self.sheet), **slots),)


def _on_line(label: str, short: str = "", *, spare: int = 0) -> Callable[[SellState, SellFacts], BarKey | None]:
    shown = in_language(label, short, spare=spare)
    return lambda state, _facts: None if isinstance(state.pane, ShowingReceipt) else shown(OnScreen.spoken.language)


def _receipt_word(state: SellState, _facts: SellFacts) -> BarKey | None:
    return BarKey(_("Receipt")) if isinstance(state.pane, ShowingReceipt) else None


def _print_word(state: SellState, facts: SellFacts) -> BarKey | None:
    if not facts.takes_money:
        return BarKey(_("Bill")) if facts.prints and facts.lines else None
    prints = facts.prints and facts.venue.settings.receipts != "never"
    return BarKey(_("Print")) if prints and isinstance(state.pane, ShowingReceipt) else None


def _gift_word(state: SellState, facts: SellFacts) -> BarKey | None:
    is_sold = facts.prints and isinstance(state.pane, ShowingReceipt)
    return BarKey(_("Gift receipt"), _("Gift"), spare=2) if is_sold else None


def _tabs_word(_state: SellState, facts: SellFacts) -> BarKey:
    """Return the title of the list; at a till that takes no money what the order can do there."""
    order = facts.order
    if facts.takes_money or order is None or not (order.is_in_use and order.is_open):
        return BarKey(facts.venue.tabs.title)
    if order.tab is None:
        return BarKey(_("Save"))
    name = number_in(order.tab.name) or tab_name(order.tab.name)
    return BarKey(_("Save to {name}").format(name=name), _("Save"))


def _money_word(label: str, *, spare: int = 0) -> Callable[[SellState, SellFacts], BarKey | None]:
    """Return the label of a key for money, which a till without it does not show."""
    shown = in_language(label, spare=spare)
    return lambda _state, facts: shown(OnScreen.spoken.language) if facts.takes_money else None


def _log_out_word(_state: SellState, facts: SellFacts) -> BarKey:
    return (
        BarKey(_("Log out"), pgettext("log out", "Out"))
        if facts.drill is None
        else BarKey(_("End the drill"), _("End"))
    )


def _waiting_word(_state: SellState, facts: SellFacts) -> BarKey | None:
    if not (count := facts.waiting):
        return BarKey(_("Waiting orders"), pgettext("orders", "Waiting"), spare=3)
    return BarKey(_("Waiting orders {count}").format(count=count), _("Wait {count}").format(count=count))


def _fire_word(_state: SellState, facts: SellFacts) -> BarKey | None:
    is_open = facts.order is not None and facts.order.is_open
    course = facts.next_course(facts.order) if facts.order is not None and is_open else None
    return BarKey(_("Fire {n}").format(n=course)) if course is not None else None


def _type_word(_state: SellState, facts: SellFacts) -> BarKey | None:
    if len(facts.venue.order_types) < 2:  # noqa: PLR2004 - a single type leaves no choice
        return None
    shorts = {TAKE_AWAY: pgettext("key", "Take away"), DINE_IN: pgettext("key", "Eat in")}
    kind = facts.next_order_type
    return BarKey(order_type_name(kind).capitalize(), shorts.get(kind, ""), spare=2)


def _show_help(state: SellState, facts: SellFacts, _intent: object) -> Step:
    return state, (
        call(
            _ACTS.show_help, help_rows(facts.keymap, _shown(state, facts), example_of(facts.menu, facts.now, _EXAMPLE))
        ),
    )


def _list_commands(state: SellState, facts: SellFacts, _intent: object) -> Step:
    return state, (
        call(_ACTS.list_commands, partial(found_by, vocabulary=facts.lookup.words, among=_shown(state, facts))),
    )


def _shown(state: SellState, facts: SellFacts) -> list[ScreenCommand]:
    """Return the commands for the help and the list: those for a manager only while a manager needs them."""
    return [c for c in commands_of_venue(facts.venue.tabs) if not c.seldom or c.why_not(state, facts) is None]


#: Why a word is not available, by what it needs.
_WHY_NOT: Final = {Needs.ORDER: actions.no_lines_yet, Needs.LINE: actions.no_line_to_count}


def _declared(
    name: str, keys: tuple[str, ...] = (), in_bar: InBar | None = None, in_help: InHelp | None = None
) -> ScreenCommand:
    """Return the command of a word that its subject declares."""
    word = WORDS[name]
    return ScreenCommand(
        name,
        Says(name),
        keys=keys,
        title=word.title,
        also=word.also,
        why_not=_WHY_NOT.get(word.needs, _always),
        is_about_order=word.needs is not Needs.NOTHING,
        in_bar=in_bar,
        in_help=in_help,
    )


#: The commands, in the order of their list. A word that a subject declares has a row for its place, a key or the help.
_ROWS: Final = (
    OrderCommand(
        PAY,
        Calls("open_pay"),
        keys=("f9", "ctrl+g"),
        title=N_("Pay"),
        intent=intents.GoToPay,
        also=("checkout", "bill", "cash", "card"),
        why_not=actions.nothing_to_settle,
        in_bar=InBar(12, _money_word(N_("Pay"))),
        in_help=InHelp(2, N_("Pay"), N_("or type “cash 500”, “card”")),
    ),
    OrderCommand(
        "split",
        Calls("open_split"),
        title=N_("Split: each guest by itself"),
        intent=intents.Split,
        also=("guests", "even", "apart", "seat", "items"),
        why_not=actions.nothing_to_split,
        in_help=InHelp(13, N_("Split the bill"), N_("in even parts; “split” by piece; “pay items”"), typed="split 3"),
    ),
    OrderCommand(
        QUANTITY,
        actions.ask_quantity,
        keys=("f6", "ctrl+k"),
        title=N_("Change the quantity of the line"),
        also=("count", "one more", "one less"),
        why_not=actions.no_line_to_count,
        in_bar=InBar(5, _on_line(N_("Quantity"), N_("Qty"), spare=1)),
        in_help=InHelp(4, N_("Quantity of the line")),
    ),
    OrderCommand(
        VOID,
        actions.void,
        keys=("f7", "delete"),
        title=N_("Void the line"),
        also=("take off", "cancel line"),
        why_not=actions.no_line_to_void,
        in_bar=InBar(6, _on_line(N_("Void"))),
        in_help=InHelp(5, N_("Void the line"), N_("with a reason")),
    ),
    _declared("undo", keys=("ctrl+z", "insert"), in_help=InHelp(6, N_("Undo the last act"))),
    OrderCommand(
        "clear",
        actions.clear,
        keys=("ctrl+x", "ctrl+d"),
        title=N_("Clear the whole order"),
        also=("discard",),
        why_not=actions.nothing_to_clear,
        in_help=InHelp(18, N_("Clear the whole order"), N_("with a reason")),
    ),
    ScreenCommand(
        CONFLICTS,
        Calls("open_conflicts"),
        keys=("ctrl+o", "shift+f10"),
        title=N_("Conflicts and records, for a manager"),
        why_not=actions.no_manager,
        seldom=True,
        in_help=InHelp(30, N_("Conflicts and records"), N_("for a manager")),
    ),
    ScreenCommand(
        "notices",
        Calls("open_notices"),
        title=N_("Notices: changes by others"),
        in_help=InHelp(26, N_("Notices"), N_("changes by others"), typed="notices"),
    ),
    ScreenCommand(
        "voids",
        Opens("till.tui.screens.admin.taken_off", "VoidsAndCompsSheet"),
        title=N_("Voids, comps and cleared orders today"),
        also=("discounts", "taken off", "staff meals"),
        why_not=lambda _state, facts: None if facts.manages else _("Voids and comps are for a manager: log in as one."),
        seldom=True,
        in_help=InHelp(32, N_("Voids and comps today"), N_("for a manager"), typed="voids"),
    ),
    OrderCommand(
        SET_ASIDE,
        actions.show_unread,
        keys=("ctrl+u", "shift+f7"),
        title=N_("Skip an unreadable record"),
        why_not=actions.nothing_unread,
        seldom=True,
        in_help=InHelp(31, N_("Skip a record"), N_("for a manager")),
    ),
    OrderCommand(
        MENU,
        Calls("open_menu"),
        keys=("f4", "ctrl+e"),
        title=N_("Show the menu"),
        intent=intents.ShowMenu,
        why_not=actions.no_menu,
        in_bar=InBar(3, word(N_("Menu"))),
        in_help=InHelp(9, N_("Menu"), N_("or type “menu”")),
    ),
    OrderCommand(
        TABS,
        actions.tabs,
        keys=("f8", "ctrl+t"),
        title=N_("{tabs.title}"),
        intent=intents.ToTab,
        also=("save", "recall", "table"),
        in_bar=InBar(7, _tabs_word),
        in_help=InHelp(7, N_("{tabs.title}"), N_("save, recall; “{tabs.one} 7”")),
    ),
    ScreenCommand(
        "bookings",
        Opens("till.tui.screens.guests.bookings", "BookingSheet"),
        keys=("ctrl+s", "shift+f8"),
        title=N_("Bookings today"),
        also=("seat", "no-show", "guests", "table"),
        in_help=InHelp(23, N_("Bookings today"), N_("seat them, no-show")),
    ),
    ScreenCommand(
        "waiting",
        Calls("open_waiting"),
        keys=("f5", "shift+f11"),
        title=N_("Waiting orders"),
        also=("recall", "resume", "bring back"),
        in_bar=InBar(4, _waiting_word),
        in_help=InHelp(11, N_("Waiting orders"), N_("your other orders")),
    ),
    OrderCommand(
        "order_type",
        actions.set_order_type,
        keys=("ctrl+y", "shift+f2"),
        title=N_("Take away or eat in"),
        in_bar=InBar(8, _type_word),
        in_help=InHelp(14, N_("Take away or eat in"), N_("a line: “this to go”")),
    ),
    OrderCommand(
        "note",
        actions.note,
        keys=("f2", "ctrl+b"),
        title=N_("Note on the line or the order"),
        why_not=actions.no_lines_yet,
        in_bar=InBar(2, _on_line(N_("Note"), spare=2)),
        in_help=InHelp(8, N_("Note on line or order"), N_("or type “no onion”")),
    ),
    _declared(
        "seat",
        in_help=InHelp(21, N_("Guest, or course"), N_("or “2 idly seat 2”"), typed="seat 2, course 1"),
    ),
    _declared(
        "fire",
        keys=("ctrl+v", "shift+f12"),
        in_bar=InBar(4, _fire_word),
        in_help=InHelp(22, N_("Fire the next course"), N_("or type “fire 2”")),
    ),
    _declared("hold"),
    _declared("send"),
    _declared("tickets"),
    OrderCommand(
        "discount",
        actions.discount,
        keys=("f3", "shift+f6"),
        title=N_("Discount on the line or the order"),
        intent=intents.Discounted,
        also=("comp", "staff meal", "percent"),
        why_not=actions.nothing_to_take_off,
        in_bar=InBar(2, _on_line(N_("Discount"), spare=2)),
        in_help=InHelp(12, N_("Discount"), N_("“10%” all, “10% off” a line")),
    ),
    OrderCommand(
        "price",
        actions.set_price,
        title=N_("Another price for the line"),
        intent=intents.SetPrice,
        also=("override",),
        why_not=actions.no_line_to_count,
        in_help=InHelp(28, N_("Another price"), N_("with a reason, and a manager"), typed="price 45"),
    ),
    ScreenCommand(
        "sold_out",
        actions.sold_out,
        title=N_("Sold out (86), and back"),
        intent=intents.SoldOut,
        also=("86", "back", "out of stock"),
        in_help=InHelp(29, N_("Sold out, and back"), N_("at every till; a manager"), typed="86 vada, back vada"),
    ),
    OrderCommand(
        CUSTOMER,
        Calls("open_customer"),
        keys=("ctrl+f", "shift+f3"),
        title=N_("Customer of the order"),
        intent=intents.ForCustomer,
        also=("guest", "phone", "name", "history"),
        in_help=InHelp(17, N_("Customer"), N_("or type “customer Rao”")),
    ),
    _declared(
        "allergy",
        in_help=InHelp(17, N_("Allergy, preference"), N_("or “prefers oat milk”"), typed="allergy nuts"),
    ),
    ScreenCommand(
        "contains",
        Opens("till.tui.screens.sell.contents_sheet", "ContentsSheet"),
        in_help=InHelp(17, N_("Dishes with nuts"), N_("what the menu says"), typed="contains nuts"),
    ),
    _declared(
        "invoice",
        in_help=InHelp(17, N_("Invoice to a firm"), N_("name, tax number, address"), typed="invoice to Rao Ltd"),
    ),
    ScreenCommand(
        SALES,
        Calls("open_sales"),
        keys=("f10", "shift+f5"),
        title=N_("Past sales, refunds"),
        intent=intents.ToSales,
        also=("refund", "exchange", "receipts", "correct"),
        in_bar=InBar(9, word(N_("Past sales"), N_("Sales"))),
        in_help=InHelp(15, N_("Past sales, refunds"), N_("or type “refund 1-531”")),
    ),
    ScreenCommand(
        "receipt",
        actions.show_last_receipt,
        keys=("ctrl+n", "shift+f9"),
        title=N_("Last receipt"),
        also=("print",),
        why_not=actions.no_receipt,
        in_help=InHelp(16, N_("Last receipt"), N_("↑ and ↓ scroll it")),
    ),
    ScreenCommand(
        PRINT,
        actions.print_paper,
        keys=("ctrl+r", "ctrl+f9"),
        title=N_("Print the paper of what was done last"),
        also=("printer", "copy", "paper", "reprint"),
        why_not=actions.no_printer,
        in_bar=InBar(6, _print_word),
        in_help=InHelp(16, N_("Print the last paper"), N_("or type “receipt”, “bill”")),
    ),
    ScreenCommand("print_receipt", actions.print_receipt, why_not=actions.no_receipt),
    OrderCommand("print_bill", Calls("print_bill"), why_not=actions.no_lines_yet),
    ScreenCommand(
        "gift_receipt",
        Calls("print_gift_receipt", actions.PAPER_ACTS),
        keys=("ctrl+f10", "ctrl+f8"),
        title=WORDS["gift_receipt"].title,
        also=WORDS["gift_receipt"].also,
        in_bar=InBar(6, _gift_word),
        in_help=InHelp(16, N_("Gift receipt"), N_("no prices; some pieces: F10")),
    ),
    _declared("no_receipt"),
    ScreenCommand(
        "feedback",
        actions.feedback,
        keys=("ctrl+a", "shift+f4"),
        title=N_("Guest feedback"),
        intent=intents.GiveFeedback,
        also=("score", "complaint", "praise"),
        why_not=actions.no_receipt,
        in_help=InHelp(27, N_("Guest feedback"), N_("or type “feedback 4 slow”")),
    ),
    ScreenCommand(
        "drawer",
        Calls("show_drawer", _DRAWER),
        keys=("f11", "ctrl+f11"),
        title=N_("Drawer: movements, count, X, close"),
        also=("cash", "shift", "float", "paid out", "drop", "wages"),
        in_bar=InBar(10, _money_word(N_("Drawer"), spare=1)),
        in_help=InHelp(11, N_("Drawer"), N_("paid out, count, X, close")),
    ),
    ScreenCommand(
        "count_form", Calls("count_form", _DRAWER), title=N_("Count the drawer"), also=("float", "coins", "notes")
    ),
    ScreenCommand(
        "no_sale", Calls("open_drawer", _DRAWER), title=N_("Open the drawer without a sale"), also=("drawer",)
    ),
    ScreenCommand(
        "change", Calls("change_note", _DRAWER), title=N_("Open the drawer to change a note"), also=("drawer", "coins")
    ),
    ScreenCommand("x_report", Calls("show_x", _DRAWER), title=N_("X: the shift so far"), also=("report", "shift")),
    ScreenCommand(
        "pay_off",
        Calls("pay_off", _DRAWER),
        intent=drawer_entry.PayOff,
        title=N_("House account paid in cash"),
        also=("account", "debt"),
    ),
    ScreenCommand(
        "sell_voucher",
        Calls("sell_voucher", _DRAWER),
        intent=drawer_entry.SellVoucher,
        title=N_("Sell a voucher for cash"),
        also=("gift",),
    ),
    ScreenCommand("close_shift", Calls("close_shift", _DRAWER), title=N_("Close the shift (Z)"), also=("day", "end")),
    ScreenCommand(
        LOG_OUT,
        Calls("log_out"),
        keys=("f12", "ctrl+l"),
        title=N_("Log out"),
        also=("leave", "quit"),
        in_bar=InBar(11, _log_out_word),
        in_help=InHelp(10, N_("Log out"), N_("the order is kept for you")),
    ),
    ScreenCommand(HELP, _show_help, keys=("f1", "question_mark"), title=N_("Help"), in_bar=InBar(1, word(N_("Help")))),
    ScreenCommand(
        COMMANDS, _list_commands, keys=("ctrl+p", "shift+f1"), in_help=InHelp(24, N_("All commands by name"))
    ),
    ScreenCommand(CLOSE, actions.refuse_to_close, keys=("ctrl+q", "ctrl+c")),
    # Commands that are only typed.
    ScreenCommand("move_cash", Calls("move_cash", _DRAWER), intent=drawer_entry.MoveCash),
    ScreenCommand("count", Calls("count_drawer", _DRAWER), intent=drawer_entry.CountDrawer),
    ScreenCommand("z", Calls("show_z", _DRAWER), intent=drawer_entry.ShowZ),
    ScreenCommand(
        "add",
        actions.add,
        intent=intents.AddItem,
        in_help=InHelp(1, N_("Key an item"), N_("a number, barcode, “one more”"), typed="{example}, Enter"),
    ),
    ScreenCommand("take_off", actions.take_off, intent=intents.TakeOff),
    OrderCommand("wish", actions.wish, intent=intents.Wish, why_not=actions.no_line_to_count),
    ScreenCommand("which", actions.ask_which, intent=intents.Choose),
    ScreenCommand("add_all", actions.add_all, intent=intents.AddAll),
    ScreenCommand("combo", Calls("open_combo"), intent=intents.KeyCombo),
    ScreenCommand("one_more", actions.one_more, intent=intents.OneMore),
    OrderCommand("one_less", actions.one_less, intent=intents.OneLess, why_not=actions.no_line_to_count),
    ScreenCommand("was_paid", actions.put_right, intent=intents.LastSaleWas, why_not=actions.no_receipt),
    ScreenCommand("recall", actions.recall, intent=intents.Recall),
    ScreenCommand("cart", actions.say_cart, intent=intents.ShowCart),
    ScreenCommand("cash", Calls("take_cash"), intent=intents.PayCash, why_not=actions.nothing_to_pay),
    ScreenCommand("card", Calls("take_other"), intent=intents.PayCard, why_not=actions.nothing_to_pay),
    ScreenCommand("tip", Calls("take_tip"), intent=intents.GiveTip, why_not=actions.nothing_to_pay),
)
_NAMED: Final = frozenset(command.name for command in _ROWS)
#: All commands: words without a row are the last.
TABLE: Final = (*_ROWS, *(_declared(name) for name in WORDS if name not in _NAMED))
#: Rows of the help for keys that are not commands.
_OTHER_KEYS: Final = (
    InHelp(20, N_("Return one"), N_("if it can be returned"), typed="-1 bottle, Enter"),
    InHelp(19, N_("Take the suggestion"), N_("Enter then keys it"), typed="Tab"),
    InHelp(3, N_("Choose a line"), N_("+ or −, Enter: its quantity"), typed="↑ ↓"),
    InHelp(25, N_("Back"), N_("never loses a line"), typed="Esc"),
)

BY_NAME: Final[Mapping[str, ScreenCommand]] = {command.name: command for command in TABLE}
_BY_PHRASE: Final[Mapping[type[Intent], ScreenCommand]] = {c.intent: c for c in TABLE if c.intent is not None}
#: The key bar's entries in order, with the names of their commands.
IN_BAR: Final = sorted(
    [(InBar(5, _receipt_word, typed="↑↓"), ""), *((c.in_bar, c.name) for c in TABLE if c.in_bar is not None)],
    key=lambda one: one[0].place,
)


def primary_of(facts: SellFacts) -> str:
    """Return the name of the command at the far right of the key bar: the best that this till can do."""
    return PAY if facts.takes_money else TABS


def commands_of_venue(tabs: TabWords) -> list[ScreenCommand]:
    """Return all commands in the words of a venue."""
    return [command.worded(tabs) for command in TABLE]


def of_phrase(intent: Intent) -> ScreenCommand:
    """Return the command that a phrase asks for."""
    return BY_NAME[intent.name] if isinstance(intent, intents.SayWord) else _BY_PHRASE[type(intent)]


def of_words(typed: str, vocabulary: Vocabulary) -> ScreenCommand | None:
    """Return the command that these exact words ask for, if any."""
    return BY_NAME.get(vocabulary.command(typed) or "")


def found_by(typed: str, vocabulary: Vocabulary, among: Iterable[ScreenCommand]) -> list[ScreenCommand]:
    """Return the titled commands found by a text, those with exactly this word first."""
    wanted = typed.strip().casefold()
    called = [(c, (c.title.casefold(), *vocabulary.words_of(c.name), *c.also)) for c in among if c.title]
    found = [(c, names) for c, names in called if any(wanted in name for name in names)]
    exact = vocabulary.command(wanted)
    return [c for c, names in sorted(found, key=lambda one: (one[0].name != exact, wanted not in one[1]))]


def make_keymap(remapped: Mapping[str, str] | None = None) -> Keymap:
    """Return the keymap of the till, remapped as configured.

    Raises:
        KeysError: an unknown command, no key, a key that types a character, or one key for two commands.
    """
    return Keymap({command.name: command.keys for command in TABLE if command.keys}, remapped)


def help_rows(keymap: Keymap, among: Iterable[ScreenCommand], example: str) -> tuple[tuple[str, str, str], ...]:
    """Return the help of the sell screen: keys and phrases, the commonest first, with a sentence that keys an item."""
    rows = [(c.in_help, c.in_help.typed or keymap.labels(c.name)) for c in among if c.in_help is not None]
    rows += [(row, row.typed) for row in _OTHER_KEYS]
    ordered = sorted(rows, key=lambda one: one[0].place)
    return tuple((key.replace("{example}", example), _(row.does), _(row.how)) for row, key in ordered)
