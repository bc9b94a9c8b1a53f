"""The wiring: connects the ports to their implementations, such as the journal, the sync, the clock and the screen."""

from till.wiring.till import open_till

__all__ = ["open_till"]
