"""The contract that the core knows no subject, a type of contract for import-linter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from importlinter import Contract, ContractCheck, output
from typing_extensions import override

from tools.parts import allowed, arrows, unmatched

if TYPE_CHECKING:
    from grimp import ImportGraph

_ROOT: Final = Path(__file__).parents[1]


class CoreContract(Contract):
    """No import of a subject by the core but those of `tools/arrows.txt`, none of which is over."""

    @override
    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        found, known = arrows(graph, _ROOT), allowed()
        faults = [
            *(f"tools/parts.txt sorts no such file, or names one that is gone: {name}" for name in unmatched(_ROOT)),
            *(f"The core imports a subject: {one} -> {other}" for one, other in sorted(found - known)),
            *(f"Take it out of tools/arrows.txt, it is over: {one} -> {other}" for one, other in sorted(known - found)),
        ]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    @override
    def render_broken_contract(self, check: ContractCheck) -> None:
        for fault in check.metadata["faults"]:
            output.print_error(fault)
