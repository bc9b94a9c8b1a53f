"""Tenders with a provider, implementations of `till.ports.Tender`; `wiring` opens the configured ones.

- `gateway`: UPI at Razorpay, by a code on the screen.
- `server`: vouchers and house accounts on the venue's own server.
- `terminal`: a card terminal on the venue's network, by nexo.
"""
