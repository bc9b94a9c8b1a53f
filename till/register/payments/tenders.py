"""The ways to pay that a till offers: their traits, and their providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.order.paying import CASH
from till.domain.payment.names import ACCOUNT, VOUCHER, in_words, tender_name
from till.ports import TenderTraits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.ports import Tender

#: The tender of a card terminal that is not connected to the till and is keyed by hand.
CARD: Final = "CARD"
#: A code that the guest scans and pays by phone.
UPI: Final = "UPI"

#: The timeout for the server's answer in seconds; it answers at once.
_SERVER_S: Final = 15.0

#: The traits of cash, which is counted in the drawer.
IN_CASH: Final = TenderTraits(
    name=CASH, label=tender_name(CASH), key="", by_hand=True, gives_change=True, opens_drawer=True
)
#: The default tenders by hand, if the configuration names none.
BY_HAND: Final = (
    TenderTraits(name=CARD, label=tender_name(CARD), key="c", by_hand=True),
    TenderTraits(name=UPI, label=tender_name(UPI), key="u", by_hand=True),
)
#: The tenders that the venue's server answers for; offline they are not taken.
AT_SERVER: Final = (
    TenderTraits(
        name=VOUCHER, label=tender_name(VOUCHER), key="v", needs_server=True, named_by="code", gives_up_s=_SERVER_S
    ),
    TenderTraits(
        name=ACCOUNT, label=tender_name(ACCOUNT), key="h", needs_server=True, named_by="customer", gives_up_s=_SERVER_S
    ),
)


def typed_ways(offered: Iterable[TenderTraits]) -> tuple[str, ...]:
    """Return the words for the offered ways beside cash that are typed with an amount: `card`, `UPI`."""
    return tuple(in_words(tender_name(one.name)) for one in offered if one.name in {CARD, UPI})


class Tenders:
    """Ways to pay by name.

    Args:
        by_hand: those that a person records; a repeated name replaces the first.
        asked: those with a provider, which come before any of the same name by hand.
        order: the names in the order of the offer; without it those by hand come first.
    """

    def __init__(
        self, by_hand: Iterable[TenderTraits] = BY_HAND, asked: Iterable[Tender] = (), *, order: tuple[str, ...] = ()
    ) -> None:
        self._asked = {tender.traits.name: tender for tender in asked}
        named = {traits.name: traits for traits in by_hand}
        named |= {name: tender.traits for name, tender in self._asked.items()}
        rank = {name: place for place, name in enumerate(order)}
        self.offered: tuple[TenderTraits, ...] = tuple(sorted(named.values(), key=lambda one: rank.get(one.name, 0)))
        self._traits = {CASH: IN_CASH, **named}

    def traits_of(self, name: str) -> TenderTraits:
        """Return the traits of a tender. One that no configuration names any more is by hand, under its own name."""
        return self._traits.get(name) or TenderTraits(name=name, label=tender_name(name), key="", by_hand=True)

    def label_of(self, name: str) -> str:
        """Return the name of a tender for people."""
        return self.traits_of(name).label

    def in_words(self, name: str) -> str:
        """Return the name of a tender within a sentence: `card`, `UPI`."""
        return in_words(self.label_of(name))

    def called(self, typed: str) -> str:
        """Return the tender of a label or a name.

        Raises:
            PaymentError: there is none; the sentence lists those that are kept by hand.
        """
        word = typed.casefold()
        for name, one in self._traits.items():
            if word in {one.label.casefold(), name.casefold()}:
                return name
        known = ", ".join(sorted((in_words(one.label) for one in self.hands.values()), key=str.casefold))
        raise PaymentError(_("There is no way to pay “{typed}”. Type {known}.").format(typed=typed, known=known))

    @property
    def hands(self) -> dict[str, TenderTraits]:
        """All offered tenders that a person records, by name, and cash."""
        return {name: one for name, one in self._traits.items() if one.by_hand}

    def taken_here(self, name: str) -> TenderTraits:
        """Return the traits of a tender that is taken without a screen.

        Raises:
            PaymentError: it is not offered, or somebody else is asked for the money.
        """
        traits = self.traits_of(name)
        if name != CASH and traits not in self.offered:
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
        """Return the provider that is asked to give a payment back; None if a person or the server does."""
        tender = self.asked_of(name)
        return tender if tender is not None and tender.traits.can_refund and not tender.traits.needs_server else None

    def by_key(self, letter: str) -> TenderTraits | None:
        """Return the tender with a letter of the pay screen."""
        return next((traits for traits in self.offered if traits.key == letter), None)
