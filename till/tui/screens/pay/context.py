"""The input of the pay screen's views and key bar: its facts, and what is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.paying import CASH
from till.register.payments.tenders import typed_ways
from till.register.quick_entry.intents import GiveTip, PayCard, PayCash
from till.register.quick_entry.language import payment_by_name, understand
from till.tui.screens.pay.state import due_by, next_back, typed_in
from till.tui.screens.pay.typed import TypedPayment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.order.state import Payment
    from till.ports import TenderTraits
    from till.register.quick_entry.slots import Intent
    from till.tui.screens.pay.state import PayFacts, PayState


class PayContext(Struct, frozen=True):
    """The input of the views: the facts, and what is typed.

    Attributes:
        typed: the entry line, parsed.
        given: the amount typed or in notes; zero if it is no amount.
        back: the payment that the next Enter gives back.
        intent: the payment or tip typed in words, if any.
    """

    facts: PayFacts
    typed: TypedPayment
    given: Minor
    back: Payment | None
    intent: PayCash | PayCard | GiveTip | None
    tip: Minor

    @property
    def tender(self) -> str:
        """The way to pay that is marked or named in words."""
        return self.intent.tender if isinstance(self.intent, PayCard) else self.typed.tender

    @property
    def is_other(self) -> bool:
        """True if it is not cash."""
        return self.tender != CASH

    @property
    def label(self) -> str:
        """The label."""
        return self.facts.tenders.label_of(self.tender)

    @property
    def in_words(self) -> str:
        """The name within a sentence."""
        return self.facts.tenders.in_words(self.tender)

    @property
    def is_asked(self) -> bool:
        """True if a terminal, gateway or server is asked to take it."""
        return self.facts.tenders.asked_of(self.tender) is not None

    @property
    def named_by(self) -> str:
        """The detail that the way to pay needs first: a voucher's code, or the customer."""
        return self.facts.tenders.traits_of(self.tender).named_by

    @property
    def due(self) -> Minor:
        """The amount due in that way, with the tip; cash is rounded."""
        return due_by(self.facts, self.tender, self.tip)

    @property
    def needs_drawer(self) -> bool:
        """True if it is kept in a drawer, and this till has none."""
        return bool(self.facts.tenders.why_no_drawer(self.tender))

    @property
    def is_tip(self) -> bool:
        """True if a tip is typed, so that the next Enter takes no money."""
        return self.typed.is_tip or isinstance(self.intent, GiveTip)

    @property
    def gives_change(self) -> bool:
        """True if the way to pay gives change."""
        return self.facts.tenders.traits_of(self.tender).gives_change

    @property
    def has_change(self) -> bool:
        """True if a payment that is not cash gives change."""
        return self.is_other and not self.is_tip and self.gives_change and 0 < self.due < self.given

    @property
    def has_due(self) -> bool:
        """True if the amount due is shown apart from the large figure."""
        if self.back is not None or self.is_tip or self.has_change:
            return True
        return not self.is_other and (self.given not in {NOTHING, self.due} or self.due < 0)

    @property
    def is_done(self) -> bool:
        """True if nothing is left to take and the next Enter only ends the sale."""
        has_input = self.given or self.is_other or self.is_tip or self.typed.words or self.back is not None
        return not self.due and not has_input

    @property
    def takes(self) -> Minor:
        """The amount that the next Enter takes, negative to refund: a part that is typed, else all that is due."""
        is_part = not self.is_tip and (0 < self.given < self.due or self.due < self.given < 0)
        return self.given if is_part else self.due

    @property
    def refund(self) -> Minor:
        """The amount that goes back because the order is owed less than nothing: all of it, or what is typed."""
        return Minor(-self.takes)

    @property
    def is_too_much(self) -> bool:
        """True if more is typed than is due in a way that gives no change, or than goes back. It is refused."""
        if self.due < 0:
            return self.given < self.due
        return self.is_other and not self.is_tip and not self.gives_change and 0 <= self.due < self.given

    @property
    def is_against(self) -> bool:
        """True if the amount typed has the opposite sign of the amount due. It is refused."""
        asks = self.given and not self.is_tip and self.back is None
        return bool(asks) and (not self.due or (self.given < 0) != (self.due < 0))

    @property
    def is_none(self) -> bool:
        """True if the text typed is neither an amount nor a payment in words."""
        return self.intent is None and bool(self.typed.words or self.typed.amount) and not self.given


