"""Card readers of a payment service, which the till asks over the internet.

- `api`: requests to the service, and what the status of an answer means.
- `waiting`: what the tenders of all services share: sent once, the wait for a guest, and its steps.
- `settings`: the settings of each service.
- `stripe`: readers at Stripe.
- `sumup`: a Solo at SumUp.
"""
