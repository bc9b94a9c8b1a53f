"""Orders by sentences without a screen: each is read like the entry line of the sell screen, and gets its answer."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Final

from till.domain.errors import AskedBackError, LineError, TillError
from till.domain.i18n import N_, _
from till.domain.money.coins import notes
from till.domain.money.measures import Millionths, Minor
from till.domain.offered import price_at
from till.domain.order.choices import still_asked
from till.domain.order.deciding import pieces_of
from till.domain.order.discounting import Given
from till.domain.order.feedback import FeedbackError
from till.domain.order.naming import TAKE_AWAY, tab_name
from till.domain.order.paying import CASH, due_in
from till.domain.order.quantities import pieces_off
from till.domain.order.state import Status
from till.domain.order.wishes import with_wish
from till.domain.text import capitalize_first, clean
from till.ports.printer import PrintError
from till.register import counter
from till.register.ledger.ledger import OrderLockedError
from till.register.payments.doubts import doubt_amount
from till.register.printing.words import printing_words
from till.register.quick_entry import intents, meaning
from till.register.quick_entry.language import understand
from till.register.tabs.names import is_unknown_table, none_called, shown_as
from till.register.words.every import ANSWERS, LOOKS_UP, WORDS
from till.register.words.sentence import Sentence
from till.register.words.word import Needs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.domain.catalogue.menu import Item
    from till.domain.money.measures import Price4
    from till.domain.order.line import Row
    from till.domain.order.state import Order
    from till.ports import Store
    from till.register.quick_entry.slots import Intent
    from till.register.register import Register

#: The most items of a slot that an answer names.
_FEW: Final = 6
_NEEDS_SCREEN: Final = N_("That needs the screen of a till. Nothing was done.")


class Conversation:
    """The sentences of one person about one order.

    Args:
        register: the till.
        user: the staff number of the person.
        session_id: the order to continue; None to open one.
        names_till: False if nobody named this till: a drawer is never meant by default.
    """

    def __init__(
        self, register: Register, user: int, session_id: str | None = None, *, names_till: bool = True
    ) -> None:
        self._names_till = names_till
        self._register = register
        self._user = user
        self.session_id = session_id
        #: The answer of the server about the sentence, or why it gave none.
        self._looked_up: object = None
        if TAKE_AWAY in register.venue.order_types:
            register.sales.opens_as = TAKE_AWAY

    @property
    def order(self) -> Order | None:
        """The order of the next sentence; after a payment, the paid order."""
        return self._register.ledger.find(self.session_id) if self.session_id else None

    async def ask(self, store: Store | None, typed: str) -> str:
        """Carry out a sentence as `say` does. The server is asked before if it alone knows the amount.

        Raises:
            AskedBackError: see `say`.
            TillError: the sentence is refused, also because the server does not answer.
        """
        register = self._register
        try:
            intent = understand(typed, register.lookup, register.formats, register.checkout.tenders.named)
            self._looked_up = None
            if isinstance(intent, intents.SayWord):
                if (asks := WORDS[intent.name].looks_up) is not None:
                    self._looked_up = await asks(register, store, intent.slots)
            elif (look_up := LOOKS_UP.get(type(intent))) is not None:
                self._looked_up = await look_up(store, intent, register.formats)
        except TillError as problem:
            self._looked_up = problem
        return self.say(typed)

    def say(self, typed: str) -> str:
        """Carry out a sentence, and return the answer.

        Raises:
            AskedBackError: the sentence may be a mistake, or has several meanings; nothing changes.
            TillError: the sentence is refused, with the reason; nothing changes.
        """
        drafts, put_back = self._register.typed, self._register.put_back
        was_asked = put_back.asked
        is_again = drafts.of(self._user) == typed and drafts.was_refused(self._user)
        try:
            answer = self._say(typed, is_again=is_again)
        except TillError as problem:
            asked = problem.sentence if isinstance(problem, AskedBackError) else ""
            drafts.keep(self._user, typed, refused=True, asked=asked)
            raise
        drafts.keep(self._user, "")
        return f"{answer} {put_back.question}" if put_back.asked and put_back.asked != was_asked else answer

    def _say(self, typed: str, *, is_again: bool) -> str:
        register = self._register
        if not typed.strip():
            raise TillError(_("Type an item, its number or a barcode."))
        if self.session_id is not None and (lock := register.ledger.lock_of(self.session_id)):
            raise OrderLockedError(lock)
        now = register.venue.local(register.ledger.now())
        terms, allows = register.reference.terms, register.approvals.allow
        menu, lookup, formats = register.menu, register.lookup, register.formats

        def price_of(item: Item) -> Price4 | None:
            return price_at(item.in_type(present.order_type if present else ""), menu, register.venue, now)

        present = self._present()
        at = Sentence(
            typed,
            is_again,
            self._names_till,
            self._looked_up,
            present,
            menu,
            lookup,
            formats,
            now,
            terms,
            allows,
            price_of,
        )
        if (command := at.lookup.words.command(typed)) is not None and at.lookup.exact(typed) is None:
            return self._command(command, at)
        ways = register.checkout.tenders.named
        intent = self._picked(at) or meaning.of_sold(understand(typed, at.lookup, at.formats, ways), at)
        question = meaning.doubt(intent, at, at.newest)
        if question is not None and not is_again:
            raise AskedBackError(question)
        return self._answer(intent, at)

    def _picked(self, at: Sentence) -> Intent | None:
        """Return the item that a digit picks, if the last answer asked for a choice; None for any other sentence."""
        typed, digit = self._register.typed, at.typed.strip()
        asked = typed.asked_of(self._user)
        if not asked or len(digit) > 1 or digit not in "123456789":
            return None
        intent = meaning.of_sold(understand(typed.of(self._user), at.lookup, at.formats), at)
        if not isinstance(intent, intents.Choose) or int(digit) > len(intent.offered):
            return None
        if ": ".join(meaning.which(intent, at)) != asked:  # the menu has changed since
            return intent
        return intent.picked(int(digit) - 1, at.lookup)

    def _answer(self, intent: Intent, at: Sentence) -> str:
        if isinstance(intent, intents.SayWord):
            return self._say_word(intent.name, at, **intent.slots)
        if (answer := self._answers.get(type(intent))) is not None:
            return answer(self, intent, at)
        if (answer := ANSWERS.get(type(intent))) is not None:
            return answer(self._register, intent, at)
        raise TillError(_(_NEEDS_SCREEN))

    def _say_word(self, name: str, at: Sentence, /, **slots: str) -> str:
        """Carry out a word that its subject declares."""
        word = WORDS[name]
        order = meaning.order_of(at) if word.needs in {Needs.ORDER, Needs.LINE} else at.order
        line_id = at.row.first.id if word.needs is Needs.LINE else ""
        if word.looks_up is not None and isinstance(at.looked_up, TillError):
            raise at.looked_up
        done = word.say(self._register, order, line_id, self._user, slots, found=at.looked_up)
        return done if isinstance(done, str) else self._kept(done)

    def _command(self, name: str, at: Sentence) -> str:
        """Carry out a command of the sell screen that needs no screen."""
        register = self._register
        if name in WORDS:
            return self._say_word(name, at)
        if name == "void":
            return self._leave(at.row, 0, at)
        if name == "clear":
            order = meaning.order_of(at)
            if not at.is_again:
                question = _("Clear {size}? Enter again clears it.")
                raise AskedBackError(question.format(size=register.answers.size(order)))
            register.recovery.discard(order.id, at.typed)
            return _("The order is cleared.")
        if name == "print_receipt":
            if (sold := self._sold) is None:
                raise PrintError(_("Nothing was sold here today."))
            return printing_words(register.printing, register.printing.receipt(sold.id))
        if (answer := ANSWERS.get(name)) is None:
            raise TillError(_(_NEEDS_SCREEN))
        return answer(register, None, at)

    @property
    def _sold(self) -> Order | None:
        """The paid order, otherwise the last sale of this till."""
        order = self.order
        return order if order is not None and order.placed is not None else self._register.recovery.last_sale()

    def _present(self) -> Order | None:
        """Return the order if it is active: not paid, cleared or saved to a tab."""
        order = self.order
        return order if order is not None and order.status is Status.ACTIVE else None

    @property
    def _open(self) -> str:
        """The id of the order.

        Raises:
            LineError: no order is active.
        """
        if (order := self._present()) is None:
            raise LineError(_(meaning.NO_LINES))
        return order.id

    def _continue_with(self, order: Order) -> None:
        """Continue with an order. The order before is cleared if it is empty."""
        before, self.session_id = self.session_id, order.id
        if before is not None and before != order.id:
            self._register.recovery.leave(before)

    def _kept(self, done: counter.Added | counter.OrderChanged) -> str:
        self._continue_with(done.order)
        return f"▲ {done.warning} {done.sentence}" if done.warning else done.sentence

    def _which(self, intent: intents.Choose, at: Sentence) -> str:
        raise AskedBackError(": ".join(meaning.which(intent, at)))

    def _combo(self, intent: intents.KeyCombo, at: Sentence) -> str:
        """Ask what a combo is made of: the pieces are keyed like any others, and make it."""
        counter.check_combo(self._register, intent.combo)
        slots = []
        for slot in intent.combo.slots:
            fit = (item for item in at.menu.items if slot.of(item.id, item.category).extra is not None)
            slots.append(f"{clean(slot.name)}: {', '.join(clean(item.name) for item in islice(fit, _FEW))}")
        raise AskedBackError(_("Key its pieces. {slots}.").format(slots="; ".join(slots)))

    def _add_more(self, intent: intents.OneMore, at: Sentence) -> str:
        return self._add(meaning.more_of_it(intent, at), at)

    def _add(self, intent: intents.AddItem | intents.AddAll, at: Sentence) -> str:
        entries = [meaning.entry_of(one) for one in (intent.items if isinstance(intent, intents.AddAll) else (intent,))]
        for one in entries:
            name = clean(one.item.name)
            if one.item.price4 is None and one.price4 is None:
                raise AskedBackError(_("Price of {name}? Type it after the name.").format(name=name))
            for group in still_asked(at.menu.groups_of(one.item), one.modifiers):
                options = ", ".join(clean(option.name) for option in group.options)
                sentence = _("{group}: {options}? As in “{name} {option}”.")
                first = clean(group.options[0].name)
                question = sentence.format(group=clean(group.name), options=options, name=name, option=first)
                raise AskedBackError(question)
        return self._kept(counter.add(self._register, at.order, self._user, entries))

    def _take_off(self, intent: intents.TakeOff, at: Sentence) -> str:
        meant = meaning.taken_off(intent, at)
        return self._note(meant, at) if isinstance(meant, intents.Wish) else self._leave(meant[0], abs(meant[1]), at)

    def _one_less(self, intent: intents.OneLess, at: Sentence) -> str:
        return self._leave(at.row, abs(at.row.quantity) - intent.quantity, at)

    def _leave(self, row: Row, left: int, at: Sentence) -> str:
        """Set the quantity of a row; 0 voids it. The sentence is the reason."""
        register, session = self._register, self._open
        self._check_torn(pieces_off(meaning.order_of(at), row, abs(row.quantity) - left), at)
        if left > 0:
            pieces = left if row.quantity > 0 else -left
            return counter.change_quantity(register, session, row.first.id, pieces, reason=at.typed).sentence
        gone = register.sales.void(session, row.first.id, at.typed)
        return register.answers.voided(register.ledger.order(session), gone)

    def _check_torn(self, pieces: Mapping[str, int], at: Sentence) -> None:
        """Ask before pieces tear a combo."""
        if not at.is_again and (torn := self._register.answers.torn(meaning.order_of(at), pieces)):
            raise AskedBackError(_("{torn} Enter again does it.").format(torn=torn))

    def _note(self, intent: intents.Wish, at: Sentence) -> str:
        first = at.row.first
        return counter.note_line(self._register, self._open, first.id, with_wish(first.note, intent.words)).sentence

    def _feedback(self, intent: intents.GiveFeedback, _at: Sentence) -> str:
        if (sold := self._sold) is None:
            raise FeedbackError
        return counter.give_feedback(self._register, sold, intent.score, intent.words)

    def _discount(self, intent: intents.Discounted, at: Sentence) -> str:
        """Give a discount, with the sentence as the reason."""
        line = None if intent.whole else at.row.first.id
        if intent.way == "P":
            given = Given(rate=Millionths(at.formats.price4(intent.figure)), reason=at.typed)
        elif intent.way == "A":
            given = Given(amount=at.formats.minor(intent.figure), reason=at.typed)
        else:
            raise AskedBackError(_("How much off? Type “10% off” or “5 off order”."))
        if line is not None:
            self._check_torn(pieces_of(at.row), at)
        order = self._register.sales.take_off(self._open, line, given)
        return f"{_('Discount given.')} {self._register.answers.total(order)}"

    def _menu(self, _intent: intents.ShowMenu, at: Sentence) -> str:
        """Record that the menu was shown, and return the items on sale now, one on each line."""
        self._continue_with(counter.view_menu(self._register, at.order, self._user))
        priced = [(item, meaning.price_text(item, at)) for item in at.menu.sold_at(at.now)]
        return "\n".join(f"{item.plu or ''} {clean(item.name)} {price}".strip() for item, price in priced)

    def _cart(self, _intent: intents.ShowCart, at: Sentence) -> str:
        return f"{meaning.cart(at)} {self._register.answers.total(meaning.order_of(at))}"

    def _checkout(self, _intent: intents.GoToPay, at: Sentence) -> str:
        due = at.formats.money(self._register.checkout.begin(self._open).due)
        return _("To pay: {due}. Type “cash”, “cash 500” or “card”.").format(due=due)

    def _pay_cash(self, intent: intents.PayCash, at: Sentence) -> str:
        return self._pay(at, CASH, intent.amount)

    def _pay_other(self, intent: intents.PayCard, at: Sentence) -> str:
        return self._pay(at, intent.tender, intent.amount, intent.slip)

    def _pay(self, at: Sentence, tender: str, amount: Minor | None, slip: str = "") -> str:
        register, order = self._register, meaning.order_of(at)
        traits = register.checkout.tenders.taken_here(tender)
        if amount is not None and not at.is_again:
            known = notes(order.terms.currency)
            asked = doubt_amount(register.formats, traits, known, amount, due_in(order, tender))
            if asked:
                raise AskedBackError(asked)
        shift = register.ledger.shift
        if amount is None:
            order = register.checkout.pay_exact(order.id, tender, slip=slip)
        else:
            order = register.checkout.pay(order.id, tender, amount, slip=slip)
        if order.status is Status.COMPLETED:
            sentence = register.answers.change(order, register.checkout.tenders.traits_of)
        else:
            sentence = _("{due} is still due.").format(due=register.formats.money(due_in(order)))
        return register.drawer.with_opening(sentence, shift)

    def _to_tab(self, intent: intents.ToTab, at: Sentence) -> str:
        """Save the order to a tab; without lines, recall that tab."""
        name = intent.name or ""
        if at.order is None or not at.order.is_in_use:
            return self._recall(intents.Recall(name), at)
        if is_unknown_table(name, self._register.venue) and not at.is_again:
            question = _("There is no {name} here. Enter again uses it anyway.")
            raise AskedBackError(question.format(name=shown_as(name, self._register.venue.tabs)))
        return counter.save_to_tab(self._register, at.order.id, name)

    def _recall(self, intent: intents.Recall, at: Sentence) -> str:
        register, name = self._register, intent.name or ""
        if at.order is not None and not at.order.is_empty:
            raise LineError(_("Pay or save this order first; then “recall” the other one."))
        tab = register.open_tabs.open_as(name, register.open_tabs.local())
        if tab is None:
            raise LineError(none_called(name, register.venue.tabs))
        if register.grants.must_ask(tab.session_id):
            raise TillError(
                _("{name} is on another till: recall it there.").format(name=capitalize_first(tab_name(tab.name)))
            )
        order = register.tabs.recall(tab.session_id, self._user)
        self._continue_with(order)
        return register.here(order, tab.name)

    def _mark(self, intent: intents.SoldOut, at: Sentence) -> str:
        return counter.mark(self._register, *meaning.mark_meant(intent, at.menu))

    #: The handler of each intent that needs no screen.
    _answers: ClassVar[dict[type[Any], Callable[..., str]]] = {
        intents.Choose: _which,
        intents.AddItem: _add,
        intents.KeyCombo: _combo,
        intents.AddAll: _add,
        intents.OneMore: _add_more,
        intents.OneLess: _one_less,
        intents.TakeOff: _take_off,
        intents.Wish: _note,
        intents.GiveFeedback: _feedback,
        intents.Discounted: _discount,
        intents.ShowMenu: _menu,
        intents.ShowCart: _cart,
        intents.GoToPay: _checkout,
        intents.PayCash: _pay_cash,
        intents.PayCard: _pay_other,
        intents.ToTab: _to_tab,
        intents.Recall: _recall,
        intents.SoldOut: _mark,
    }
