"""The pure rules of the till: money, tax, pricing, catalogue, events, orders. No I/O, no clock, no randomness."""
