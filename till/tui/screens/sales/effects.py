"""What the screen of past sales asks for, and what comes of it: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.refund.past import PastSale


class Ask(Struct, frozen=True):
    """Ask the server for sales: by what is typed, behind the order `after`."""

    text: str
    after: str | None = None


class OpenSale(Struct, frozen=True):
    """Open a sale of the list."""

    sale: PastSale


class GiveLeft(Struct, frozen=True):
    """Ask a manager; then give money back that an order left behind as it ended, or ask after it."""

    left: PastSale


class GoBack(Struct, frozen=True):
    """Go back to the order."""


class OpenSalesHelp(Struct, frozen=True):
    """Show the help of the screen."""


class AskRefund(Struct, frozen=True):
    """Ask why, and a manager; then give back what is marked. `exchange`: a new order follows."""

    exchange: bool = False


class AskCorrection(Struct, frozen=True):
    """Ask a manager; then put right what paid: the tender as it was typed."""

    tender: str


class SettleOpen(Struct, frozen=True):
    """Ask a manager; then answer a refund that waits: it was given, or not."""

    refund_id: str
    given: bool


class Scroll(Struct, frozen=True):
    """Move the copy of the receipt."""

    rows: int


SalesEffect = Ask | OpenSale | GiveLeft | GoBack | OpenSalesHelp | AskRefund | AskCorrection | SettleOpen | Scroll


class Found(Struct, frozen=True):
    """The server told sales; `behind` those that were known."""

    text: str
    sales: tuple[PastSale, ...]
    more: bool
    behind: bool


class Opened(Struct, frozen=True):
    """A sale is here to be looked at."""

    session_id: str
    receipt: str
    away: bool


class NotDone(Struct, frozen=True):
    """It was refused, or did not come; `away`: the server does not answer."""

    sentence: str
    away: bool = False


class Done(Struct, frozen=True):
    """It was done, and how that is said."""

    sentence: str


SalesHappening = Found | Opened | NotDone | Done
