"""A notice as the server sends it (docs/protocol.md, "Notices")."""

from __future__ import annotations

from msgspec import Struct


class NoticeOrder(Struct, frozen=True):
    """An order when the notice was written. `total` is plain text; `receipt` is set if it was paid.

    `paid` is the money taken on it while it is open, as plain text.
    """

    session: str = ""
    till: int = 0
    user: int = 0
    status: str = ""
    currency: str = ""
    total: str = "0"
    paid: str = "0"
    lines: int = 0
    receipt: str = ""
    tab: str = ""


class NoticeFacts(Struct, frozen=True):
    """The facts of a notice.

    Attributes:
        order: the order that it is about.
        own: the order of the notified till, if there are two.
        which: the session of the order that was rung again, or was saved second.
        copied_at: the time of the copy that was rung again.
        act: the type of an event that did not count; `item`, `pieces` and `amount` describe it; `more` counts others.
    """

    order: NoticeOrder = NoticeOrder()
    own: NoticeOrder = NoticeOrder()
    which: str = ""
    copied_at: str = ""
    act: str = ""
    item: str = ""
    pieces: int = 0
    amount: str = ""
    more: int = 0

    @property
    def named(self) -> NoticeOrder:
        """The order that it calls by its tab; of two the first, whichever till has it."""
        return self.own if self.own.session and self.own.session != self.which else self.order

    @property
    def second(self) -> NoticeOrder:
        """The other of two orders."""
        return self.order if self.named is self.own else self.own


class Notice(Struct, frozen=True):
    """A notice for a till and a user; `at` is when it was written."""

    id: str
    till: int
    user: int
    kind: str
    at: str
    session: str | None = None
    data: NoticeFacts = NoticeFacts()

    @property
    def amount(self) -> str:
        """The money that it is about, as plain text."""
        return self.data.amount or self.data.named.total


class NoticePage(Struct, frozen=True):
    """The oldest notices that nobody at a till has seen, and how many are waiting."""

    waiting: int = 0
    notices: tuple[Notice, ...] = ()
