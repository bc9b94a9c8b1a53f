"""What a till needs, tried part by part for `till doctor`: what is wrong, and what to do. Nothing is changed."""

from till.cli.health.finding import Finding, Verdict, examine

__all__ = ["Finding", "Verdict", "examine"]
