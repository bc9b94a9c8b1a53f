"""Notices for this till from the last list of the server, and those that were seen here since."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import msgspec
from typing_extensions import override

from till.domain.events.envelope import Draft
from till.domain.notice.notice import Notice, NoticePage
from till.domain.notice.words import Words
from till.domain.till.events import NoticeSeen, stream_of_till
from till.register.hearing import Hearer
from till.register.other_tills.news import NoticeCame

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from till.domain.notice.words import NoticeText
    from till.register.ledger.ledger import Ledger
    from till.register.other_tills.news import News
    from till.register.reference import Reference

#: The name of notices in the reference data.
NOTICES: Final = "notices"
#: The name in the journal's cache of seen notices that the server may list again.
_SEEN: Final = "own.notices"


class Notices(Hearer):
    """The list of notices, and their removal.

    Args:
        ledger: the write path.
        reference: names people and tills.
        tell: tells the watcher.
    """

    def __init__(self, ledger: Ledger, reference: Reference, tell: Callable[[News], None]) -> None:
        self._ledger = ledger
        self._reference = reference
        self._tell = tell
        self._announced = {one.id for one in self.open()}  # the status bar counts them since before this start

    def open(self) -> tuple[Notice, ...]:
        """Return the unseen notices, oldest first."""
        return tuple(one for one in self._page.notices if one.id not in self._seen)

    @property
    def count(self) -> int:
        """The number of unseen notices, listed or not."""
        return max(0, self._page.waiting - sum(one.id in self._seen for one in self._page.notices))

    def seen(self, notice_id: str) -> None:
        """Record that somebody has seen a notice."""
        stream = stream_of_till(self._ledger.store_id, self._ledger.till)
        self._ledger.commit([Draft(NoticeSeen(notice=notice_id), stream)])
        listed = {one.id for one in self._page.notices}
        self._ledger.journal.cache(_SEEN, 0, {"seen": sorted((self._seen & listed) | {notice_id})})
        self.forget()

    def in_words(self, notice: Notice) -> NoticeText:
        """Return the text of a notice."""
        reference = self._reference
        return Words(reference.venue, reference.formats, reference.name_of).say(notice)

    @override
    def reference_changes(self, names: Collection[str]) -> None:
        if NOTICES in names:
            self.forget()

    @override
    def reference_changed(self, names: Collection[str]) -> None:
        """Tell the newest of the new notices. A list that was lost for a moment has no new ones."""
        if NOTICES not in names:
            return
        new = [one for one in self.open() if one.id not in self._announced]
        self._announced |= {one.id for one in new}
        if new:
            self._tell(NoticeCame(new[-1].id, self.in_words(new[-1]).sentence))

    def forget(self) -> None:
        """Forget the list; the next use reads it again."""
        for name in ("_page", "_seen"):
            self.__dict__.pop(name, None)

    @cached_property
    def _page(self) -> NoticePage:
        cached = self._ledger.journal.cached(NOTICES)
        return msgspec.convert(cached[1], NoticePage) if cached is not None and cached[1] else NoticePage()

    @cached_property
    def _seen(self) -> frozenset[str]:
        cached = self._ledger.journal.cached(_SEEN)
        return frozenset(cached[1]["seen"]) if cached is not None else frozenset()
