"""News from other tills and from payments, shown on the scene it concerns, or kept until its user can read it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.text import capitalize_first, clean
from till.register.other_tills import sentences
from till.register.other_tills.news import (
    ChargeMoved,
    LightChanged,
    LinesChanged,
    LinesLate,
    NoticeCame,
    OrderNews,
    OrdersChanged,
    OrderTaken,
    PaperChanged,
    ReferenceChanged,
    RefundMoved,
    ServerAnswered,
    TenderMissing,
)
from till.register.printing.words import late_question
from till.tui.screens.login.arrival import ended_elsewhere, is_own_act, matters
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.waiting_orders.bring_back import ask
from till.tui.shell.keymap import CONFLICTS, PRINT
from till.tui.shell.messages import ChargeAnswered, OrderEnded, ReturnEnded, plain, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Order, Payment
    from till.ports import Light
    from till.register.other_tills.news import News
    from till.register.other_tills.unread import Unread
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.controller import Controller, MainScene
    from till.tui.shell.messages import Heard


#: Seconds a sentence must be shown to count as read, and seconds without a key before it is shown again.
_READ_S: Final = 3.0
_IDLE_S: Final = 2.0
#: Change due within this time before the order left the screen is shown again: it may not have been handed over.
_JUST: Final = timedelta(seconds=30)


class NewsReader:
    """A `till.register.other_tills.news.Watcher` of the register.

    A sentence that a user must know is kept in `till.register.other_tills.unread` until they have read it. It is shown
    when they can read it: at once, when the screen is unlocked, at their next login, or after a payment. If a key
    replaces it too soon, it is shown again.

    Args:
        controller: the till.
        on_light: called with each new light.
    """

    def __init__(self, controller: Controller, on_light: Callable[[Light], None]) -> None:
        self._controller = controller
        self._on_light = on_light
        self._conflicts = 0
        #: True once the user was asked about the papers that waited too long.
        self._asked_late = False
        #: The user's other tills in the last notice, and the user and the sentence of a notice to show.
        self._also_on: frozenset[int] = frozenset()
        self._login_notice: tuple[int, str] | None = None
        #: The message on the scene in front, and since when, in monotonic seconds.
        self._seen: StyledText | None = None
        self._since = 0.0
        #: The notice that was last shown on a scene, and its message there.
        self._notice: tuple[str, StyledText | None] | None = None

    @property
    def _unread(self) -> Unread:
        return self._controller.register.unread

    @property
    def _user(self) -> int:
        """The user at the till, including one whose screen is locked."""
        person = self._controller.register.access.person
        return person.number if person is not None else 0

    @property
    def _selling(self) -> SellScene | None:
        """The sell screen if it is in front: it shows what its user has not read."""
        scene = self._controller.scene
        return scene if isinstance(scene, SellScene) else None

    def on_news(self, news: News) -> None:
        """Handle news from outside."""
        match news:
            case OrdersChanged():
                self._orders_changed(news)
            case OrderTaken():
                self._order_taken(news)
            case LinesChanged():
                self._lines_changed(news)
            case LinesLate(order=order, sentence=sentence):
                self._say_to(order, sentence, passing=order.is_open)
                self._controller.meanwhile(self._ask_waiting())
            case OrderNews(order=order, sentence=sentence, here=here):
                self._say_to(order, sentence, passing=False, here=here)
            case ChargeMoved():
                self._charge_moved(news)
            case RefundMoved():
                self._refund_moved(news)
            case PaperChanged():
                self._paper_changed(news)
            case LightChanged(light=light):
                self._light_changed(light)
            case _:
                self._of_all(news)

    def _tell(self, news: Heard) -> bool:
        """Tell the scene in front and its sheets; return False if the sentence is still to be kept for the user."""
        controller = self._controller
        heard = [one.hear(news) for one in (controller.scene, *controller.sheets) if one is not None]
        return any(heard)

    # The order on the screen, or under the lock.

    def _scenes_of(self, *session_ids: str) -> list[tuple[MainScene, str]]:
        """Return the scenes with one of these orders, in front or under the lock, and the order of each."""
        scenes = filter(None, (self._controller.scene, self._controller.under_lock))
        return [(one, order) for one in scenes if (order := getattr(one, "session_id", None)) in session_ids]

    def _orders_changed(self, news: OrdersChanged) -> None:
        """Handle events of other tills. An order that they ended leaves the screen, and a message gives the reason."""
        controller = self._controller
        for scene, session_id in self._scenes_of(*news.session_ids):
            if controller.is_asking and is_own_act(controller, session_id):
                continue
            ended = ended_elsewhere(controller, session_id)
            if ended is None:
                scene.hear(news)
            else:
                self._leave(scene, session_id, ended, ended_elsewhere(controller, session_id, in_sight=False) or ended)
        self.count_waiting()

    def _leave(self, scene: MainScene, session_id: str, ended: StyledText, notice: StyledText) -> None:
        """Take an ended order off the screen, with the reason; `notice` is the sentence if it is not on the screen."""
        self._keep_change(session_id)
        hidden = scene is not self._controller.scene
        message = None if hidden else self._with_unread(ended)
        if not scene.hear(OrderEnded(message)):
            self._sell_instead(scene, None, message)
        self._unread.keep(session_id, notice.text, self._user, first="" if hidden else ended.text)

    def _sell_instead(self, scene: MainScene, session_id: str | None, message: StyledText | None) -> None:
        """Put the sell screen in place of a scene, with an order or none."""
        if scene is self._controller.scene:
            self._controller.sell(session_id, message)
        else:
            self._controller.under_lock = SellScene(self._controller, session_id, message)

    def _order_taken(self, news: OrderTaken) -> None:
        """Show that another till took the order over. It stays on the screen, locked, until Esc or the next order."""
        for scene, session_id in self._scenes_of(news.session_id):
            self._keep_change(session_id, goes_on=True)
            if scene.hear(news):
                self.catch_up(scene)
            else:
                self._sell_instead(scene, session_id, refusal(news.sentence))
        self._controller.paint()

    def _lines_changed(self, news: LinesChanged) -> None:
        for scene, session_id in self._scenes_of(news.order.id):
            if scene is not self._controller.scene:
                self._unread.keep(session_id, news.sentence, self._user, passing=True)
            elif scene.counts_as_read:
                scene.message = plain(news.sentence)
        self._controller.paint()

    def _keep_change(self, session_id: str, *, goes_on: bool = False) -> None:
        """Keep the change or the refund of money that just moved here: what replaces it on the screen may hide it.

        Of an order that `goes_on` at another till, keep also that money was taken: it counts there. The money of a
        guest who has just paid apart is in a sale.
        """
        register = self._controller.register
        order, sale = register.ledger.readable(session_id), register.recovery.last_sale()
        since = register.ledger.now() - _JUST
        payments = order.payments.values() if order is not None else ()
        moved = [one for one in payments if one.till == register.till and one.at >= since]
        newest = max(moved, key=lambda one: one.at, default=None)
        placed = sale.placed if sale is not None and sale.from_session == session_id else None
        if sale is not None and placed is not None and placed.at >= (newest.at if newest is not None else since):
            traits_of = register.asker.tenders.traits_of
            self._keep_money(session_id, register.answers.last_sale(sale, traits_of, register.venue.local))
        elif order is not None and newest is not None:
            self._keep_moved(order, newest, goes_on=goes_on)

    def _keep_moved(self, order: Order, payment: Payment, *, goes_on: bool) -> None:
        """Keep what happened to a payment; that it was taken without change only if the order `goes_on`."""
        register = self._controller.register
        if payment.state is PaymentState.VOIDED:
            way = register.asker.tenders.traits_of(payment.tender)
            self._keep_money(order.id, self._dated(order, payment, register.answers.given_back(payment, way)))
        elif payment.state is PaymentState.APPROVED and (payment.change or goes_on):
            self._keep_money(order.id, self._dated(order, payment, register.answers.money_of(payment)))

    def _keep_money(self, session_id: str, sentence: str) -> None:
        """Keep a sentence on money until its person logs out: later it would stand beside the money of other guests."""
        self._unread.keep(session_id, sentence, self._user, login=self._controller.register.ledger.login or "")

    def _dated(self, order: Order, payment: Payment, sentence: str) -> str:
        """Return a sentence on money with its table and time, as it may be read beside another order."""
        time = self._controller.register.venue.local(payment.at).strftime("%H:%M")
        if order.tab is None:
            return _("At {time}: {message}").format(time=time, message=sentence)
        return _("{name}, at {time}: {message}").format(
            name=capitalize_first(tab_name(order.tab.name)), time=time, message=sentence
        )

    def _charge_moved(self, news: ChargeMoved) -> None:
        """Show a terminal's progress. An answer is shown on the order's scene, or beside another order."""
        if self._tell(news):
            self._controller.paint()
            return
        order = self._controller.register.ledger.readable(news.session_id)
        if order is None:
            return
        payment = order.payments.get(news.payment_id)
        if payment is not None and order.is_over and payment.id not in order.listed:
            self._left_moved(order, payment)
        elif payment is not None and news.answered and not order.is_over:
            self._still_due(order, payment)
        elif payment is not None and news.answered and _differs(order, payment):
            way = self._controller.register.asker.tenders.label_of(payment.tender)
            self._say_to(order, self._controller.register.answers.differs(order, way), passing=False, here=True)
        elif order.status is Status.COMPLETED and (news.answered or not news.payment_id):
            self._paid(order)  # otherwise there is nothing new of an order that was paid in sight

    def _paid(self, order: Order) -> None:
        """Show that the answer paid an order."""
        controller = self._controller
        controller.sold = order
        paid = plain(controller.register.answers.paid_by_answer(order))
        if self._tell(ChargeAnswered(order.id, paid)):
            return
        scenes = self._scenes_of(order.id)
        for scene, session_id in scenes:
            self._leave(scene, session_id, paid, paid)
        if not scenes:
            self._say_to(order, paid.text, passing=False, here=True)
        controller.paint()

    def _still_due(self, order: Order, payment: Payment) -> None:
        """Show that an answer arrived while the order is still unpaid."""
        register = self._controller.register
        sentence = register.answers.answered(order, payment, register.asker.tenders.label_of(payment.tender))
        if not self._tell(ChargeAnswered(order.id, refusal(sentence))):
            self._say_to(order, sentence, passing=True, here=True)

    def _left_moved(self, order: Order, payment: Payment) -> None:
        """Report on a payment that no sale lists: it was taken, went back, or did not go back."""
        controller, answers = self._controller, self._controller.register.answers
        if payment.returns and payment.going_back is None:
            self._went_back(order, payment)
        elif payment.state is PaymentState.APPROVED and not payment.returns:
            self._say_to(order, sentences.unlisted(answers, payment.amount), passing=False)
        controller.paint()

    def _went_back(self, order: Order, payment: Payment) -> None:
        """Show the outcome of a refund where it is looked at, otherwise to the user who asked for it."""
        controller, register = self._controller, self._controller.register
        is_back = payment.state is PaymentState.VOIDED
        sentence = register.answers.went_back(payment, register.asker.tenders.label_of(payment.tender))
        message = plain(sentence) if is_back else refusal(sentence)
        if self._tell(ReturnEnded(order.id, payment.id, message)):
            return
        if not is_back:
            sentence = _("{message} It waits: {key}.").format(message=sentence, key=controller.keymap.label(CONFLICTS))
        self._keep_shown(order.id, sentence, payment.returns[-1].user or 0)

    def _refund_moved(self, news: RefundMoved) -> None:
        """Show the outcome of a refund on the sales screen; elsewhere only once no terminal is being asked about it."""
        refund = news.refund
        if not self._tell(news) and not (refund.is_open and refund.is_asked_elsewhere):
            self._keep_shown(refund.started.session_id, news.sentence, refund.user or 0)
        self._controller.paint()

    def _keep_shown(self, session_id: str, sentence: str, user: int) -> None:
        """Keep a sentence for a user, and show it now if it is theirs and the sell screen is in front."""
        self._unread.keep(session_id, sentence, user)
        if (selling := self._selling) is not None:
            selling.message = self._with_unread(None)

    # Orders of a user that left the screen.

    def _say_to(self, order: Order, sentence: str, *, passing: bool, here: bool = False) -> None:
        """Notify the person who last worked on an order here; with `here` also the user at the till."""
        users = {self._unread.whose(order)}
        if here and self._user:
            users.add(self._user)
        for user in users:
            self._unread.keep(order.id, sentence, user, passing=passing)
        if (selling := self._selling) is not None and selling.user in users:
            selling.message = self._with_unread(None)
            selling.count_waiting()
        self._controller.paint()

    def _drop_settled(self) -> None:
        """Take the message of a notice off the screen once the server settled it."""
        if self._notice is None or self._notice[0] in {one.id for one in self._controller.register.notices.open()}:
            return
        for scene in (self._controller.scene, self._controller.under_lock):
            if scene is not None and scene.message is self._notice[1]:
                scene.message = None
        self._notice = None

    def _with_unread(self, message: StyledText | None) -> StyledText | None:
        """Return a sentence for the user at the till, preceded by everything they have not read."""
        text = message.text if message is not None else ""
        if self._unread.is_all_in(self._user, text):
            return message
        return refusal(f"{self._unread.text(self._user)} {text}".rstrip())

    def look_again(self, idle: float, now: float) -> None:
        """Show a message again that a key replaced before it could be read, once no key was pressed for a while.

        Args:
            idle: seconds since the last key.
            now: the monotonic clock, in seconds.

        Raises:
            JournalError: the disk refused to save an unread sentence; the next call tries again.
        """
        self._log_out_disabled()
        scene = self._controller.scene
        if scene is not None and scene.counts_as_read and not self._controller.sheets:
            if scene.message is not self._seen:
                self._seen, self._since = scene.message, now
            if scene.message is not None and now - self._since >= _READ_S:
                self._unread.read(self._user, scene.message.text)
            if isinstance(scene, SellScene) and idle >= _IDLE_S:
                self._say_again(scene, now)
                self._say_login(scene)
        else:
            self._seen = None
        self._unread.save()
        self._controller.register.draft_split.save()
        self._controller.register.keep_light()

    def _say_again(self, scene: SellScene, now: float) -> None:
        if not self._unread.is_all_in(self._user, scene.message.text if scene.message is not None else ""):
            scene.message = self._seen = self._with_unread(None)
            self._since = now
            self._controller.paint()

    def catch_up(self, scene: MainScene) -> None:
        """Prepare a scene before it is shown: the sell screen shows the sentences that its user has not read."""
        if isinstance(scene, SellScene):
            scene.message = self._with_unread(scene.message)
            self._say_login(scene)

    # All scenes.

    def count_waiting(self) -> None:
        """Recount the orders that wait."""
        if (selling := self._selling) is not None:
            selling.count_waiting()
        self._controller.paint()

    async def _ask_waiting(self) -> None:
        """Ask the server which orders wait: it makes a new one of lines that came too late."""
        user = self._user
        answer = await ask(self._controller, user) if user else None
        if answer is not None and user == self._user:
            self._controller.remote = answer
            self.count_waiting()

    def _of_all(self, news: TenderMissing | NoticeCame | ReferenceChanged | ServerAnswered) -> None:
        """Handle news that is about no order. The status bar counts notices, and the list keeps them until seen."""
        scene, is_shown = self._controller.scene, self._tell(news)
        if isinstance(news, ReferenceChanged):
            self._reference_changed(news)
        elif scene is not None and not isinstance(news, ServerAnswered):
            if isinstance(news, TenderMissing):
                scene.message = refusal(news.sentence)
            elif is_shown:
                self._notice = news.notice_id, scene.message
            self._controller.paint()

    def _paper_changed(self, news: PaperChanged) -> None:
        """Show the state of papers. A sentence on them is for the user at the till, until it is read."""
        sentence = " ".join(filter(None, (news.sentence, self._late_papers())))
        if not self._tell(news) and sentence:
            login = self._controller.register.ledger.login or ""
            self._unread.keep("", sentence, self._user, login=login)
            if (selling := self._selling) is not None:
                selling.message = self._with_unread(selling.message)
        self._controller.paint()

    def _late_papers(self) -> str:
        """Return the question about papers that waited too long, once for those that wait."""
        asks = late_question(self._controller.register.printing, self._controller.keymap.label(PRINT))
        was_asked, self._asked_late = self._asked_late, bool(asks)
        return "" if was_asked else asks

    def _reference_changed(self, news: ReferenceChanged) -> None:
        """Apply a change of the menu, the staff or the settings, and drop a notice that the server settled."""
        if self._controller.under_lock is not None:
            self._controller.under_lock.hear(news)
        self._drop_settled()
        self._log_out_disabled()
        self.count_waiting()

    def _log_out_disabled(self) -> None:
        """Log out a user who was disabled; the order is kept. While a PIN is checked, this waits for the next call."""
        controller, access = self._controller, self._controller.register.access
        person = None if access.still_works() else access.person
        if person is None or controller.is_held:
            return
        sentence = _("{name} was disabled and logged out. Ask a manager.").format(name=clean(person.name))
        controller.log_out()
        if access.person is None and controller.scene is not None:
            controller.scene.message = refusal(sentence)

    def _logged_in_too(self, light: Light) -> None:
        """Show that the user of this till logged in at another one, where the same is shown."""
        register, also_on = self._controller.register, frozenset(light.also_on)
        person, new = register.access.person, also_on - self._also_on
        if person is None or light.logged_in != person.number:
            self._also_on, self._login_notice = frozenset(), None
            return
        self._also_on = also_on
        if not also_on:
            self._login_notice = None
        elif new:
            names = [register.venue.till_name(till) for till in sorted(also_on)]
            self._login_notice = person.number, register.answers.logged_in_too(names)
        if (selling := self._selling) is not None:
            self._say_login(selling)

    def _say_login(self, scene: SellScene) -> None:
        """Show the notice once the user has an order on the screen, after the message there.

        An order that was taken over is skipped: its message names the till already, and there is no room for both.
        """
        if self._login_notice is None or self._login_notice[0] != scene.user or scene.lock is not None:
            return
        text = scene.message.text if scene.message is not None else ""
        scene.message = refusal(f"{text} {self._login_notice[1]}".lstrip())
        self._login_notice = None
        self._controller.paint()

    def _light_changed(self, light: Light) -> None:
        """Apply a new light. A user who may settle conflicts about money is notified when there are more."""
        more = light.conflicts > self._conflicts
        self._conflicts = light.conflicts
        self._on_light(light)
        self._logged_in_too(light)
        person = self._controller.register.access.person
        if more and person is not None and (selling := self._selling) is not None:
            selling.message = matters(self._controller, person) or selling.message
            self._controller.paint()


def _differs(order: Order, payment: Payment) -> bool:
    """True if a sale lists a payment that its provider did not take, or of which it took another amount."""
    sale = order.placing_with(payment.id)
    listed = [one.amount for one in sale.data.payments if one.payment_id == payment.id] if sale is not None else []
    return payment.is_denied or (
        payment.is_contradicted and payment.amount not in map(order.terms.currency.minor, listed)
    )
