"""The pending act between two orders: it is sent once, with one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import StoreAwayError, StoreError
from till.domain.i18n import _
from till.ports.store import ActOutdatedError, NoAnswerError

if TYPE_CHECKING:
    from till.ports import Transfer
    from till.sync.messages import Reply

#: The server's reasons to refuse an outdated act.
_OUTDATED: Final = frozenset({"behind", "changed", "not_held"})


class Acting:
    """The pending act, kept until it is answered or abandoned.

    Attributes:
        is_waiting: True if a caller waits for the answer.
    """

    def __init__(self) -> None:
        self._act: Transfer | None = None
        self._is_sent = False
        self._failed: StoreError | None = None
        self.is_waiting = False

    def ask(self, act: Transfer) -> None:
        """Send an act with the next request that contains all unsent events."""
        self._act, self._failed = act, None
        self._is_sent, self.is_waiting = False, True

    def take(self) -> Transfer | None:
        """Return the act if it is unsent, for the request being composed. It is returned once."""
        act = self._act if self.is_waiting and not self._is_sent else None
        self._is_sent = self._is_sent or act is not None
        return act

    def answered(self, reply: Reply) -> None:
        """Note a reply that is in the journal. The last page of the act's events ends the wait."""
        if self._is_sent and reply.act is not None and not reply.act.taken:
            self.fail(_refused(reply.act.why or ""))
        elif self._is_sent and not reply.more:
            self.is_waiting = False

    def fail(self, why: StoreError) -> None:
        """End the wait with an error: the server did not answer, or refused."""
        if self.is_waiting:
            self._failed, self.is_waiting = why, False

    def lost(self, *, unsent: bool = False) -> None:
        """End the wait without an answer; with `unsent`, the server did not receive the act."""
        self.fail(NoAnswerError() if self._is_sent and not unsent else StoreAwayError())

    def end(self) -> None:
        """Stop waiting for an answer."""
        self.lost()
        self._act = None
        if self._failed is not None:
            raise self._failed


def _refused(why: str) -> StoreError:
    if why in _OUTDATED:
        return ActOutdatedError()
    return StoreError(_("The server refused that ({why}).").format(why=why[:80]))
