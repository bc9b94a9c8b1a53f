"""The drawer and the shift: movements of cash, counts, X and close."""
