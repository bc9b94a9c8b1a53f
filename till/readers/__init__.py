"""Card readers of payment services, a leaf: their tenders, the files of payouts, and the commands.

- `api`: requests to the service, and what the status of an answer means.
- `waiting`: what the tenders of all services share: sent once, the wait for a guest, and its steps.
- `settings`: the settings of each service.
- `stripe`: readers at Stripe.
- `sumup`: a Solo at SumUp.
- `account`: the readers of an account.
- `payouts`: a provider's payouts against the payments of the tills.
- `command`: what the leaf adds to `till report` and `till admin tenders`.
"""
