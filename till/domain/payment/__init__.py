"""Payments: movements of money, their events, cards, slips and voucher codes."""