def context_of(state: PayState, facts: PayFacts) -> PayContext:
    """Return the context of a state."""
    typed = typed_in(state, facts)
    meant = in_words(typed.words, facts) if typed.words else None
    intent = meant if isinstance(meant, PayCash | PayCard | GiveTip) else None
    tender_by_key = facts.tenders.by_key(typed.words[:1].lower()) if intent is None else None
    if tender_by_key is not None and tender_by_key.named_by == "code":
        typed = TypedPayment(tender_by_key.name, code=typed.words[1:])
    given = _given(typed, facts) if intent is None else intent.amount or NOTHING
    return PayContext(facts, typed, given, next_back(state, facts), intent, state.tip)


def _given(typed: TypedPayment, facts: PayFacts) -> Minor:
    if not typed.amount:
        return sum_of(typed.notes)
    try:
        return facts.formats.minor(typed.amount)
    except TillError:
        return NOTHING


def nothing_to_ask_for(facts: PayFacts, tender: str, tip: Minor) -> str:
    """Return why a tender moves no money: it needs a drawer, money goes back, or none is due; else empty.

    For money that goes back, the sentence names the keys that give it.
    """
    due = due_by(facts, tender, tip)
    if due and (why := facts.tenders.why_no_drawer(tender)):
        return why
    if due > 0 or _gives_back(facts, facts.tenders.traits_of(tender)):
        return ""
    if not due:
        return _("Nothing is due: Esc, then Enter ends the sale.")
    other = first_way(facts, due)
    words = _("{amount} goes back in cash: Esc, then Enter.")
    if other is not None:
        words = _("{amount} goes back: Esc, then Enter in cash. {key}: by {way}.")
    key, way = (other.key.upper(), facts.tenders.in_words(other.name)) if other is not None else ("", "")
    return words.format(amount=facts.formats.money(Minor(-due)), key=key, way=way)


def first_way(facts: PayFacts, due: Minor) -> TenderTraits | None:
    """Return the first way other than cash that has a key; for money that goes back, one that can give it."""
    return next((one for one in facts.tenders.offered if one.key and (due >= 0 or _gives_back(facts, one))), None)


def _gives_back(facts: PayFacts, traits: TenderTraits) -> bool:
    """Return True if a person gives money back in a tender by hand."""
    return not traits.named_by and facts.tenders.asked_of(traits.name) is None


def in_words(words: str, facts: PayFacts) -> Intent | None:
    """Return the meaning of words, as on the sell screen; None if they have none."""
    try:
        by_name = payment_by_name(words, facts.lookup, facts.formats, facts.tenders.named)
        return by_name or understand(words, facts.lookup, facts.formats)
    except TillError:
        return None


def ways_in_words(offered: Iterable[TenderTraits]) -> str:
    """Return the ways to pay here that can be typed in words, for a sentence."""
    *first, last = ("cash", *typed_ways(offered))
    return _("{ways} or {last}").format(ways=", ".join(first), last=last) if first else last


def words_shown(offered: Iterable[TenderTraits]) -> str:
    """Return examples of words that pay in a way other than cash, or tip."""
    return ", ".join([*(f"“{way} 50”" for way in typed_ways(offered)[:1]), "“tip 5”"])


def back_word(payment: Payment) -> str:
    """Return the word for undoing a payment: a negative one is taken back from the guest."""
    return _("Refund") if payment.amount > 0 else _("Take back")
