"""What a role may do by itself, and what a manager says yes to (design §13). The limits are settings of the venue."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec import Struct, field

from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.money.discount import share_of
from till.domain.money.measures import NOTHING, Millionths, Minor
from till.domain.staff.person import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.money.amount import Currency
    from till.domain.staff.person import Person

#: In the place of the names of acts: all of them.
ALL: Final = "all"
_WHOLE: Final = 1_000_000
_NONE, _TENTH, _HALF = Millionths(0), Millionths(100_000), Millionths(500_000)
_PERCENT: Final = re.compile(r"([0-9]{1,2}|100)(\.[0-9]{1,4})?")


class Act(StrEnum):
    """What not everybody may do. The name is what the settings and the log say."""

    #: A line is taken off, or an order cleared, after it was saved on a tab.
    VOID_SENT = "void_sent"
    #: More is taken off a price than the role's limits let.
    DISCOUNT = "discount"
    COMP = "comp"
    STAFF_MEAL = "staff_meal"
    #: A line has another price than the menu says.
    PRICE = "price"
    #: An item is sold out (86), or there again, at every till.
    SOLD_OUT = "sold_out"
    #: A sale is given back, whole or in part.
    REFUND = "refund"
    #: A payment that somebody else took is given back.
    GIVE_BACK = "give_back"
    #: The tender of a sale is corrected.
    TENDER = "tender"
    #: A payment whose outcome is unknown is settled by hand.
    SETTLE = "settle"
    #: The order of another user is taken over.
    TAKE_OVER = "take_over"
    #: An order is paid without a record that does not read.
    SET_ASIDE = "set_aside"


#: What a PIN is asked for whoever is logged in, a manager too; the settings say who may approve it.
ASKED_ALWAYS: Final = frozenset({Act.GIVE_BACK, Act.SET_ASIDE})

#: The acts in words.
ACTS_IN_WORDS: Final[Mapping[str, str]] = {
    Act.VOID_SENT: _("take off after it was sent"),
    Act.DISCOUNT: _("discount"),
    Act.COMP: _("on the house"),
    Act.STAFF_MEAL: _("staff meal"),
    Act.PRICE: _("another price"),
    Act.SOLD_OUT: _("sell an item out, or back"),
    Act.REFUND: _("refund"),
    Act.GIVE_BACK: _("give money back"),
    Act.TENDER: _("correct how it was paid"),
    Act.SETTLE: _("settle an unknown payment"),
    Act.TAKE_OVER: _("take over an order"),
    Act.SET_ASIDE: _("set a record aside"),
}


class Asked(NamedTuple):
    """What somebody wants to do.

    Attributes:
        act: which.
        amount: the money that it moves or takes off, if any.
        of: what it is taken off; a discount is held against that.
        grows: whether it is off what is keyed later too, a percentage of the whole order: a share alone can limit that.
    """

    act: Act
    amount: Minor | None = None
    of: Minor = NOTHING
    grows: bool = False


class Limits(Struct, frozen=True):
    """What a role may do.

    Attributes:
        may: the acts without any limit.
        share: so much of a price may be taken off by a discount.
        amount: so much may be taken off whatever the price is, by what does not grow; the greater of the two counts.
    """

    may: frozenset[Act] = frozenset()
    share: Millionths = _NONE
    amount: Minor = NOTHING

    def allow(self, asked: Asked) -> bool:
        """Whether the role may do that without asking."""
        if asked.act in self.may:
            return True
        off = abs(asked.amount or 0)
        most = share_of(Minor(abs(asked.of)), self.share)
        return asked.act is Act.DISCOUNT and off <= (most if asked.grows else max(most, self.amount))


class Rights(Struct, frozen=True):
    """What each role of a venue may do; an admin may do everything.

    Attributes:
        meal: what a staff meal takes off a price.
    """

    cashier: Limits = field(default_factory=lambda: Limits(share=_TENTH))
    manager: Limits = field(default_factory=lambda: Limits(may=frozenset(Act)))
    meal: Millionths = _HALF

    def allow(self, role: Role, asked: Asked) -> bool:
        """Whether who has the role may do that without asking."""
        match role:
            case Role.ADMIN:
                return True
            case Role.MANAGER:
                return self.manager.allow(asked)
            case Role.CASHIER:
                return self.cashier.allow(asked)


class Approval(Struct, frozen=True):
    """Somebody who may said yes to one act, by number and PIN. It serves once."""

    asked: Asked
    by: Person


def read_rights(body: Mapping[str, Any], currency: Currency) -> Rights:
    """The rights in the settings of a venue; what they do not say is as `Rights` has it.

    Raises:
        ConfigError: a setting makes no sense.
    """
    usual = Rights()
    return Rights(
        cashier=_read_limits(body, "cashier", usual.cashier, currency),
        manager=_read_limits(body, "manager", usual.manager, currency),
        meal=_share(body, "staff_meal_percent", usual.meal),
    )


def _read_limits(body: Mapping[str, Any], role: str, usual: Limits, currency: Currency) -> Limits:
    may, amount = body.get(f"{role}_may"), body.get(f"{role}_discount_amount")
    return Limits(
        may=usual.may if may is None else read_acts(f"{role}_may", str(may)),
        share=_share(body, f"{role}_discount_percent", usual.share),
        amount=usual.amount if amount is None else currency.minor(str(amount)),
    )


def read_acts(key: str, text: str) -> frozenset[Act]:
    """The acts that a setting names, apart by spaces or commas.

    Raises:
        ConfigError: one of them is none.
    """
    named = text.replace(",", " ").split()
    if named == [ALL]:
        return frozenset(Act)
    for name in named:
        if name not in {act.value for act in Act}:
            sentence = _("{key}: there is no “{name}”. Name some of {acts}; or all.")
            raise ConfigError(sentence.format(key=key, name=name[:40], acts=", ".join(Act)))
    return frozenset(Act(name) for name in named)


def _share(body: Mapping[str, Any], key: str, usual: Millionths) -> Millionths:
    said = body.get(key)
    if said is None:
        return usual
    if not _PERCENT.fullmatch(str(said)) or (share := int(Decimal(str(said)) * 10_000)) > _WHOLE:
        raise ConfigError(_("{key} is a percentage from 0 to 100, such as 10.").format(key=key))
    return Millionths(share)
