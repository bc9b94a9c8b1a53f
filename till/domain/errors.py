"""Refusals. The docstring of each is the sentence that its reader sees by default."""

from typing import ClassVar


class TillError(Exception):
    """That cannot be done here. Look at the key bar for what can."""

    #: A short name that programs may rely on; the sentence may be translated.
    code: ClassVar[str] = "refused"

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or (self.__doc__ or "").strip())

    @property
    def sentence(self) -> str:
        """The sentence that a person reads."""
        return str(self.args[0])


class AmountError(TillError):
    """That is not an amount. Type digits, with a point before the smaller units: 12.50."""

    code = "amount"


class QuantityError(TillError):
    """A quantity is a whole number from 1 to 9999."""

    code = "quantity"


class NotOnMenuError(TillError):
    """That is not on the menu. Say "menu" for what there is."""

    code = "not_on_menu"


class NotForSaleError(TillError):
    """That is not for sale now. Say "menu" for what there is."""

    code = "not_for_sale"


class PriceNeededError(TillError):
    """That has an open price: type it after the name."""

    code = "price_needed"


class LineError(TillError):
    """There is no such line on this order."""

    code = "line"


class ChoiceError(TillError):
    """That choice is not allowed."""

    code = "choice"


class NotChosenError(TillError):
    """Something of this order is not chosen yet. F2 asks."""

    code = "not_chosen"


class AgeCheckError(TillError):
    """Look how old the guest is first.

    Attributes:
        years: so old the guest must be.
    """

    code = "age_check"

    def __init__(self, years: int) -> None:
        super().__init__(f"That is sold from {years} years on. Key it at the till, which asks.")
        self.years = years


class FeedbackError(TillError):
    """A score is a digit from 1 to 5, for an order that was paid."""

    code = "feedback"


class OrderClosedError(TillError):
    """This order is finished. The next line starts a new one."""

    code = "order_closed"


class OrderLockedError(TillError):
    """This order was taken over on another till. What was keyed here is kept."""

    code = "order_locked"


class EmptyOrderError(TillError):
    """There are no lines to pay. Key an item first."""

    code = "empty_order"


class PaymentError(TillError):
    """That payment does not fit what is due."""

    code = "payment"


class RefundError(TillError):
    """That cannot be given back. F10 shows what was sold, and what of it went back."""

    code = "refund"


class UnreadRecordError(TillError):
    """A record of this order does not read here. A manager looks at it and sets it aside; then it can be paid."""

    code = "unread_record"


class ReasonNeededError(TillError):
    """A reason is needed. Type a word or two."""

    code = "reason"


class NoTabError(TillError):
    """There is no such tab. F8 lists those that are open."""

    code = "tab"


class RightsError(TillError):
    """That needs a manager."""

    code = "rights"


class LoginError(TillError):
    """Wrong number or PIN. Try again."""

    code = "login"


class JournalError(TillError):
    """This till cannot write to its disk, so it has stopped selling. Free some space or call the manager."""

    code = "journal"


class EventError(TillError):
    """A record does not read as one of ours."""

    code = "event"


class OrderFaultError(TillError):
    """This till made a mistake with this order: it cannot be shown or paid here. All of it is kept: call for help."""

    code = "order_fault"


class MenuError(TillError):
    """The menu was not taken."""

    code = "menu"


class ConfigError(TillError):
    """The configuration cannot be used."""

    code = "config"


class StoreError(TillError):
    """The database did not do what was asked of it. Selling goes on here."""

    code = "store"


class HeldElsewhereError(StoreError):
    """Another till has that order open. F5 or F8 shows which, and takes it over."""

    code = "held_elsewhere"


class RetiredError(StoreError):
    """Another journal took the place of the one that asks: whoever has that one asks in its stead."""

    code = "journal_retired"


class StoreAwayError(StoreError):
    """The database cannot be reached. Selling goes on here; try again when the light says saved."""

    code = "store_away"


class NotHeldError(StoreAwayError):
    """Another till holds that order, and the network is down. Ring again what is wanted."""

    code = "not_held"


class NoAnswerError(StoreAwayError):
    """No answer. Look again when the light says saved."""

    code = "no_answer"


class ActOutdatedError(StoreError):
    """Something changed meanwhile: look, then do it again."""

    code = "act_outdated"


class BacklogError(StoreError):
    """This till is still sending what it wrote: try again in a moment."""

    code = "backlog"

    def __init__(self, records: int) -> None:
        super().__init__(f"Still sending {records:,} records: try again in a moment.")
