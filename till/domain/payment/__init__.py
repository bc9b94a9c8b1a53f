"""Payments: movements of money for an order, their events, cards, slips and vouchers' codes."""
