"""The register: one till's commands on its journal, and its news for the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.advice import Advice
from till.domain.events.envelope import Draft
from till.domain.i18n import ENGLISH, _, speaking
from till.domain.order.evolve import ORDERS
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.till.events import ChoiceMarked, ItemMarked, stream_of_till
from till.ports import Light, LightState
from till.register import refund_words
from till.register.approvals import Approvals
from till.register.corrections import SaleCorrections
from till.register.counting import Counting
from till.register.courses import Courses
from till.register.draft_split import DraftSplit
from till.register.drawer import Drawer
from till.register.fiscal.stamps import FiscalStamps
from till.register.grants import Grants
from till.register.hearing import Grown, Hearer, hearing
from till.register.kitchen import KitchenTickets
from till.register.ledger.ledger import Ledger
from till.register.no_money import NoMoney
from till.register.numbers import OrderNumbers
from till.register.other_tills import sentences
from till.register.other_tills.clearing import Clearing
from till.register.other_tills.news import (
    Announcer,
    ChargeMoved,
    LightChanged,
    OrdersChanged,
    OrderTaken,
    PaperChanged,
    ReferenceChanged,
    RefundMoved,
    ServerAnswered,
)
from till.register.other_tills.notices import Notices
from till.register.other_tills.unread import Keeper, Unread
from till.register.payments.asking import PaymentClient
from till.register.payments.charges import Charges
from till.register.payments.checkout import Checkout
from till.register.printing.jobs import PrintJobs
from till.register.put_back import PutBack
from till.register.ready import ReadyTabs
from till.register.recovery import Recovery
from till.register.reference import Reference
from till.register.refunds import Refunds
from till.register.selling import Sales
from till.register.staff import Access
from till.register.tabs.acts import Tabs
from till.register.tabs.between import BetweenOrders
from till.register.tabs.open_tabs import OpenTabs
from till.register.tabs.ring_again import RingAgain
from till.register.today import Today
from till.register.typed import TypedText
from till.register.unanswered import UnansweredMoney
from till.register.waiting import WaitingOrders

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date, datetime

    from till.domain.catalogue.menu import Menu
    from till.domain.fiscal import PaperStamp
    from till.domain.money.formats import Formats
    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval
    from till.domain.venue import Venue
    from till.ports import Clock, Journal, Outbox, PinCheck
    from till.register.answers import Answers
    from till.register.other_tills.news import News, Watcher
    from till.register.quick_entry.lookup import Lookup
    from till.register.quick_entry.meaning import Mark
    from till.register.quick_entry.vocabulary import Vocabulary


#: The name of the light's sentence in the journal's cache.
_LIGHT: Final = "own.light"


def kept_light(journal: Journal) -> Advice:
    """Return the last sentence of the light that needs a person; empty if there is none."""
    _version, kept = journal.cached(_LIGHT) or (0, {})
    sentence, remedy = kept.get("said", ""), kept.get("remedy", "")
    return Advice(sentence.removesuffix(remedy).rstrip(), remedy)


class _OnScreen(Hearer):
    """Tells the screen what was heard.

    Args:
        tell: tells the watcher.
    """

    def __init__(self, tell: Callable[[News], None]) -> None:
        self._tell = tell

    @override
    def sessions_grew(self, grown: Grown) -> None:
        self._tell(OrdersChanged(tuple(grown.session_ids)))

    @override
    def reference_changed(self, names: Collection[str]) -> None:
        self._tell(ReferenceChanged())

    @override
    def light_changed(self, light: Light) -> None:
        self._tell(LightChanged(light))

    @override
    def server_answered(self) -> None:
        """Tell that a list of orders may have changed."""
        self._tell(ServerAnswered())


class Register:
    """A till without a screen. Its attributes hold the commands; it listens to the sync (`till.ports.StoreListener`).

    Args:
        journal: this till's disk.
        clock: the time of day.
        chance: returns a number of random bits.
        outbox: notified of new events.
        check_pin: compares a PIN with its hash.
        till: this till's number.
        store_id: the venue.
        business_date: returns the business date of a moment in a replay; None for the venue's rule.
        vocabulary: the words of the entry line, or the name of those that ship, which are loaded on first use.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        chance: Callable[[int], int],
        outbox: Outbox,
        check_pin: PinCheck,
        *,
        till: int,
        store_id: str,
        business_date: Callable[[datetime], date] | None = None,
        vocabulary: Vocabulary | str = "en",
    ) -> None:
        self.journal = journal
        self._is_recorded = business_date is not None
        self.typed = TypedText(journal)
        self.till = till
        self.ledger = Ledger(journal, clock, chance, outbox, till=till, store_id=store_id)
        self.reference = Reference(journal, self.ledger.now, vocabulary, business_date)
        self.approvals = Approvals(self.ledger, self.reference)
        self.access = Access(self.ledger, self.reference, check_pin)
        self._keep_orders()
        self._take_money()
        self._hear_others()
        self.ledger.hooks = [
            self.fiscal,  # first, so that the stamp of a sale is the event right after it
            self.numbers,  # before the papers that name an order by its number
            self.kitchen,  # before the jobs that print its tickets
            self.printing.kicks,  # before the papers: the drawer opens at once
            self.printing,  # last: it prints what the others wrote
            self.counting,
            self.put_back,
        ]
        self.hearers: list[Hearer] = [
            self.refunds,  # first, so that nobody reads its lists of before
            self.reference,  # before all that read it
            self.access,  # before a sentence is made: its language
            self.recovery,  # before the screen shows an order that was swept
            self.clearing,
            self.fiscal,
            self.grants,
            self.no_money,
            _OnScreen(self._tell),  # once what it shows is so, before sentences on it
            self.announcer,
            self.draft_split,
            self.charges,  # money, before the kitchen hears of what it ended
            self.kitchen,
            ReadyTabs(self.ledger, self.reference, self.open_tabs, self._tell),
            self.drawer,  # before a correction asks for its balance
            self.corrections,
            self.notices,  # behind what concerns an order: the last sentence is the one that stays
            self.counting,
        ]
        self._hear_light = hearing(self.hearers, Hearer.light_changed)
        self._hear_answers = hearing(self.hearers, Hearer.server_answered)

    def _keep_orders(self) -> None:
        """Make the acts on orders and tabs, and what writes their papers."""
        self.draft_split = DraftSplit(self.ledger)
        self.ledger.observe(ORDERS, self.draft_split.forget_over)
        self.numbers = OrderNumbers(self.ledger, self.reference)
        self.kitchen = KitchenTickets(self.ledger, self.reference, self.numbers)
        judged = self.kitchen.as_ticketed
        self.sales = Sales(self.ledger, self.reference, self.approvals, judged)
        self.courses = Courses(self.ledger, self.reference, self.sales)
        self.open_tabs = OpenTabs(self.ledger)
        self.waiting_orders = WaitingOrders(self.ledger)
        self.tabs = Tabs(self.ledger, self.reference, self.open_tabs)
        self.between = BetweenOrders(self.ledger, self.reference, self.tabs, self.approvals)
        self.ring_again = RingAgain(self.ledger, self.reference)
        self.grants = Grants(self.ledger)
        self.recovery = Recovery(self.ledger, self.reference, self.grants, self.access, self.approvals, judged)
        self.today = Today(self.ledger, self.reference)
        self.printing = PrintJobs(self.ledger, self.kitchen.is_late)

    def _take_money(self) -> None:
        """Make the acts on payments, refunds and the drawer."""
        ledger, reference, approvals = self.ledger, self.reference, self.approvals
        asker = self.asker = PaymentClient(ledger, reference)
        self.fiscal = FiscalStamps(ledger, reference)
        self.checkout = Checkout(ledger, reference, asker, approvals)
        self.checkout.check_law, self.checkout.series = self.fiscal.check, self.fiscal.series
        self.refunds = Refunds(ledger, reference, asker, self._refund_moved, approvals)
        self.unanswered = UnansweredMoney(ledger, reference, self.refunds.unanswered, self.refunds.left_unanswered)
        self.drawer = Drawer(ledger, reference, approvals, asker, self.unanswered.listed)
        self.recovery.is_cash_moved_after = self.drawer.is_cash_moved_after
        self.no_money = NoMoney(ledger, self.drawer, self.unanswered.listed)
        self.corrections = SaleCorrections(ledger, reference, self.refunds, asker, approvals, self.drawer, self._tell)
        self.charges = Charges(ledger, reference, asker, self.checkout, self._charge_moved, approvals)

    def _hear_others(self) -> None:
        """Make what hears of other tills and of the server."""
        self.clearing = Clearing(self.ledger, self.reference)
        self.unread = Unread(self.ledger)
        self.notices = Notices(self.ledger, self.reference, self._tell)
        self.announcer = Announcer(self.ledger, self.reference, self._tell)
        self.counting = Counting(self.ledger, self.reference, self._tell)
        self.put_back = PutBack(self.ledger, self.reference)
        self.light = Light(LightState.SAVED)
        self._kept_light = kept_light(self.journal)
        #: Opens the stocktake of a place; None without a screen.
        self.open_stocktake: Callable[[str], None] | None = None
        #: The screen, once there is one.
        self.watcher: Watcher = Keeper(self.unread)

    @property
    def venue(self) -> Venue:
        return self.reference.venue

    @property
    def menu(self) -> Menu:
        return self.reference.menu

    @property
    def lookup(self) -> Lookup:
        return self.reference.lookup

    @property
    def formats(self) -> Formats:
        return self.reference.formats

    @property
    def answers(self) -> Answers:
        return self.reference.answers

    def here(self, order: Order, tab: str = "") -> str:
        """Return the sentence on an order that was opened, as `Answers.here`, and a doubt about what is paid of it."""
        doubt = self.grants.doubt(order.id, self.light.records)
        return " ".join(filter(None, (doubt, self.answers.here(order, tab))))

    def mark(self, data: Mark, approval: Approval | None = None) -> None:
        """Mark an item or a choice as sold out (86) or back on sale, or count an item.

        That is so here at once, and on every till through the database.
        """
        stream = stream_of_till(self.ledger.store_id, self.till)
        by = approval.by.number if approval is not None else None
        with self.approvals.command(PermissionRequest(Permission.SOLD_OUT), approval) as command:
            command.write([Draft(replace(data, approved_by=by), stream)])
        if not isinstance(data, ChoiceMarked):  # a count ends a mark
            self.reference.mark(data.item_id, sold_out=isinstance(data, ItemMarked) and data.sold_out)
        self._tell(ReferenceChanged())

    def paper_changed(self, sentence: str = "") -> None:
        """Report a change of a print job or of the drawer, with a sentence if a person must know it."""
        self._tell(PaperChanged(sentence))

    def _tell(self, news: News) -> None:
        self.watcher.on_news(news)

    # Calls from the sync (till.ports.StoreListener)

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Refold orders with events from other tills, and let each part hear of them."""
        grown = Grown(session_ids, self.ledger.refold(session_ids))
        for part in self.hearers:
            part.sessions_grew(grown)
        for session_id in session_ids:
            if (order := self.ledger.readable(session_id)) is not None:
                for part in self.hearers:
                    part.order_grew(order)

    def stamps_came(self, stamps: Sequence[PaperStamp]) -> None:
        """Keep the stamps of other tills, for copies and refunds here."""
        self.fiscal.keep(stamps)

    def _charge_moved(self, session_id: str, payment_id: str, *, answered: bool = False) -> None:
        self._tell(ChargeMoved(session_id, payment_id, answered))

    def _refund_moved(self, refund: Refund, words: str) -> None:
        way = self.asker.tenders.traits_of(refund.started.tender)
        self._tell(RefundMoved(refund, refund_words.returned(self.answers, refund, way, words)))

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Poll unanswered refunds of a lost disk, or report that a person must settle them."""
        self.refunds.follow(refund_ids)
        for refund in map(self.refunds.find, refund_ids):
            if refund.is_open and not refund.is_asked_elsewhere:
                self._tell(RefundMoved(refund, refund_words.left_open(refund)))

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Lock an order that another till took over, with the till, the user and the time as the reason."""
        if self.ledger.lock_of(session_id):
            return
        sentence = sentences.taken(till_name, user_name, self.venue.local(at))
        self.ledger.lock(session_id, sentence)
        self.draft_split.forget([session_id])
        self._tell(OrderTaken(session_id, sentence))

    def granted(self, session_id: str) -> None:
        """Unlock an order that was granted to this till."""
        self.ledger.unlock(session_id)

    def reference_changed(self, names: Sequence[str]) -> None:
        """Let each part hear of new reference data."""
        for part in self.hearers:
            part.reference_changes(names)
        for part in self.hearers:
            part.reference_changed(names)

    def server_answered(self) -> None:
        """Let each part hear that the server answered."""
        for part in self._hear_answers:
            part.server_answered()

    def payment_hinted(self, key: str) -> None:
        """Poll a payment or a refund now, if this till polls it."""
        self.asker.payment_hinted(key)

    def light_changed(self, light: Light) -> None:
        """Keep the light, and let each part hear of it."""
        self.light = light
        for part in self._hear_light:
            part.light_changed(light)

    def keep_light(self) -> None:
        """Write the light's sentence for a person to the journal, where `till doctor` reads it."""
        light = self.light
        with speaking(ENGLISH):  # as all that `till doctor` says
            sentence = light.notice.again()
            if light.state is LightState.ATTENTION:
                sentence = light.detail.again()
            elif light.state is LightState.OFFLINE:
                why = light.detail.again().lead.rstrip(".") or _("no answer yet")
                sentence = Advice(_("This till is offline ({why}).").format(why=why))
        if sentence != self._kept_light:
            self.journal.cache(_LIGHT, 0, {"said": sentence, "remedy": sentence.remedy})
            self._kept_light = sentence

    def time_received(self, moment: datetime) -> None:
        """Use the time of the database instead of this till's clock.

        A replay uses the recorded time.
        """
        if not self._is_recorded:
            self.ledger.hear_time(moment)
