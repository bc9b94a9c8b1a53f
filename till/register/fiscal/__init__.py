"""The stamps that a country's law gives to sales and refunds."""
