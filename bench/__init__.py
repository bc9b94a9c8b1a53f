"""What a till costs, each figure beside a limit measured in the same run. `python -m bench`; see `bench/README.md`."""
