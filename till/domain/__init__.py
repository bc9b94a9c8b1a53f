"""Pure rules: money, tax, pricing, catalogue, events, orders. No I/O, no clock, no chance."""
