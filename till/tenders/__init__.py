"""Ways to pay that somebody else answers for, each behind `till.ports.Tender`; `wiring` opens what the config names.

- `gateway`: UPI by a code on the screen, at Razorpay.
- `server`: vouchers and house accounts, which the venue's own server keeps.
- `terminal`: a card terminal on the venue's network that speaks nexo.
"""
