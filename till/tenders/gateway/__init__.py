"""A payment gateway: UPI at Razorpay, by a code on the till's screen, heard of by asking.

- `open_gateway`: the gateway that a table of the config describes.
- `GatewayTender`: it, as a way to pay.
- `GatewayError`: it did not do what was asked of it.
"""

from till.tenders.gateway.opening import GatewaySettings, open_gateway
from till.tenders.gateway.tender import GatewayError, GatewayTender

__all__ = ["GatewayError", "GatewaySettings", "GatewayTender", "open_gateway"]
