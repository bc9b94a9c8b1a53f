"""The tills of phones: a server whose page is a terminal, in which a till of this machine runs.

It starts each till as a process of its own, so that it may not import the register, nor the screen.
"""

from till.serve.runs import Limits, Runs
from till.serve.server import Served, serve_tills
from till.serve.till_process import till_environment

__all__ = ["Limits", "Runs", "Served", "serve_tills", "till_environment"]
