"""Makes a failing seed short: leaves out steps as long as the same rule is broken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.plan import Plan


def shrink(plan: Plan, fails: Callable[[Plan], bool]) -> Plan:
    """The shortest plan that still fails, as far as leaving out runs of steps, and then single ones, finds it."""
    size = max(1, len(plan.steps) // 2)
    while True:
        left, at = plan.steps, 0
        while at < len(left):
            shorter = replace(plan, steps=left[:at] + left[at + size :])
            if fails(shorter):
                left = shorter.steps
            else:
                at += size
        done = size == 1 and left == plan.steps
        plan = replace(plan, steps=left)
        if done:
            return plan
        size = max(1, size // 2)
