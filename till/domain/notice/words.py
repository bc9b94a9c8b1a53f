"""The text of a notice: the facts, their consequence, and advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.events.envelope import read_time
from till.domain.events.registry import EventData
from till.domain.i18n import _, ngettext
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.domain.streams import REGISTRY
from till.domain.text import capitalize_first, clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.notice.notice import Notice, NoticeOrder
    from till.domain.venue import Venue


class NoticeText(Struct, frozen=True):
    """The text of a notice.

    Attributes:
        title: the subject, in about three words.
        detail: the person, the place and the time.
        happened: the facts, each with its time; the time may be empty.
        means: the consequence.
        wrong: the advice.
        sentence: the whole notice in one line, shown when it arrives.
    """

    title: str
    detail: str
    happened: tuple[tuple[str, str], ...]
    means: str
    wrong: str
    sentence: str


class Words:
    """A writer of the texts of notices.

    Args:
        venue: the venue, for the names of tills and the time zone.
        formats: the formats of amounts.
        name_of: returns the name of a person by staff number.
    """

    def __init__(self, venue: Venue, formats: Formats, name_of: Callable[[int], str]) -> None:
        self._venue = venue
        self._formats = formats
        self._name_of = name_of

    def say(self, notice: Notice) -> NoticeText:
        """Return the text of a notice. A notice of an unknown kind has a text that says so."""
        match notice.kind:
            case "rung_again":
                return self._rung_again(notice)
            case "tab_twice":
                return self._tab_twice(notice)
            case "refused":
                return self._refused(notice)
            case "paid_apart":
                return self._paid_apart(notice)
            case _:
                unknown = _("A newer server sent this notice. This till cannot read it.")
                return NoticeText(
                    _("Notice"), self._clock(notice.at), (), unknown, _("The manager's desk shows it."), unknown
                )

    def _rung_again(self, notice: Notice) -> NoticeText:
        other, own, copied = notice.data.order, notice.data.own, self._clock(notice.data.copied_at)
        holder, copier = notice.data.named, notice.data.second
        name = capitalize_first(self._tab(holder))
        where = self._till(other)
        both_paid = own.status == other.status == Status.COMPLETED
        return NoticeText(
            _("{name}, rung again").format(name=name),
            _("{who}, {time}").format(who=self._who(copier), time=self._clock(notice.at)),
            (
                (copied, _("{till} had its copy of {name}").format(till=self._till(copier), name=self._tab(holder))),
                (self._clock(notice.at), _("Both orders met at the server")),
                ("", _("Here: {order}").format(order=self._order(own))),
                ("", _("{till}: {order}").format(till=where, order=self._order(other))),
            ),
            self._state_of_two(own, other),
            self._paid_twice(holder, copier) if both_paid else self._other_way_out(own, other),
            _("{name} was rung again on {till}: there are two orders.").format(name=name, till=self._till(copier)),
        )

    def _state_of_two(self, own: NoticeOrder, other: NoticeOrder) -> str:
        """Return a sentence with the status of two orders under one name."""
        paid = [order for order in (own, other) if order.status == Status.COMPLETED]
        if not paid:
            return _("Two orders under one name. Both stay until one is discarded.")
        if len(paid) > 1:
            return _("Two orders under one name, and both are paid.")
        left, currency = other if paid == [own] else own, Currency(own.currency)
        due = self._formats.money(Minor(currency.minor(left.total) - currency.minor(left.paid)))
        sentence = _("{receipt} is paid; the other is open on {till}, {due} due.")
        return sentence.format(receipt=paid[0].receipt, till=self._till(left), due=due)

    def _paid_twice(self, first: NoticeOrder, copied: NoticeOrder) -> str:
        """Return the advice if both orders are paid: both tills name the same receipt, the smaller one with money.

        Both may have grown after the copy: only what is in both was paid twice.
        """
        refunded = {
            order.receipt: Currency(order.currency).minor(order.refunded) for order in (first, copied) if order.refunded
        }
        if refunded:
            sentence = _("{amount} of {receipt} is refunded. No more than both have.")
            if len(refunded) > 1:
                sentence = _("In all {amount} is refunded. No more than both have.")
            amount = self._formats.money(Minor(sum(refunded.values())))
            return sentence.format(amount=amount, receipt=next(iter(refunded)))
        totals = {order.receipt: Currency(order.currency).minor(order.total) for order in (copied, first)}
        receipt = min(totals, key=lambda one: (not totals[one], totals[one]))
        return _("Same guests? Refund what both have: F10, {receipt}.").format(receipt=receipt)

    def _other_way_out(self, own: NoticeOrder, other: NoticeOrder) -> str:
        """Return the advice if both orders are for the same guests."""
        if other.status == Status.COMPLETED:
            sentence = _("If {receipt} paid for these guests, recall and clear yours.")
            if own.has_money:
                sentence = _("If {receipt} is theirs, refund and clear yours.")
            return sentence.format(receipt=other.receipt)
        if other.has_money:
            sentence = _("{paid} is paid on {till}: recall it, refund it at Pay.")
            return sentence.format(paid=self._paid(other), till=self._till(other))
        return _("F7 discards the other order, on {till}.").format(till=self._till(other))

    def _tab_twice(self, notice: Notice) -> NoticeText:
        order, own = notice.data.order, notice.data.own
        first, second = notice.data.named, notice.data.second
        is_own = second is own
        name, other = self._tab(first), self._tab(second)
        by = self._venue.till_name(notice.data.by or (first if is_own else second).till)
        saver = self._venue.till_name(notice.till) if is_own else by
        advice = _("For one bill: F8, mark {name}, type “merge {other}”.")
        if order.has_money and own.has_money:  # which are not merged
            advice = _("For one bill: refund the part on {other}, then merge it.")
        return NoticeText(
            _("{name}, saved twice").format(name=capitalize_first(name)),
            _("{who}, {time}").format(who=self._who(second), time=self._clock(notice.at)),
            (
                (self._clock(notice.at), _("{till} saved a second order there").format(till=saver)),
                ("", _("Here: {order}").format(order=f"{self._tab(own)}, {self._order(own)}")),
                (
                    "",
                    _("{till}: {order}").format(
                        till=self._till(order), order=f"{self._tab(order)}, {self._order(order)}"
                    ),
                ),
            ),
            _("There are two orders: the second is now {other}.").format(other=other),
            advice.format(name=name, other=other),
            _("{till} already had {name}: your order is now {other}.").format(name=name, till=by, other=other)
            if is_own
            else _("{till} saved to {name} too: that order is {other}.").format(name=name, till=by, other=other),
        )

    def _refused(self, notice: Notice) -> NoticeText:
        """Return the text about an act that arrived too late. After a restore it may count: the advice fits both."""
        facts, order = notice.data, notice.data.order
        (title, late), name = (REGISTRY.find(facts.act) or EventData).late, self._tab(order)
        of = f"{facts.pieces or 1} × {clean(facts.item)}" if facts.item else name
        if facts.more:
            of = ngettext("{of} and {n} more change", "{of} and {n} more changes", facts.more).format(
                of=of, n=facts.more
            )
        if facts.own.session:
            why = _("{name} was added to {other}").format(name=name, other=self._tab(facts.own))
        elif order.status == Status.COMPLETED:
            why = _("{name} is paid").format(name=name)
        elif order.status == Status.DISCARDED:
            why = _("{name} was cleared").format(name=name)
        else:
            why = _("{till} has {name}").format(till=self._till(order), name=name)
        means, now = self._way_out(facts.own if facts.own.session else order, facts.act)
        sentence = capitalize_first(_(late).format(of=of, why=why))
        return NoticeText(
            _(title).format(name=capitalize_first(name)),
            _("{of}, {time}").format(of=of, time=self._clock(notice.at)),
            ((self._clock(notice.at), sentence),),
            means,
            now,
            f"{sentence} {now}",
        )

    def _way_out(self, order: NoticeOrder, act: str) -> tuple[str, str]:
        """Return the meaning of an act that came too late for an order, and what to do if it does not count."""
        if order.status == Status.COMPLETED and act == "order_discarded":  # no receipt shows a clearing
            means = _("Receipt {receipt} counts.").format(receipt=order.receipt)
            return means, _("Refund it with F10 only if its guests were not to pay.")
        if order.status == Status.COMPLETED:
            means = _("It counts only if receipt {receipt} shows it.").format(receipt=order.receipt)
            return means, _("If receipt {receipt} does not show it, refund it with F10.").format(receipt=order.receipt)
        if order.status == Status.DISCARDED:
            return _("It did not count."), _("There is nothing to do.")
        name = self._tab(order)
        means = _("It counts only if {name} shows it.").format(name=name)
        return means, _("If {name} does not show it, recall it and do it again.").format(name=name)

    def _paid_apart(self, notice: Notice) -> NoticeText:
        facts = notice.data
        names = {"name": self._tab(facts.own), "other": self._tab(facts.order)}
        names["paid"] = self._formats.money(Currency(facts.own.currency).minor(facts.amount))
        names["till"] = self._venue.till_name(facts.by)
        means = _("{name} does not count it.").format(**names)
        wrong = _("Take all of {name}. A manager refunds {paid}: Ctrl+O.").format(**names)
        taken = capitalize_first(_("{till} took {paid} for {other}, now on {name}.").format(**names))
        return NoticeText(
            _("{name}, money apart").format(name=capitalize_first(names["name"])),
            self._clock(notice.at),
            ((self._clock(notice.at), taken),),
            capitalize_first(means),
            wrong,
            f"{taken} {wrong}",
        )

    # Parts of a sentence.

    def _clock(self, at: str) -> str:
        return self._local(at).strftime("%H:%M") if at else ""

    def _local(self, at: str) -> datetime:
        return self._venue.local(read_time(at))

    def _tab(self, order: NoticeOrder) -> str:
        return tab_name(order.tab) or _("that order")

    def _till(self, order: NoticeOrder) -> str:
        return self._venue.till_name(order.till)

    def _who(self, order: NoticeOrder) -> str:
        return ", ".join(one for one in (self._till(order), clean(self._name_of(order.user))) if one)

    def _order(self, order: NoticeOrder) -> str:
        """Return a summary of an order: `2 lines, ₹80.00, paid 1-000123`, or `₹30.00 paid` while it is open."""
        lines = ngettext("{n} line", "{n} lines", order.lines).format(n=order.lines)
        parts = [lines, self.money(order)]
        if order.status == Status.COMPLETED:
            parts.append(_("paid {receipt}").format(receipt=order.receipt))
        elif order.has_money:
            parts.append(_("{paid} paid").format(paid=self._paid(order)))
        return ", ".join(part for part in parts if part)

    def _paid(self, order: NoticeOrder) -> str:
        return self._formats.money(Currency(order.currency).minor(order.paid))

    def money(self, order: NoticeOrder) -> str:
        """Return the formatted total of an order; empty if its currency is unknown."""
        if not order.currency:
            return ""
        return self._formats.money(Currency(order.currency).minor(order.total))
