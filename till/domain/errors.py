"""The errors of the till, each with a default sentence for the user."""

from typing import ClassVar

from till.domain.advice import Advice
from till.domain.i18n import _, ngettext


class TillError(Exception):
    """The base class of errors, with a sentence for the person at the till."""

    #: A stable short name for programs. The sentence may be translated.
    code: ClassVar[str] = "refused"
    #: The sentence if the error is raised without one.
    default: ClassVar[str] = _("That cannot be done here. The key bar shows what can.")

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.default)

    @property
    def sentence(self) -> Advice:
        """The sentence for the user, with its remedy if that was given as one."""
        return Advice.of(self.args[0])


class AskedBackError(TillError):
    """A question to the user; nothing has changed. To confirm, the user makes the same entry again."""

    code = "asked_back"
    default = _("Is that meant? Enter again confirms it.")


class AmountError(TillError):
    """An amount that cannot be read."""

    code = "amount"
    default = _("That is not an amount. Type it like 12.50.")


class QuantityError(TillError):
    """A quantity out of bounds."""

    code = "quantity"
    default = _("A quantity is a whole number from 1 to 9999.")


class NotOnMenuError(TillError):
    """An item that is not on the menu."""

    code = "not_on_menu"
    default = _("That is not on the menu. Type “menu” to see it.")


class NotForSaleError(TillError):
    """An item that is not for sale now."""

    code = "not_for_sale"
    default = _("That is not for sale now. Type “menu” to see what is.")


class PriceNeededError(TillError):
    """An item with an open price, keyed without one."""

    code = "price_needed"
    default = _("That has an open price: type it after the name.")


class LineError(TillError):
    """A line that is not on the order, or cannot be changed this way."""

    code = "line"
    default = _("There is no such line on this order.")


class ChoiceError(TillError):
    """A choice that is not allowed."""

    code = "choice"
    default = _("That choice is not allowed.")


class NotChosenError(TillError):
    """A required choice that is still open."""

    code = "not_chosen"
    default = _("A choice on this order is still open. F2 asks.")


class AgeCheckError(TillError):
    """A required age check that is missing on the order.

    Attributes:
        years: the required age of the guest.
    """

    code = "age_check"

    def __init__(self, years: int) -> None:
        super().__init__(_("Sold from age {years}. Key it at the till, which asks.").format(years=years))
        self.years = years


class FeedbackError(TillError):
    """Feedback without a valid score or a paid order."""

    code = "feedback"
    default = _("A score is a digit from 1 to 5, for an order that was paid.")


class OrderClosedError(TillError):
    """An order that is finished."""

    code = "order_closed"
    default = _("This order is finished. The next line starts a new one.")


class OrderLockedError(TillError):
    """An order that was taken over on another till."""

    code = "order_locked"
    default = _("Taken over on another till. The lines keyed here are kept.")


class EmptyOrderError(TillError):
    """An order without lines to pay."""

    code = "empty_order"
    default = _("There are no lines to pay. Key an item first.")


class PaymentError(TillError):
    """A payment that does not fit the order."""

    code = "payment"
    default = _("That payment does not match the amount due.")


class NoMoneyError(TillError):
    """An act that moves money, at a till that takes none."""

    code = "no_money"
    default = _("This till takes no money.")


class RefundError(TillError):
    """A refund that is not allowed."""

    code = "refund"
    default = _("That cannot be refunded. F10 shows the sale and its refunds.")


class ShiftError(TillError):
    """An act on the drawer or the shift that is not allowed."""

    code = "shift"
    default = _("That cannot be done with the drawer now. F11 shows what can.")


class PrintError(TillError):
    """A paper that cannot be printed."""

    code = "print"
    default = _("No printer here: `till admin printers add` adds one.")


class KitchenError(TillError):
    """A ticket that cannot be written."""

    code = "kitchen"
    default = _("The kitchen has it all: nothing to send.")


class UnreadRecordError(TillError):
    """An order with a record that this till cannot read."""

    code = "unread_record"
    default = _("A record cannot be read. A manager can skip it, then pay.")


class ReasonNeededError(TillError):
    """An act that needs a reason."""

    code = "reason"
    default = _("A reason is needed. Type a word or two.")


class NoTabError(TillError):
    """A tab that does not exist."""

    code = "tab"
    default = _("Nothing is open there. F8 lists what is.")


class RightsError(TillError):
    """An act that needs a manager."""

    code = "rights"
    default = _("That needs a manager.")


class LoginError(TillError):
    """A failed login."""

    code = "login"
    default = _("Wrong number or PIN. Try again.")


class JournalError(TillError):
    """A failure to read or write the journal."""

    code = "journal"
    default = _("This till cannot write to its disk. Call the manager.")


class EventError(TillError):
    """An event that cannot be read."""

    code = "event"
    default = _("A record cannot be read.")


class OrderFaultError(TillError):
    """An error of the program in an order."""

    code = "order_fault"
    default = _("This till made a mistake with this order: call for help.")


class MenuError(TillError):
    """A change of the menu that is not allowed."""

    code = "menu"
    default = _("The menu was not changed.")


class ConfigError(TillError):
    """A configuration that cannot be used."""

    code = "config"
    default = _("The configuration cannot be used.")


class FiscalError(TillError):
    """An invoice that the country's law has no record for."""

    code = "fiscal"
    default = _("The law has no record for this invoice. Split the order.")


class StoreError(TillError):
    """A request that the database refused or failed."""

    code = "store"
    default = _("The database refused that. Keep selling.")


class HeldElsewhereError(StoreError):
    """An order that is open on another till."""

    code = "held_elsewhere"
    default = _("Another till has that order open. F5 or F8 takes it over.")


class RetiredError(StoreError):
    """A request of a journal that another journal has replaced."""

    code = "journal_retired"
    default = _("Another journal has replaced this one.")


class StoreAwayError(StoreError):
    """A database that cannot be reached."""

    code = "store_away"
    default = _("Offline: keep selling. Try again once the light says saved.")


class NotHeldError(StoreAwayError):
    """An order that another till holds, while this till is offline."""

    code = "not_held"
    default = _("Offline, and another till holds that order. Key it again.")


class NoAnswerError(StoreAwayError):
    """A request whose answer did not arrive."""

    code = "no_answer"
    default = _("No answer. Look again when the light says saved.")


class ActOutdatedError(StoreError):
    """A request based on a state that has changed since."""

    code = "act_outdated"
    default = _("Something has changed since. Look, then do it again.")


class BacklogError(StoreError):
    """A request that must wait until unsent records are sent."""

    code = "backlog"

    def __init__(self, records: int) -> None:
        sentence = ngettext(
            "Still sending {records} record: try again in a moment.",
            "Still sending {records} records: try again in a moment.",
            records,
        )
        super().__init__(sentence.format(records=f"{records:,}"))
