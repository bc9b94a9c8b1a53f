"""What one till keyed while another finished the order (design §7)."""

from __future__ import annotations

from till.domain import barrier
from till.domain.fold import fold
from till.domain.order import Order, Status
from till.domain.selling import Keyed

from tests.register.rig import Rig  # noqa: F401 - placeholder
