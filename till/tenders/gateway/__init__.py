"""A payment gateway: UPI at Razorpay, by a code on the till's screen; the outcome comes from polling.

- `open_gateway`: opens the gateway of a table in the configuration.
- `GatewayTender`: the gateway as a tender.
- `GatewayError`: a request to the gateway failed.
"""

from till.tenders.gateway.opening import GatewaySettings, open_gateway
from till.tenders.gateway.tender import GatewayError, GatewayTender

__all__ = ["GatewayError", "GatewaySettings", "GatewayTender", "open_gateway"]
