"""Tenders with a provider, implementations of `till.ports.Tender`; `wiring` opens the configured ones.

- `gateway`: UPI at Razorpay, by a code on the screen.
- `readers`: card readers of payment services, such as Stripe's and SumUp's, over the internet.
- `server`: vouchers and house accounts on the venue's own server.
- `terminal`: a card terminal on the venue's network, by nexo.
"""
