"""The benchmarks of a till, each compared with a limit from the same run. `python -m bench`; see `bench/README.md`."""
