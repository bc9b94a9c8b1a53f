"""The tenders that a till offers: their traits and their providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import PaymentError
from till.domain.i18n import _, spoken
from till.domain.order.paying import CASH
from till.domain.payment.names import ACCOUNT, TENDER_NAMES, VOUCHER, in_words, tender_name
from till.domain.structs import replace
from till.ports import TenderTraits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.ports import Tender

#: The tender of a card terminal that is not connected to the till and is keyed by hand.
CARD: Final = "CARD"
#: The tender of a code that the guest scans to pay by phone.
UPI: Final = "UPI"

#: The timeout in seconds for the server's answer.
_SERVER_S: Final = 15.0

#: The traits of cash, which is counted in the drawer.
IN_CASH: Final = TenderTraits(
    name=CASH, label=TENDER_NAMES[CASH], key="", by_hand=True, gives_change=True, opens_drawer=True
)
#: The default tenders by hand, if the configuration names none (see `hands_in`).
BY_HAND: Final = (
    TenderTraits(name=CARD, label=TENDER_NAMES[CARD], key="c", by_hand=True),
    TenderTraits(name=UPI, label=TENDER_NAMES[UPI], key="u", by_hand=True),
)
#: The tenders with the venue's server as provider; they are not taken offline.
AT_SERVER: Final = (
    TenderTraits(
        name=VOUCHER, label=TENDER_NAMES[VOUCHER], key="v", needs_server=True, named_by="code", gives_up_s=_SERVER_S
    ),
    TenderTraits(
        name=ACCOUNT, label=TENDER_NAMES[ACCOUNT], key="h", needs_server=True, named_by="customer", gives_up_s=_SERVER_S
    ),
)


def hands_in(currency: str) -> tuple[TenderTraits, ...]:
    """Return the default tenders by hand of a venue: UPI only where the currency is the rupee."""
    return tuple(one for one in BY_HAND if one.name != UPI or currency == "INR")


def typed_ways(offered: Iterable[TenderTraits]) -> tuple[str, ...]:
    """Return the words for the offered tenders, except cash, that are typed with an amount: `card`, `UPI`."""
    return tuple(in_words(TENDER_NAMES[one.name]) for one in offered if one.name in {CARD, UPI})


def _words(traits: TenderTraits) -> set[str]:
    """Return the words for a tender as they are typed: its name, and its label in English and as it is shown."""
    return {one.casefold() for one in (traits.name, traits.label, _shown(traits).label)}


def _shown(traits: TenderTraits) -> TenderTraits:
    """Return the traits of a tender with its name as it is read here, by the person or on the paper of now.

    A name that the venue gave is the same in all languages; “(test)” behind it, if no real money moves, is translated.
    """
    is_own = traits.label != TENDER_NAMES.get(traits.name)
    label = traits.label if is_own else tender_name(traits.name)
    if traits.is_test:
        label = _("{label} (test)").format(label=label)
    return traits if label == traits.label else replace(traits, label=label)


class Tenders:
    """The tenders by name.

    Args:
        by_hand: tenders that a person records; a repeated name replaces the first.
        asked: tenders with a provider; they replace tenders by hand of the same name.
        order: the names in display order; without it, tenders by hand come first.
        cash_at: the till that takes the cash, if this one has no drawer; None if it has one.
    """

    def __init__(
        self,
        by_hand: Iterable[TenderTraits] = BY_HAND,
        asked: Iterable[Tender] = (),
        *,
        order: tuple[str, ...] = (),
        cash_at: int | None = None,
    ) -> None:
        self._cash_at = cash_at
        self._asked = {tender.traits.name: tender for tender in asked}
        named = {traits.name: traits for traits in by_hand}
        named |= {name: tender.traits for name, tender in self._asked.items()}
        rank = {name: place for place, name in enumerate(order)}
        offered = (one for one in named.values() if self.has_drawer or not one.opens_drawer)
        self._offered = tuple(sorted(offered, key=lambda one: rank.get(one.name, 0)))
        self._by_language: dict[str, tuple[TenderTraits, ...]] = {}
        # The server's are known before the server is reached: it gives their money back by itself.
        self._traits = {CASH: IN_CASH, **{traits.name: traits for traits in AT_SERVER}, **named}

    @property
    def offered(self) -> tuple[TenderTraits, ...]:
        """The tenders that this till takes, in display order."""
        if (found := self._by_language.get(language := spoken())) is None:  # the pay screen asks at every key
            found = self._by_language[language] = tuple(map(_shown, self._offered))
        return found

    @property
    def has_drawer(self) -> bool:
        """True if this till has a drawer."""
        return self._cash_at is None

    def why_no_drawer(self, name: str = CASH) -> str:
        """Return why a tender does not move here: it is kept in a drawer, and this till has none; else empty."""
        if self._cash_at is None or not self.traits_of(name).opens_drawer:
            return ""
        words = _("This till has no drawer. Till {till} takes {way}.")
        return words.format(till=self._cash_at, way=self.in_words(name))

    def check_drawer(self, name: str = CASH) -> None:
        """Refuse a tender that is kept in a drawer, if this till has none."""
        if why := self.why_no_drawer(name):
            raise PaymentError(why)

    def traits_of(self, name: str) -> TenderTraits:
        """Return the traits of a tender. A tender that is no longer configured is by hand, under its own name."""
        known = self._traits.get(name) or TenderTraits(
            name=name, label=TENDER_NAMES.get(name, name), key="", by_hand=True
        )
        return _shown(known)

    def label_of(self, name: str) -> str:
        """Return the display name of a tender."""
        return self.traits_of(name).label

    def in_words(self, name: str) -> str:
        """Return the name of a tender within a sentence: `card`, `UPI`."""
        return in_words(self.label_of(name))

    def by_way(self, name: str) -> str:
        """Return the tender in which money moves, within a sentence: `in cash`, `by card`."""
        return _("in cash") if name == CASH else _("by {way}").format(way=self.in_words(name))

    def called(self, typed: str) -> str:
        """Return the tender with a label or a name.

        Raises:
            PaymentError: there is none; the sentence lists the tenders by hand.
        """
        word = typed.casefold()
        for name, one in self._traits.items():
            if word in _words(one):
                return name
        known = ", ".join(sorted((in_words(one.label) for one in self.hands.values()), key=str.casefold))
        raise PaymentError(_("There is no way to pay “{typed}”. Type {known}.").format(typed=typed, known=known))

    def named(self, typed: str) -> str | None:
        """Return the offered tender with a label or a name; None if there is none."""
        word = typed.casefold()
        return next((one.name for one in self._offered if word in _words(one)), None)

    @property
    def hands(self) -> dict[str, TenderTraits]:
        """All offered tenders by hand, by name, and cash."""
        return {name: _shown(one) for name, one in self._traits.items() if one.by_hand}

    def taken_here(self, name: str) -> TenderTraits:
        """Return the traits of a tender that is taken without a screen."""
        self.check_drawer(name)
        traits = self.traits_of(name)
        if name != CASH and name not in {one.name for one in self._offered}:
            raise PaymentError(_("{way} is not accepted on this till.").format(way=traits.label))
        if not traits.by_hand:
            raise PaymentError(_("{way} needs the screen of a till. Nothing was taken.").format(way=traits.label))
        return traits

    def asked_of(self, name: str) -> Tender | None:
        """Return the provider of a tender; None if a person records it, or it is no longer configured."""
        return self._asked.get(name)

    @property
    def asked(self) -> Iterable[Tender]:
        """All providers."""
        return self._asked.values()

    def returned_by(self, name: str) -> Tender | None:
        """Return the provider that refunds a payment; None if a person or the server does."""
        tender = self.asked_of(name)
        return tender if tender is not None and tender.traits.can_refund and not tender.traits.needs_server else None

    def by_key(self, letter: str) -> TenderTraits | None:
        """Return the tender of a letter on the pay screen."""
        return next((traits for traits in self.offered if traits.key == letter), None)
