"""The core knows no subject but those of `tools/arrows.txt`, and each file of the product has its part."""

import subprocess
from pathlib import Path

import grimp
import pytest

from tools import core_contract, lines, parts

ROOT = Path(__file__).parents[1]
#: The imports of subjects by the core: lower it with each that goes, and never raise it.
MOST = 67
CORE, SUBJECT = "till.domain.order.line", "till.domain.kitchen.board"


def write(root: Path, module: str, text: str) -> None:
    file = root.joinpath(*module.split(".")).with_suffix(".py")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def graph_of(*modules: str) -> grimp.ImportGraph:
    graph = grimp.ImportGraph()
    for module in modules:
        graph.add_module(module)
    return graph


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("till/domain/order/line.py", "core"),
        ("till/domain/order/tickets.py", "kitchen"),  # stands above the folder
        ("till/domain/kitchen/of/any_depth.py", "kitchen"),
        ("till/register/register.py", "assembly"),
        ("db/sql/39_fiscal/stamps.sql", "law"),
        ("till/new_room/file.py", None),
    ],
)
def test_the_first_row_that_matches_gives_the_part(file: str, part: str | None) -> None:
    assert parts.part_of(file) == part


def test_a_file_in_no_part_and_a_row_without_its_file_are_named(tmp_path: Path) -> None:
    assert parts.unmatched(ROOT) == []
    write(tmp_path, "till.new_room.file", "")
    found = parts.unmatched(tmp_path)
    assert "till/new_room/file.py" in found
    assert "till/domain/order/tickets.py" in found
    assert "till/domain/kitchen/" not in found  # a leaf may be deleted whole


def test_the_core_never_knows_more_of_its_subjects() -> None:
    assert len(parts.allowed()) <= MOST


@pytest.mark.parametrize("late", [False, True])
def test_an_import_of_a_subject_by_the_core_is_an_arrow_and_so_is_its_name_in_a_string(
    tmp_path: Path, late: bool
) -> None:
    write(tmp_path, CORE, f'board = Later("{SUBJECT}")' if late else "")
    write(tmp_path, SUBJECT, f'core = "{CORE}"')
    graph = graph_of(CORE, SUBJECT)
    graph.add_import(importer=SUBJECT, imported=CORE)  # a subject may know the core
    if not late:
        graph.add_import(importer=CORE, imported=SUBJECT)
    assert parts.arrows(graph, tmp_path) == {(CORE, SUBJECT)}


def test_an_arrow_that_is_new_and_one_that_is_over_break_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, CORE, "")
    write(tmp_path, SUBJECT, "")
    graph = graph_of(CORE, SUBJECT)
    graph.add_import(importer=CORE, imported=SUBJECT)
    contract = core_contract.CoreContract("core", {}, {})
    monkeypatch.setattr(core_contract, "_ROOT", tmp_path)
    monkeypatch.setattr(core_contract, "unmatched", lambda _root: [])

    def faults(allowed: set[tuple[str, str]]) -> list[str]:
        monkeypatch.setattr(core_contract, "allowed", lambda: allowed)
        checked = contract.check(graph, verbose=False)
        assert checked.kept is not bool(checked.metadata["faults"])
        return [fault.partition(":")[0] for fault in checked.metadata["faults"]]

    assert faults({(CORE, SUBJECT)}) == []
    assert faults(set()) == ["The core imports a subject"]
    assert faults({(CORE, SUBJECT), (CORE, "till.gone")}) == ["Take it out of tools/arrows.txt, it is over"]


def test_lines_are_counted_by_room_and_part_and_what_is_generated_apart(tmp_path: Path) -> None:
    write(tmp_path, CORE, '"""A line."""\n\nimport os\n\nNAME = os.name  # shown\n')
    write(tmp_path, SUBJECT, "ONE = 1\nTWO = 2\n")
    write(tmp_path, "till.domain.made", '"""Marks. Written by `make generate`."""\n\nMARK = "."\n')
    (tmp_path / "db").mkdir()
    (tmp_path / "db/hand.sql").write_text("select 1;\n")
    (tmp_path / "db/made.sql").write_text("-- Generated from the classes.\nselect 1;\n")
    rooms, found = lines.count(tmp_path)
    sums = {"Python by hand": 3, "SQL by hand": 1}
    assert rooms == {"till/domain/order": 1, "till/domain/kitchen": 2, "db": 1, **sums}
    assert found == {"core": 2, "kitchen": 2, "generated": 2}


def test_the_files_touched_since_a_commit_are_the_older_ones_by_hand(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    git("init", "-q")
    for module in (CORE, SUBJECT):
        write(tmp_path, module, "ONE = 1\n")
    write(tmp_path, "till.domain.made", '"""Marks. Written by `make generate`."""\n')
    git("add", ".")
    git("commit", "-qm", "Begin")
    write(tmp_path, CORE, "ONE = 1\nTWO = 2\n")
    write(tmp_path, "till.domain.made", '"""Marks. Written by `make generate`."""\nMARK = ","\n')
    write(tmp_path, "till.domain.new", "")
    assert [row.split() for row in lines.touched(tmp_path, "HEAD")] == [["+1", "-0", "till/domain/order/line.py"]]
