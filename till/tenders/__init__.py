"""Ways to pay with a provider, each behind `till.ports.Tender`; `wiring` opens those that the configuration names.

- `gateway`: UPI by a code on the screen, at Razorpay.
- `server`: vouchers and house accounts, which the venue's own server keeps.
- `terminal`: a card terminal on the venue's network that speaks nexo.
"""
