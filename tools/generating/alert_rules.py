"""The recommended alerts on what waits for a person: the end of `docs/prometheus/till.yml`."""

from __future__ import annotations

from typing import Final

from msgspec.structs import asdict

from till.administration.waits import all_waits

_BEGIN: Final = "      # Written by tools/generate.py, from till/administration/waits.\n"
_RULE: Final = """\
      - alert: {alert}
        expr: {expr}
        for: {lasts}
        labels: {{severity: {severity}}}
        annotations:
          summary: {summary}
"""


def alert_rules(text: str) -> str:
    """Return the rules with those of today's declarations."""
    rules = [_RULE.format(**asdict(rule)) for wait in all_waits() for rule in wait.rules]
    return "".join([text.partition(_BEGIN)[0], _BEGIN, *rules])
