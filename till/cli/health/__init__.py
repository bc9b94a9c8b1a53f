"""Checks for `till doctor` of every part that a till needs: faults and remedies. They change nothing."""

from till.cli.health.finding import Finding, Verdict, examine

__all__ = ["Finding", "Verdict", "examine"]
