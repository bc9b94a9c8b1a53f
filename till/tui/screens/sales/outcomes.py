"""Outcomes of the acts on the screen of past sales: small frozen values that its reducer takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.domain.refund.giving import Rest
    from till.domain.refund.past import PastSale


class Found(Struct, frozen=True):
    """The server returned sales; `behind` is true if they continue the list."""

    text: str
    sales: tuple[PastSale, ...]
    more: bool
    behind: bool


class FoundAgain(Struct, frozen=True):
    """The server returned the first page of the listed sales again."""

    text: str
    sales: tuple[PastSale, ...]
    more: bool


class Opened(Struct, frozen=True):
    """A sale was loaded; `away` is true if the server does not answer, `unheard` and `twice` as in `OpenedSale`."""

    session_id: str
    receipt: str
    away: bool
    unheard: str = ""
    twice: str = ""


class Answered(Struct, frozen=True):
    """The server answered again, and the refunds of the open sale on all tills are known."""


class NotDone(Struct, frozen=True):
    """An act was refused or failed; `away` is true if the server does not answer."""

    sentence: str
    away: bool = False


class Done(Struct, frozen=True):
    """An act is done, as `sentence` reports. `rest` is the rest of a refund, which goes back another way."""

    sentence: str
    rest: Rest | None = None


SalesOutcome = Found | FoundAgain | Opened | Answered | NotDone | Done
