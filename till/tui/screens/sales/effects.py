"""Effects that the screen of past sales asks for, and the events that report their outcome: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.refund.past import PastSale


class Ask(Struct, frozen=True):
    """Ask the server for sales matching a text, after the order `after` in the list."""

    text: str
    after: str | None = None


class OpenSale(Struct, frozen=True):
    """Open a sale of the list."""

    sale: PastSale


class GiveLeft(Struct, frozen=True):
    """Give back money that an ended order left behind, with a manager's approval; or ask about a refund under way."""

    left: PastSale


class GoBack(Struct, frozen=True):
    """Go back to the order."""


class OpenSalesHelp(Struct, frozen=True):
    """Show the help of the screen."""


class AskRefund(Struct, frozen=True):
    """Ask for a reason and a manager, then refund what is marked. With `exchange` a new order follows."""

    exchange: bool = False


class AskCorrection(Struct, frozen=True):
    """Ask a manager, then correct what the sale was paid by; `tender` is as typed."""

    tender: str


class SettleOpen(Struct, frozen=True):
    """Ask a manager, then settle a refund without an answer as given or not given."""

    refund_id: str
    given: bool


class Scroll(Struct, frozen=True):
    """Scroll the paper by a number of rows."""

    rows: int


SalesEffect = Ask | OpenSale | GiveLeft | GoBack | OpenSalesHelp | AskRefund | AskCorrection | SettleOpen | Scroll


class Found(Struct, frozen=True):
    """The server returned sales; `behind` is true if they continue the list."""

    text: str
    sales: tuple[PastSale, ...]
    more: bool
    behind: bool


class Opened(Struct, frozen=True):
    """A sale was loaded; `away` is true if the server does not answer."""

    session_id: str
    receipt: str
    away: bool


class NotDone(Struct, frozen=True):
    """An act was refused or failed; `away` is true if the server does not answer."""

    sentence: str
    away: bool = False


class Done(Struct, frozen=True):
    """An act is done; `sentence` says so."""

    sentence: str


SalesHappening = Found | Opened | NotDone | Done
