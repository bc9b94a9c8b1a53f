"""The wiring: the one place that puts real parts into ports, such as the journal, the sync, the clock, the screen."""

from till.wiring.till import open_till

__all__ = ["open_till"]
