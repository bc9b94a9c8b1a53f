"""The unsent text of the entry line: it survives a restart, and is never keyed twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from till.ports import Journal


class TypedText:
    """The typed text of the sell screen, on disk. Create it before the first event is written.

    A process can be killed after the event of an entry is written and before the text is cleared. So the text is marked
    with the end of the chain before it is executed: if the chain has grown by the next start, the entry was sent.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        kept = self._kept()
        sent_after = kept.get("sent_after")
        if isinstance(sent_after, int) and journal.head.seq > sent_after:
            self.clear()

    def keep(self, user: int, text: str, *, refused: bool = False, asked: str = "", order: str | None = None) -> None:
        """Keep the typed text of a user; or a refused entry with its question, until the next input.

        `order` is the order on the screen.
        """
        record: dict[str, object] = {"user": user, "text": text, "order": order}
        if asked:
            record["asked"] = asked
        self._write((record | {"refused": True} if refused else record) if text else {})

    def sending(self, user: int, text: str) -> None:
        """Keep the text as an entry that is being executed; the next `keep` replaces it."""
        self._write({"user": user, "text": text, "sent_after": self._journal.head.seq})

    def clear(self) -> None:
        """Remove the kept text."""
        self._write({})

    def of(self, user: int) -> str:
        """Return this user's typed text; empty if another user typed."""
        kept = self._kept()
        return str(kept.get("text", "")) if kept.get("user") == user else ""

    def is_stale(self, user: int, order: str | None) -> bool:
        """True if this user's entry was refused on another order."""
        return self.was_refused(user) and self._kept().get("order", order) != order

    def was_refused(self, user: int) -> bool:
        """True if this user's entry was refused."""
        kept = self._kept()
        return kept.get("user") == user and kept.get("refused") is True

    def asked_of(self, user: int) -> str:
        """Return the question about this user's entry; empty if there is none."""
        kept = self._kept()
        return str(kept.get("asked", "")) if kept.get("user") == user else ""

    def _write(self, record: dict[str, object]) -> None:
        self._journal.keep_typed(json.dumps(record, ensure_ascii=False) if record else "")

    def _kept(self) -> dict[str, object]:
        try:
            record = json.loads(self._journal.typed() or "{}")
        except ValueError:  # it is truncated, or another version of the till wrote it
            return {}
        return record if isinstance(record, dict) else {}
