"""The venue of the tests of commands."""

from __future__ import annotations

from tests.cli.conftest import counter, lent, owner_session, shell, staffed, staffed_template, venue

__all__ = ("counter", "lent", "owner_session", "shell", "staffed", "staffed_template", "venue")
