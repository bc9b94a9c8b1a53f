"""Acts on open orders of all users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from till.administration.acts.act import Act
from till.administration.calls import AdministrationError
from till.domain.i18n import _

if TYPE_CHECKING:
    from till.administration.calls import AtServer


class OrderAct(Act, frozen=True):
    """An act on an order. `version` is the version that was shown; None if none was shown."""

    session: str
    version: int | None


class Suspend(OrderAct, frozen=True):
    """Suspend an open order for its user."""

    @override
    def do(self, at: AtServer) -> str:
        _update(at, self, status="pending_logout")
        return _("The order waits for its user.")


class Resume(OrderAct, frozen=True):
    """Resume a suspended order."""

    @override
    def do(self, at: AtServer) -> str:
        _update(at, self, status="active")
        return _("The order is open again for its user.")


class GiveTo(OrderAct, frozen=True):
    """Suspend an order for another user."""

    user: int

    @override
    def do(self, at: AtServer) -> str:
        _update(at, self, user=self.user)
        return _("The order waits for number {number}.").format(number=self.user)


class Discard(OrderAct, frozen=True):
    """Discard an order. Its row and its events are kept; payments on it wait for a manager."""

    reason: str

    @override
    def do(self, at: AtServer) -> str:
        if self.version is not None:
            found = at.ask("session_show_v1", self.session)
            if found is not None and found["session"]["version"] != self.version:
                raise AdministrationError(_("This order has changed. Esc, and look again."))
        at.act("session_close_v1", self.session, self.reason)
        return _("The order is discarded. Its events stay.")


def _update(at: AtServer, act: OrderAct, **changes: Any) -> None:
    """Change an order if it still has the version that was shown."""
    at.act("order_session_update_v1", act.session, act.version, changes)
