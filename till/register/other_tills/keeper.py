"""Who watches the register of a till that shows no screen: what somebody must know waits for their next login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.register.other_tills.news import LinesChanged, LinesLate, MoneyWaits

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.other_tills.news import News
    from till.register.other_tills.unread import Unread


class Keeper:
    """Watches the register (`till.register.other_tills.news.Watcher`); keeps each sentence for whose order it is about.

    Events are news once: what they led to while the till was closed (`till recover`) is not told again.

    Args:
        unread: where it is kept.
    """

    def __init__(self, unread: Unread) -> None:
        self._unread = unread

    def on_news(self, news: News) -> None:
        """Keep what a person must know; no order is in sight, and an order that was taken says so by its lock."""
        if isinstance(news, LinesChanged):
            self._keep(news.order, news.sentence, passing=True)
        elif isinstance(news, LinesLate):
            self._keep(news.order, news.sentence, passing=news.order.is_open)
        elif isinstance(news, MoneyWaits):
            self._keep(news.order, news.sentence, passing=False)

    def _keep(self, order: Order, sentence: str, *, passing: bool) -> None:
        self._unread.keep(order.id, sentence, order.user, passing=passing)
        self._unread.save()  # no clock asks again here: a disk that refuses is said now
