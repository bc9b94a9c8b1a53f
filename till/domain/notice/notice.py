"""The structs of notices from the server (docs/protocol.md, "Notices")."""

from __future__ import annotations

from msgspec import Struct


class NoticeOrder(Struct, frozen=True):
    """The state of an order at the time of the notice. Amounts are decimal text.

    Attributes:
        paid: the money taken while the order is open.
        receipt: the receipt number; empty if the order is not paid.
        refunded: the amount refunded of it; empty for none.
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
    refunded: str = ""
    tab: str = ""

    @property
    def has_money(self) -> bool:
        """True if money was taken on an open order, which is then not discarded."""
        return not self.receipt and bool(self.paid.strip("-0."))


class NoticeFacts(Struct, frozen=True):
    """The facts of a notice.

    Attributes:
        order: the order that the notice is about; if there are two, the order of the other till.
        own: the order of the notified till, if there are two; or the order to which `order` was added.
        which: the session of the order that was rung up again, saved second, or added to `own`.
        copied_at: the time of the state that was rung up again.
        act: the type of an event that did not count.
        item: the item of that event.
        pieces: the pieces of that event.
        amount: the amount of that event.
        more: the number of further events that did not count.
        by: the till that took the money, or that had or saved the other of two orders; 0 if unknown.
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
    by: int = 0

    @property
    def named(self) -> NoticeOrder:
        """The order whose tab names the notice: of two orders, the first one, or the one that is left."""
        return self.own if self.own.session and self.own.session != self.which else self.order

    @property
    def second(self) -> NoticeOrder:
        """The second of two orders."""
        return self.order if self.named is self.own else self.own


class Notice(Struct, frozen=True):
    """A notice for a till and a user, written at `at`."""

    id: str
    till: int
    user: int
    kind: str
    at: str
    session: str | None = None
    data: NoticeFacts = NoticeFacts()

    @property
    def amount(self) -> str:
        """The amount of the notice, as decimal text."""
        return self.data.amount or self.data.named.total


class NoticePage(Struct, frozen=True):
    """The oldest unseen notices of a till, and the number of all unseen ones."""

    waiting: int = 0
    notices: tuple[Notice, ...] = ()
