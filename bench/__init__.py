"""The bench: the costs of a till, each beside a limit of the same run. `python -m bench`; see `bench/README.md`."""
