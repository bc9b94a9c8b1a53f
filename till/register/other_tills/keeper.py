"""The watcher of a register without a screen. It keeps news for people until their next login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.register.other_tills.news import DrawerCorrected, LinesChanged, LinesLate, MoneyWaits

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.other_tills.news import News
    from till.register.other_tills.unread import Unread


class Keeper:
    """A watcher of the register (`till.register.other_tills.news.Watcher`) that keeps sentences for users of orders.

    Events are news once: news that arrives while the till is closed (`till recover`) is not announced again.

    Args:
        unread: keeps the sentences.
    """

    def __init__(self, unread: Unread) -> None:
        self._unread = unread

    def on_news(self, news: News) -> None:
        """Keep the news that a person must read. No order is on a screen; a lock reports an order taken over."""
        if isinstance(news, LinesChanged):
            self._keep(news.order, news.sentence, passing=True)
        elif isinstance(news, LinesLate):
            self._keep(news.order, news.sentence, passing=news.order.is_open)
        elif isinstance(news, MoneyWaits | DrawerCorrected):
            self._keep(news.order, news.sentence, passing=False)

    def _keep(self, order: Order, sentence: str, *, passing: bool) -> None:
        self._unread.keep(order.id, sentence, self._unread.whose(order), passing=passing)
        self._unread.save()  # nothing retries here, so a failed write is reported now
