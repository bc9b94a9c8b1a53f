"""The interface of a country's law: one module of `till.fiscal`, found by the entry point `till.fiscal`.

A scheme is pure: no clock, no disk, no network. What it returns depends on its arguments alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.fiscal import FiscalStamp, FiscalWords, Installation, IssuedInvoice
    from till.domain.money.measures import Minor


class FiscalScheme(Protocol):
    """A country's law of invoices.

    Attributes:
        name: its name in the settings and in events, such as `es-verifactu`.
    """

    name: str

    def check(self, settings: Mapping[str, str]) -> None:
        """Refuse settings of the venue that are wrong or incomplete.

        Raises:
            ConfigError: says which setting, and what it must be.
        """
        ...

    def asks_buyer(self, total: Minor) -> bool:
        """Return True if an invoice of this total, in minor units, must name its buyer."""
        ...

    def stamp(
        self,
        issued: IssuedInvoice,
        settings: Mapping[str, str],
        installation: Installation,
        before: FiscalStamp | None,
    ) -> FiscalStamp:
        """Return the record of an invoice. `before` is the newest record of the installation's chain."""
        ...

    def words(self, stamp: FiscalStamp) -> FiscalWords:
        """Return the marks of a stamp on its receipt."""
        ...
