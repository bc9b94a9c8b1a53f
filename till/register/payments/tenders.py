"""The ways to pay that a till offers: what each is like, and who answers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.order.paying import CASH
from till.domain.payment.names import in_words, tender_name
from till.ports import TenderTraits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.ports import Tender

#: The tender of a card terminal that stands beside the till and is keyed by hand.
CARD: Final = "CARD"
#: A code that the guest scans and pays by phone.
UPI: Final = "UPI"

#: What was paid for before, and is kept at the server.
VOUCHER: Final = "VOUCHER"
#: A guest who pays later.
ACCOUNT: Final = "ACCOUNT"
#: A server that has the payment says so at once.
_SERVER_S: Final = 15.0

#: What is counted in the drawer.
IN_CASH: Final = TenderTraits(
    name=CASH, label=tender_name(CASH), key="", by_hand=True, gives_change=True, opens_drawer=True
)
#: What most have on day one, where the config names nothing else.
BY_HAND: Final = (
    TenderTraits(name=CARD, label=tender_name(CARD), key="c", by_hand=True),
    TenderTraits(name=UPI, label=tender_name(UPI), key="u", by_hand=True),
)
#: What the venue's server answers for; away from it they are not taken.
AT_SERVER: Final = (
    TenderTraits(
        name=VOUCHER, label=tender_name(VOUCHER), key="v", needs_server=True, named_by="code", gives_up_s=_SERVER_S
    ),
    TenderTraits(
        name=ACCOUNT, label=tender_name(ACCOUNT), key="h", needs_server=True, named_by="customer", gives_up_s=_SERVER_S
    ),
)


class Tenders:
    """Ways to pay by their names.

    Args:
        by_hand: those that a person says were paid; one that is named again takes the place of the first.
        asked: those that somebody else answers for, before any of the same name by hand.
        order: the names as they are offered; without any those by hand come first.
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
        """What a tender is like; one that no config names any more is by hand, under its own name."""
        return self._traits.get(name) or TenderTraits(name=name, label=tender_name(name), key="", by_hand=True)

    def label_of(self, name: str) -> str:
        """What people call a tender."""
        return self.traits_of(name).label

    def in_words(self, name: str) -> str:
        """The same within a sentence: `card`, `UPI`."""
        return in_words(self.label_of(name))

    def called(self, said: str) -> str:
        """The name of the tender that people call so, or that is named so.

        Raises:
            PaymentError: none is; those that are kept by hand are told.
        """
        word = said.casefold()
        for name, one in self._traits.items():
            if word in {one.label.casefold(), name.casefold()}:
                return name
        known = ", ".join(sorted((in_words(one.label) for one in self.hands.values()), key=str.casefold))
        raise PaymentError(_("“{said}” is no way to pay here. There are: {known}.").format(said=said, known=known))

    @property
    def hands(self) -> dict[str, TenderTraits]:
        """Cash, and all that are offered and that a person takes down, by name."""
        return {name: one for name, one in self._traits.items() if one.by_hand}

    def asked_of(self, name: str) -> Tender | None:
        """Who answers for a tender; None where a person does, or where nobody is named any more."""
        return self._asked.get(name)

    @property
    def asked(self) -> Iterable[Tender]:
        """All that somebody else answers for."""
        return self._asked.values()

    def returned_by(self, name: str) -> Tender | None:
        """Who is asked to give back what was paid so; None where a person does, or the server by what it is told."""
        tender = self.asked_of(name)
        return tender if tender is not None and tender.traits.can_refund and not tender.traits.needs_server else None

    def by_key(self, letter: str) -> TenderTraits | None:
        """The tender that a letter of the pay screen marks."""
        return next((traits for traits in self.offered if traits.key == letter), None)
