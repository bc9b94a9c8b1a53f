"""A basket outside any order: its JSON read strictly, priced by `till.domain.money`, and written."""
