"""The errors that several subjects share, each with a default sentence. Others stand with their subject."""

from typing import ClassVar

from till.domain.advice import Advice
from till.domain.i18n import N_, _


class TillError(Exception):
    """The base class of errors, with a sentence for the person at the till."""

    #: A stable short name for programs. The sentence may be translated.
    code: ClassVar[str] = "refused"
    #: The sentence if the error is raised without one.
    default: ClassVar[str] = N_("That cannot be done here. The key bar shows what can.")

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or Advice(*map(_, Advice.of(self.default).parts)))

    @property
    def sentence(self) -> Advice:
        """The sentence for the user, with its remedy if that was given as one."""
        return Advice.of(self.args[0])


class AskedBackError(TillError):
    """A question to the user; nothing has changed. To confirm, the user makes the same entry again."""

    code = "asked_back"
    default = N_("Is that meant? Enter again confirms it.")


class AmountError(TillError):
    """An amount that cannot be read."""

    code = "amount"
    default = N_("That is not an amount. Type it like 12.50.")


class QuantityError(TillError):
    """A quantity out of bounds."""

    code = "quantity"
    default = N_("A quantity is a whole number from 1 to 9999.")


class NotOnMenuError(TillError):
    """An item that is not on the menu."""

    code = "not_on_menu"
    default = N_("That is not on the menu. Type “menu” to see it.")


class LineError(TillError):
    """A line that is not on the order, or cannot be changed this way."""

    code = "line"
    default = N_("There is no such line on this order.")


class OrderClosedError(TillError):
    """An order that is finished."""

    code = "order_closed"
    default = N_("This order is finished. The next line starts a new one.")


class PaymentError(TillError):
    """A payment that does not fit the order."""

    code = "payment"
    default = N_("That payment does not match the amount due.")


class RefundError(TillError):
    """A refund that is not allowed."""

    code = "refund"
    default = N_("That cannot be refunded. F10 shows the sale and its refunds.")


class ReasonNeededError(TillError):
    """An act that needs a reason."""

    code = "reason"
    default = N_("A reason is needed. Type a word or two.")


class NoTabError(TillError):
    """A tab that does not exist."""

    code = "tab"
    default = N_("Nothing is open there. F8 lists what is.")


class RightsError(TillError):
    """An act that needs a manager."""

    code = "rights"
    default = N_("That needs a manager.")


class LoginError(TillError):
    """A failed login."""

    code = "login"
    default = N_("Wrong number or PIN. Try again.")


class JournalError(TillError):
    """A failure to read or write the journal."""

    code = "journal"
    default = N_("This till cannot write to its disk. Call the manager.")


class EventError(TillError):
    """An event that cannot be read."""

    code = "event"
    default = N_("A record cannot be read.")


class MenuError(TillError):
    """A change of the menu that is not allowed."""

    code = "menu"
    default = N_("The menu was not changed.")


class ConfigError(TillError):
    """A configuration that cannot be used."""

    code = "config"
    default = N_("The configuration cannot be used.")


class StoreError(TillError):
    """A request that the database refused or failed."""

    code = "store"
    default = N_("The database refused that. Keep selling.")


class StoreAwayError(StoreError):
    """A database that cannot be reached."""

    code = "store_away"
    default = N_("Offline: keep selling. Try again once the light says saved.")


class NotHeldError(StoreAwayError):
    """An order that another till holds, while this till is offline."""

    code = "not_held"
    default = N_("Offline, and another till holds that order. Key it again.")
