"""The register: one till's commands on its journal, and its news for the screen."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.advice import Advice
from till.domain.errors import JournalError
from till.domain.events.envelope import Draft
from till.domain.i18n import ENGLISH, _, speaking
from till.domain.order.evolve import ORDERS
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.domain.order.tickets import last_course
from till.domain.payment.events import TenderCorrected
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.text import capitalize_first
from till.domain.till.events import ChoiceMarked, ItemMarked, stream_of_till
from till.ports import Light, LightState
from till.register import refund_words
from till.register.approvals import Approvals
from till.register.corrections import SaleCorrections
from till.register.courses import Courses
from till.register.draft_split import DraftSplit
from till.register.drawer import BALANCE, Drawer
from till.register.fiscal.stamps import FiscalStamps
from till.register.grants import Grants
from till.register.kitchen import KitchenTickets
from till.register.ledger.ledger import Command, CommandHook, Ledger
from till.register.left import LEFT
from till.register.no_money import MONEY, NoMoney
from till.register.numbers import OrderNumbers
from till.register.other_tills import sentences
from till.register.other_tills.clearing import Clearing
from till.register.other_tills.news import (
    Announcer,
    ChargeMoved,
    LightChanged,
    NoticeCame,
    OrderNews,
    OrdersChanged,
    OrderTaken,
    PaperChanged,
    ReferenceChanged,
    RefundMoved,
    ServerAnswered,
)
from till.register.other_tills.notices import NOTICES, Notices
from till.register.other_tills.unread import Keeper, Unread
from till.register.payments.asking import PaymentClient
from till.register.payments.charges import Charges
from till.register.payments.checkout import Checkout
from till.register.payments.corrected import DRAWER, corrected_elsewhere
from till.register.printing.jobs import PrintJobs
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
    from collections.abc import Callable, Mapping, Sequence
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
    from till.register.other_tills.news import Watcher
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


class _Counting(CommandHook):
    """Counts what each command keys and takes off of counted items."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    @override
    def follow(self, command: Command) -> None:
        self._reference.left.hear(command.events)


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
            _Counting(self.reference),
        ]

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
        self.corrections = SaleCorrections(ledger, reference, self.refunds, asker, approvals, self.drawer.correct)
        self.charges = Charges(ledger, reference, asker, self.checkout, self._charge_moved, approvals)

    def _hear_others(self) -> None:
        """Make what hears of other tills and of the server."""
        self.clearing = Clearing(self.ledger, self.reference)
        self.unread = Unread(self.ledger)
        self.notices = Notices(self.ledger, self.reference)
        self.announcer = Announcer(self.ledger, self.reference)
        self.light = Light(LightState.SAVED)
        self._kept_light = kept_light(self.journal)
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
        self.watcher.on_news(ReferenceChanged())

    def paper_changed(self, sentence: str = "") -> None:
        """Report a change of a print job or of the drawer, with a sentence if a person must know it."""
        self.watcher.on_news(PaperChanged(sentence))

    # Calls from the sync (till.ports.StoreListener)

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Refold orders with events from other tills. Resume an order that was swept while its user had it open."""
        self.refunds.forget()
        known = self.ledger.refold(session_ids)
        for session_id in session_ids:
            if self.recovery.is_swept_here(session_id, self.access.person):
                self.recovery.resume(session_id)
        seen = {order.id for order in known if order.status is Status.DISCARDED or self._is_present(order)}
        self.clearing.note([session_id for session_id in session_ids if session_id not in seen])
        self.watcher.on_news(OrdersChanged(tuple(session_ids)))
        self.announcer.tell(self.watcher, session_ids, known)
        for session_id in session_ids:
            if (order := self.ledger.readable(session_id)) is not None:
                self.draft_split.forget_over(order)
                self.charges.follow(order)
                self.kitchen.catch_up(session_id)

    def stamps_came(self, stamps: Sequence[PaperStamp]) -> None:
        """Keep the stamps of other tills, for copies and refunds here."""
        self.fiscal.keep(stamps)

    def _charge_moved(self, session_id: str, payment_id: str, *, answered: bool = False) -> None:
        self.watcher.on_news(ChargeMoved(session_id, payment_id, answered))

    def _refund_moved(self, refund: Refund, words: str) -> None:
        way = self.asker.tenders.traits_of(refund.started.tender)
        self.watcher.on_news(RefundMoved(refund, refund_words.returned(self.answers, refund, way, words)))

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Poll unanswered refunds of a lost disk, or report that a person must settle them."""
        self.refunds.follow(refund_ids)
        for refund in map(self.refunds.find, refund_ids):
            if refund.is_open and not refund.is_asked_elsewhere:
                self.watcher.on_news(RefundMoved(refund, refund_words.left_open(refund)))

    def _is_present(self, order: Order) -> bool:
        """True if an order is on the screen of its user, who sees its changes there."""
        person = self.access.person
        return person is not None and person.number == order.user and order.status is Status.ACTIVE

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Lock an order that another till took over, with the till, the user and the time as the reason."""
        if self.ledger.lock_of(session_id):
            return
        sentence = sentences.taken(till_name, user_name, self.venue.local(at))
        self.ledger.lock(session_id, sentence)
        self.draft_split.forget([session_id])
        self.watcher.on_news(OrderTaken(session_id, sentence))

    def granted(self, session_id: str) -> None:
        """Unlock an order that was granted to this till."""
        self.ledger.unlock(session_id)

    def reference_changed(self, names: Sequence[str]) -> None:
        """Reload reference data. Open lines keep their prices."""
        before = self.reference.left.now() if LEFT in names else {}
        self.reference.forget(names)
        if "settings" in names:
            self.access.speak()
        new = self.notices.hear() if NOTICES in names else []
        self.watcher.on_news(ReferenceChanged())
        if "tabs" in names:
            self._report_ready()
        if BALANCE in names:
            self.drawer.forget()
        if DRAWER in names:
            self._report_corrections()
        if MONEY in names:
            self.no_money.hear()
        if new:
            self.watcher.on_news(NoticeCame(new[-1].id, self.notices.in_words(new[-1]).sentence))
        if before:
            self._report_short(before)

    def _report_short(self, before: Mapping[str, int]) -> None:
        """Report the items of open orders of which other tills left none, to the person who keyed them here."""
        now = self.reference.left.now()
        gone = {item for item, pieces in before.items() if now.get(item, 0) < 0 <= pieces}
        for order in self.ledger.open_orders() if gone else ():
            keyed = {line.item_id: line.name for line in order.lines.values() if line.quantity and line.item_id in gone}
            if keyed and self.ledger.holds(order):
                self.watcher.on_news(OrderNews(order, self.reference.left.warning(keyed.items())))

    def _report_ready(self) -> None:
        """Report the tabs whose tickets were sent here and are ready now, to the person who sent them."""
        for tab in self.open_tabs.now_ready():
            if (order := self.ledger.readable(tab.session_id)) is not None:
                course, name = last_course(order), capitalize_first(tab_name(tab.name))
                sentence = _("{name} is ready.").format(name=name)
                if course is not None:
                    sentence = _("{name}: {course} ready.").format(name=name, course=self.menu.course_name(course))
                self.watcher.on_news(OrderNews(order, sentence, here=True))

    def _report_corrections(self) -> None:
        """Record and report corrections of this drawer by other tills. Orders of a lost disk may not be here."""
        with suppress(JournalError):  # a full disk: the next key reports it, and the next start records them
            self.drawer.hear_corrections()
        words = self.asker.tenders.in_words
        listed = self.journal.listed(TenderCorrected.listed)
        own = {event.data.payment_id: event.id for event in listed if isinstance(event.data, TenderCorrected)}
        for one in corrected_elsewhere(self.journal):
            order = self.ledger.readable(one.session)
            if order is not None and own.get(one.payment, "") <= one.id:
                till = self.venue.till_name(one.till)
                sentence = refund_words.corrected(
                    self.answers, till, one.minor, one.receipt, words(one.was), words(one.tender)
                )
                self.watcher.on_news(OrderNews(order, sentence, here=True))

    def server_answered(self) -> None:
        """Put unused orders back, answer the server, and notify the screen: a list of orders may have changed."""
        self.grants.put_unused_back()
        with suppress(JournalError):  # a full disk: the next key reports it
            self.no_money.answer()
        self.watcher.on_news(ServerAnswered())

    def payment_hinted(self, key: str) -> None:
        """Poll a payment or a refund now, if this till polls it."""
        self.asker.payment_hinted(key)

    def light_changed(self, light: Light) -> None:
        """Keep and show the light."""
        self.light = light
        self.fiscal.hear(light)
        self.reference.left.is_about = light.state is LightState.OFFLINE
        self.watcher.on_news(LightChanged(light))

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
