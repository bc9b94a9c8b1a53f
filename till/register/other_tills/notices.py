"""Notices for this till from the last list of the server, and those that were seen here since."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import msgspec

from till.domain.events.envelope import Draft
from till.domain.notice.notice import Notice, NoticePage
from till.domain.notice.words import Words
from till.domain.till.events import NoticeSeen, stream_of_till

if TYPE_CHECKING:
    from till.domain.notice.words import NoticeText
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference

#: The name of notices in the reference data.
NOTICES: Final = "notices"
#: The name in the journal's cache of seen notices that the server may list again.
_SEEN: Final = "own.notices"


class Notices:
    """The list of notices, and their removal.

    Args:
        ledger: the write path.
        reference: names people and tills.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference
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

    def hear(self) -> list[Notice]:
        """Read the list again and return the new notices. A list that was lost for a moment has no new ones."""
        self.forget()
        new = [one for one in self.open() if one.id not in self._announced]
        self._announced |= {one.id for one in new}
        return new

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
