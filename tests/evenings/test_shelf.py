"""The account of the shelf over random evenings; `python -m tests.evenings.shelf` plays any number."""
