"""The sentences of the till's answers: what happened, then the total."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.advice import Advice
from till.domain.i18n import _, ngettext
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.naming import tab_name
from till.domain.order.numbering import called_words
from till.domain.order.paying import CASH, cash_change, due_in
from till.domain.order.tearing import torn_by
from till.domain.payment.movement import PaymentState
from till.domain.payment.names import ACCOUNT, in_words, tender_name
from till.domain.text import capitalize_first, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.money.measures import Thousandths
    from till.domain.money.settling import PaidRounding
    from till.domain.order.line import Line, Row
    from till.domain.order.state import Order, Payment
    from till.ports import TenderTraits


def as_sentence(words: str) -> str:
    """Return words as a sentence, with a full stop."""
    return words if words.endswith((".", "!", "?", "।")) else _("{words}.").format(words=words)


class Answers:
    """Sentences in the money of the venue.

    Args:
        formats: the formats of amounts.
        rounding: the rule for rounding an amount to pay; None if the venue has none.
    """

    def __init__(self, formats: Formats, rounding: PaidRounding | None = None) -> None:
        self.formats = formats
        self._bill = rounding if rounding is not None and rounding.bill else None

    def total(self, order: Order) -> str:
        """Return `Total ₹240.00.`; once a part is paid, `₹140.00 is due.`"""
        if order.paid and (due := self.due(order.total, order.paid)) >= 0:
            return _("{due} is due.").format(due=self.formats.money(due))
        return _("Total {total}.").format(total=self.formats.money(order.total))

    def added(self, order: Order, name: str, quantity: int, measure: Thousandths | None = None, unit: str = "") -> str:
        """Return `Added 1 × Masala Dosa. Total ₹240.00.`; for a weighed item `Added 0.335 kg × Cheese.`"""
        if measure is None:
            return self.added_all(order, [(name, quantity)])
        sentence = _("{measure} × {name} returned.") if quantity < 0 else _("Added {measure} × {name}.")
        return f"{sentence.format(measure=self.formats.measure(measure, unit), name=name)} {self.total(order)}"

    def added_all(self, order: Order, keyed: Sequence[tuple[str, int]]) -> str:
        """Return `Added 2 × Tea, 1 × Filter Coffee. Total ₹70.00.`; `keyed` is each name with its quantity."""
        one = _("{quantity} × {name}")
        came = ", ".join(one.format(quantity=quantity, name=name) for name, quantity in keyed if quantity > 0)
        back = ", ".join(one.format(quantity=-quantity, name=name) for name, quantity in keyed if quantity < 0)
        parts = [_("Added {pieces}.").format(pieces=came)] if came else []
        parts += [_("{pieces} returned.").format(pieces=back)] if back else []
        return " ".join([*parts, self.total(order)])

    def changed(self, order: Order, row: Row) -> str:
        """Return `Now 3 × Idly. Total ₹160.00.`"""
        measure = row.first.measure
        quantity = row.quantity if measure is None else self.formats.measure(measure, row.first.unit)
        sentence = _("Now {quantity} × {name}.").format(quantity=quantity, name=row.first.name)
        return f"{sentence} {self.total(order)}"

    def voided(self, order: Order, row: Row) -> str:
        """Return `Void: 2 × Idly. Ctrl+Z undoes it. Total ₹80.00.`"""
        sentence = _("Void: {quantity} × {name}. Ctrl+Z undoes it.")
        return f"{sentence.format(quantity=row.quantity, name=row.first.name)} {self.total(order)}"

    def undone(self, order: Order, keyed: Sequence[Line]) -> str:
        """Return `Undone: 1 × Tea, 0.250 kg × Cheese. Total ₹80.00.`; `keyed` are the lines as they were."""
        pieces = (
            str(one.quantity) if one.measure is None else self.formats.measure(one.measure, one.unit) for one in keyed
        )
        named = ", ".join(f"{count} × {clean(one.name)}" for count, one in zip(pieces, keyed, strict=True))
        return f"{_('Undone: {lines}.').format(lines=named)} {self.total(order)}"

    def restored(self, order: Order, name: str) -> str:
        """Return `Idly is back. Total ₹80.00.`"""
        return f"{_('{name} is back.').format(name=name)} {self.total(order)}"

    def full_price(self, order: Order) -> str:
        """Return `The discount is off. Total ₹80.00.`"""
        return f"{_('The discount is off.')} {self.total(order)}"

    def noted(self, row: Row) -> str:
        """Return `Noted on 2 × Idly: no onion.`"""
        piece = {"quantity": row.quantity, "name": row.first.name}
        if not row.first.note:
            return _("Nothing is noted on {quantity} × {name} now.").format(**piece)
        return _("Noted on {quantity} × {name}: {note}.").format(**piece, note=clean(row.first.note))

    def chosen(self, order: Order, row: Row) -> str:
        """Return `1 × Masala Dosa: hot, cheese. ₹110.00. Total ₹240.00.`"""
        first = row.first
        parts = [one.name for one in first.modifiers] + ([first.note] if first.note else [])
        piece = {"quantity": row.quantity, "name": first.name, "amount": self.formats.money(row.amount)}
        if not parts:
            sentence = _("Nothing is noted on {quantity} × {name} now: {amount}.").format(**piece)
        else:
            words = clean(", ".join(parts))
            sentence = _("{quantity} × {name}: {words}. {amount}.").format(**piece, words=words)
        return f"{sentence} {self.total(order)}"

    def priced(self, order: Order, row: Row) -> str:
        """Return `2 × Idly at ₹35.00 each, was ₹40.00. Total ₹70.00.`"""
        first = row.first
        sentence = _("{quantity} × {name} at {price} each, was {was}.").format(
            quantity=row.quantity,
            name=first.name,
            price=self.formats.price(first.price4),
            was=self.formats.price(first.usual_price4),
        )
        return f"{sentence} {self.total(order)}"

    def torn(self, order: Order, leaving: Mapping[str, int]) -> str:
        """Return the combos that pieces of lines tear if they leave, or get a price of their own; empty for none."""
        if (found := torn_by(order, leaving)) is None:
            return ""
        names, more = found
        sentence = ngettext(
            "{combos} is torn: the others cost {more} more.",
            "{combos} are torn: the others cost {more} more.",
            len(names),
        )
        return sentence.format(combos=", ".join(map(clean, names)), more=self.formats.amount(more))

    def order_noted(self, order: Order) -> str:
        """Return `Noted: for Asha`"""
        return _("Noted: {words}").format(words=clean(order.note)) if order.note else _("The note is off.")

    @staticmethod
    def feedback(order: Order) -> str:
        """Return `Thank you: 5 of 5, “lovely dosa”.`"""
        if order.feedback is None:
            return ""
        score, words = order.feedback.score, order.feedback.words
        if not words:
            return _("Thank you: {score} of 5.").format(score=score)
        return _("Thank you: {score} of 5, “{words}”.").format(score=score, words=clean(words))

    def size(self, order: Order) -> str:
        """Return `2 lines, ₹160.00`; of a sale with what was to pay, which may be rounded."""
        total = order.total
        if (sold := order.placed) is not None:
            minor = order.terms.currency.minor
            total = Minor(minor(sold.data.total) + minor(sold.data.rounding))
        return self.counted(len(order.priced.rows), total)

    def named(self, order: Order) -> str:
        """Return `Card 20:11, 2 lines, ₹240.00`, with the tab if it is on one."""
        called = f"{tab_name(order.tab.name)}, " if order.tab is not None else ""
        return f"{called}{self.size(order)}"

    def due(self, total: Minor, paid: Minor) -> Minor:
        """Return the amount due, rounded as Pay does if a part is paid; negative if the guests get money back."""
        due = Minor(total - paid)
        return Minor(due + self._bill.of(due)) if self._bill is not None and paid else due

    def counted(self, lines: int, total: Minor, paid: Minor = NOTHING) -> str:
        """Return the size of an order, and what is due if a part is paid."""
        due = self.due(total, paid)
        counted = ngettext("{lines} line", "{lines} lines", lines).format(lines=lines)
        money = self.formats.money
        if not paid:
            return f"{counted}, {money(due)}"
        rest = _("{amount} due").format(amount=money(due))
        if due < 0:
            rest = _("{amount} to give back").format(amount=money(Minor(-due)))
        return f"{counted}, {rest}, {_('{paid} paid').format(paid=money(paid))}"

    def here(self, order: Order, tab: str = "") -> str:
        """Return `Your order is here: 2 lines, ₹160.00. ₹60.00 of it is paid.`, and a payment under way.

        With `tab`, the sentence begins with the name of the tab.
        """
        name = capitalize_first(tab_name(tab)) if tab else _("Your order")
        sentence = _("{name} is here: {size}.").format(name=name, size=self.size(order))
        if order.paid:
            sentence = f"{sentence} {_('{amount} of it is paid.').format(amount=self.formats.money(order.paid))}"
        if (payment := order.pending_payment) is not None:
            words = _("A payment of {amount} has no answer yet: Pay shows it.")
            if payment.going_back is not None:
                words = _("A refund of {amount} has no answer yet: Pay shows it.")
            sentence = f"{sentence} {words.format(amount=self.formats.money(payment.amount))}"
            if payment.tip_asked:
                sentence = f"{sentence} {_('{tip} of it is a tip.').format(tip=self.formats.money(payment.tip_asked))}"
        return sentence

    def last_sale(
        self, order: Order, traits_of: Callable[[str], TenderTraits], local: Callable[[datetime], datetime]
    ) -> str:
        """Return `The last sale, 1-000012 at 09:48: Paid ₹80.00. Change ₹20.00.`; `local` returns the venue's clock."""
        if order.placed is None:
            return ""
        sentence = _("The last sale, {receipt} at {time}: {paid}")
        time, receipt = local(order.placed.at).strftime("%H:%M"), order.placed.data.receipt
        return sentence.format(receipt=receipt, time=time, paid=self.change(order, traits_of))

    def last_given_back(
        self, order: Order, payment: Payment, way: TenderTraits, local: Callable[[datetime], datetime]
    ) -> str:
        """Return `Last, table 5 at 09:48: Refunded ₹5.00.`, or the change of a part; `local` as above."""
        sentence = _("Last, at {time}: {refunded}") if order.tab is None else _("Last, {name} at {time}: {refunded}")
        name = tab_name(order.tab.name) if order.tab is not None else ""
        time = local(payment.at).strftime("%H:%M")
        refunded = self.given_back(payment, way)
        if payment.is_paid_out:
            amount = self.formats.money(Minor(-payment.amount))
            refunded = _("{way}: {amount} refunded.").format(way=way.label, amount=amount)
        elif payment.state is PaymentState.APPROVED:
            refunded = self.change_of(payment)
        return sentence.format(name=name, time=time, refunded=refunded)

    def found(self, closed_at: datetime, orders: Sequence[Order]) -> Advice:
        """Return the sentence of the first screen after a crash; `closed_at` is on the venue's clock."""
        closed = _("This till closed unexpectedly at {time}.").format(time=closed_at.strftime("%H:%M"))
        if not orders:
            return Advice(closed, _("No order was open."))
        if len(orders) == 1:
            size = self.counted(len(orders[0].priced.rows), orders[0].total, orders[0].paid)
            return Advice(closed, _("1 order was open: {size}. It is here.").format(size=size))
        # not netted: one guest may owe while another gets money back
        size = self.counted(sum(len(one.priced.rows) for one in orders), sum_of(one.total for one in orders))
        if paid := sum_of(one.paid for one in orders):
            size = f"{size}, {_('{paid} paid').format(paid=self.formats.money(paid))}"
        sentence = _("{count} orders were open: {size}. They are here.")
        return Advice(closed, sentence.format(count=len(orders), size=size))

    def change(self, order: Order, traits_of: Callable[[str], TenderTraits]) -> str:
        """Return `Paid ₹240.00. Change ₹260.00.`: the amount taken with its tip, the change, the rest of a voucher.

        For cash without change it is `Paid ₹240.00, exact.` Money paid out is named instead of the change; by a
        card that was keyed by hand, it has to be refunded there too.
        """
        approved = [p for p in order.payments.values() if p.state is PaymentState.APPROVED]
        given_back = approved[-1].change if approved else NOTHING  # guests have the change of earlier parts already
        out = Minor(-sum(p.amount for p in approved if p.amount < 0))
        refunded = _("Refunded {total}.").format(total=self.formats.money(out))
        way = traits_of(approved[-1].tender) if out else None
        if way is not None and not (way.opens_drawer or way.needs_server or approved[-1].back_by):
            sentence = _("Refunded {total}: refund it by {tender} too.")
            refunded = sentence.format(total=self.formats.money(out), tender=in_words(way.label))
        if order.paid < 0:
            return refunded
        is_exact = bool(approved) and approved[-1].tender == CASH and not given_back and approved[-1].amount > 0
        words = _("Paid {total}, exact.") if is_exact else _("Paid {total}.")
        if order.tips:
            words = _("Paid {total}, including a tip of {tip}.")
            if is_exact:
                words = _("Paid {total}, exact, including a tip of {tip}.")
        taken = self.formats.money(Minor(order.paid + order.tips))
        paid = words.format(total=taken, tip=self.formats.money(order.tips))
        parts = [as_sentence(called_words(order)), paid] if order.called else [paid]
        parts += [self.taken_beyond(one, traits_of(one.tender).label) for one in approved if one.over]
        if approved and approved[-1].amount < 0:
            parts.append(refunded)
        elif given_back:
            parts.append(self.change_of(approved[-1]))
        kept = next((one for one in reversed(approved) if one.balance is not None), None)
        if kept is not None and kept.balance is not None:
            is_account = kept.tender == ACCOUNT
            left = _("{amount} is left on the account.") if is_account else _("{amount} is left on the voucher.")
            parts.append(left.format(amount=self.formats.money(kept.balance)))
        return " ".join(parts)

    def paid_by_answer(self, order: Order) -> str:
        """Return `Answer received: table 5 is paid. Tip ₹5.00. Number 12.` of an order that was not on the screen."""
        parts = [_("Answer received: {order} is paid.").format(order=self.named(order))]
        if order.tips:
            parts.append(_("Tip {tip}.").format(tip=self.formats.money(order.tips)))
        if order.called:
            parts.append(as_sentence(called_words(order)))
        return " ".join(parts)

    def change_of(self, payment: Payment) -> str:
        """Return `Change ₹15.00.`"""
        return _("Change {change}.").format(change=self.formats.money(payment.change))

    def money_of(self, payment: Payment) -> str:
        """Return `Change ₹15.00.`, `₹150.00 was taken.`, or `₹40.00 was refunded.` of money that was paid out."""
        if payment.change:
            return self.change_of(payment)
        sentence = _("{amount} was refunded.") if payment.is_paid_out else _("{amount} was taken.")
        return sentence.format(amount=self.formats.money(Minor(abs(payment.amount))))

    def part_paid(self, order: Order) -> str:
        """Return `Change ₹15.00. Tip ₹5.00. ₹160.00 is still due.` after a guest's part, the newest payment."""
        money, newest, parts = self.formats.money, order.last_taken, list[str]()
        if newest is not None and newest.tip:
            parts.append(_("Tip {tip}.").format(tip=money(newest.tip)))
        if newest is not None and newest.balance is not None:
            way, left = tender_name(newest.tender), money(newest.balance)
            parts.append(_("{way}: {left} left.").format(way=way, left=left))
        if newest is not None and newest.over:
            parts.append(self.taken_beyond(newest, tender_name(newest.tender)))
        parts = parts or [_("Paid.")]
        if newest is not None and newest.change:
            parts.insert(0, self.change_of(newest))
        return " ".join([*parts, _("{due} is still due.").format(due=money(due_in(order)))])

    def taken_beyond(self, payment: Payment, way: str) -> str:
        """Return `Card took ₹99.00, not ₹52.00: ₹47.00 too much.`"""
        taken = Minor(payment.settles + payment.over)
        money = self.formats.money
        sentence = _("{way} took {taken}, not {asked}: {over} too much.")
        return sentence.format(way=way, taken=money(taken), asked=money(payment.settles), over=money(payment.over))

    def given_back(self, payment: Payment, way: TenderTraits) -> str:
        """Return `Refunded ₹22.00.`; for a card that was keyed by hand, ask for a refund by card too.

        A negative amount is taken from the guest, and so is the change of a tender other than cash. The server refunds
        its own tenders, and a terminal what it returned itself, so the cashier must not refund them again.
        """
        amount = self.formats.money(Minor(abs(payment.amount)))
        if change := cash_change(payment):
            sentence = _("Returned {tendered}, took back {change} change.")
            tendered = self.formats.money(Minor(payment.amount + change))
            return sentence.format(tendered=tendered, change=self.formats.money(change))
        if way.needs_server or payment.back_by:
            return _("{way}: {amount} refunded.").format(way=way.label, amount=amount)
        if not way.opens_drawer:
            sentence = _("{amount} is off this order: refund it by {tender} too.")
            return sentence.format(amount=amount, tender=in_words(way.label))
        sentence = _("Refunded {amount}.") if payment.amount > 0 else _("Taken back: {amount}.")
        return sentence.format(amount=amount)

    def not_asked_here(self, payment: Payment, till: str, key: str) -> str:
        """Return `₹22.00 is being refunded on Till 2. Tab settles it here.`"""
        sentence = _("{amount} is being refunded on {till}. {key} settles it here.")
        return sentence.format(amount=self.formats.money(payment.amount), till=till, key=key)

    def went_back(self, payment: Payment, way: str) -> str:
        """Return `Card: ₹22.00 refunded.`, the outcome of asking a provider to return a payment.

        `way` is the label of its tender.
        """
        amount = self.formats.money(payment.amount)
        if payment.state is PaymentState.VOIDED:
            return _("{way}: {amount} refunded.").format(way=way, amount=amount)
        why = as_sentence((payment.returns[-1].reason if payment.returns else "") or _("declined"))
        return _("{way}: {why} {amount} was not refunded.").format(way=way, why=why, amount=amount)

    def answered(self, order: Order, payment: Payment, way: str) -> str:
        """Return the outcome of a charge or its return for an order that is not paid yet; `way` is the tender's label.

        `Not paid: Card 20:11, 2 lines, ₹240.00. Card: no cover.`
        """
        which = self.named(order)
        if payment.returns:
            return _("Answer received: {outcome}").format(outcome=self.went_back(payment, way))
        due = self.formats.money(due_in(order))
        if payment.state is PaymentState.APPROVED:
            sentence = _("{way}: {amount} taken. Still due: {due} of {order}.")
            return sentence.format(way=way, amount=self.formats.money(payment.amount), due=due, order=which)
        why = as_sentence(payment.reason or _("declined"))
        if order.paid:
            sentence = _("{way}: {why} Still due: {due} of {order}.")
            return sentence.format(way=way, why=why, due=due, order=which)
        return _("Not paid: {order}. {way}: {why}").format(order=which, way=way, why=why)

    @staticmethod
    def logged_in_too(tills: Sequence[str]) -> str:
        """Return `You are logged in on Till 2 too.`"""
        return _("You are logged in on {tills} too.").format(tills=", ".join(tills))

    @staticmethod
    def differs(order: Order, way: str) -> str:
        """Return a sentence on a sale that its provider contradicted since; `way` is the label of its tender."""
        receipt = order.placed.data.receipt if order.placed is not None else ""
        return _("{receipt}: the answers for {way} differ. Ask a manager.").format(receipt=receipt, way=in_words(way))
