"""The events of a login session."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from till.domain.events.aggregate import Aggregate
from till.domain.events.fields import StaffNumber
from till.domain.events.registry import EventData
from till.domain.i18n import N_


class LoginEvent(EventData, frozen=True):
    """An event of a login session."""

    stream: ClassVar[str] = "login"
    listed: ClassVar[str] = "logins"
    applied_beside: ClassVar[bool] = True


#: The aggregate of login sessions, which has no state.
LOGINS: Final[Aggregate[Any]] = Aggregate(LoginEvent, {})


class LoggedIn(LoginEvent, frozen=True):
    """A user logged in."""

    called: ClassVar[str] = N_("Logged in")

    user: StaffNumber


class LoggedOut(LoginEvent, frozen=True):
    """A user logged out. Their order is kept."""

    called: ClassVar[str] = N_("Logged out")
    at_once: ClassVar[bool] = True

    user: StaffNumber
