"""docs/proof.md says what was measured, all of it and nothing else; figures find their goals."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from site_config.devtools import proof, proof_page, proof_tests
from site_config.devtools.proof import Found, Row, Stamp
from site_config.devtools.proof_goals import BY_KEY, GOALS, PARTS
from site_config.devtools.proof_why import WHY
from site_config.devtools.report import FIGURE, Report
from tests.performance.parts import PARTS as BENCH

SERVER = "PostgreSQL 15.18"
STAMP = Stamp(command="./run bench list", date="2026-11-22 08:00 UTC", cores=2, database=SERVER, commit="a1")
LIST = Row(goal="list", what="booking list", ours=26.0, reference=20.0, at_most=1.3, against="stock")
MISSED = Row(goal="list", what="another list", ours=40.0, reference=20.0, at_most=1.3)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder and a page of their own."""
    monkeypatch.setattr(proof, "FOLDER", tmp_path / "proof")
    monkeypatch.setattr(proof, "PAGE", tmp_path / "proof.md")
    return tmp_path


def test_page_is_what_the_files_say() -> None:
    known = {part: proof.read(part) for part in PARTS}
    assert proof.PAGE.read_text(encoding="utf-8") == proof_page.page(known)
    assert {path.stem for path in proof.FOLDER.glob("*.json")} <= set(PARTS)


def test_every_part_has_its_section_and_every_section_its_command() -> None:
    page = proof.PAGE.read_text(encoding="utf-8")
    assert [part for part in PARTS if f"<!-- {part} -->" not in page or f"<!-- end of {part} -->" not in page] == []
    assert {part for part, command in PARTS.items() if command.startswith("./run bench ")} == set(BENCH)
    commands = {*PARTS.values(), *(goal.command for goal in GOALS if goal.command)}
    assert [each for each in commands if not exists(each)] == []


def exists(command: str) -> bool:
    """Whether `./run` knows it, and the bench its part."""
    script, name, *part = command.split()
    is_known = f'    "{name}": (' in (proof.CHECKOUT / "run").read_text(encoding="utf-8")
    return script == "./run" and is_known and (name != "bench" or part[0] in BENCH)


def test_goals_have_keys_of_their_own_and_tests_that_exist() -> None:
    assert len(BY_KEY) == len(GOALS)
    assert [name for goal in GOALS for name in goal.tests if not (proof.CHECKOUT / name).exists()] == []
    found = [each.row.goal for part in PARTS for each in proof.read(part)]
    assert [key for key in found if key and key not in BY_KEY] == []


@pytest.mark.parametrize(
    ("limits", "judged"),
    [
        ({"at_most": 1.3}, True),
        ({"at_most": 1.29}, False),
        ({"at_least": 1.3}, True),
        ({"at_least": 1.31}, False),
        ({}, True),
    ],
)
def test_limits_are_for_the_ratio(limits: dict[str, float], judged: bool) -> None:
    assert Row(what="pages", ours=13, reference=10, **limits).reached is judged


def test_without_a_reference_the_figure_itself_is_judged() -> None:
    assert Row(what="deadlocks", ours=0, at_most=0).reached is True
    assert Row(what="deadlocks", ours=1, at_most=0).reached is False
    assert Row(what="queries", ours=5, reference=4, at_least=1, at_most=1).reached is False


def test_what_is_written_is_read_again(place: Path) -> None:
    proof.write("list", [LIST], STAMP)
    assert [(each.row, each.stamp) for each in proof.read("list")] == [(LIST, STAMP)]
    kept = json.loads((place / "proof" / "list.json").read_text())
    assert (kept[0]["ratio"], kept[0]["reached"], kept[0]["commit"]) == (1.3, True, "a1")


def test_a_later_run_takes_the_place_of_its_own_rows_only(place: Path) -> None:
    proof.write("list", [LIST, MISSED], STAMP)
    later = replace(STAMP, commit="b2")
    proof.write("list", [LIST], later, beside=proof.read("list"))
    assert [(each.row.what, each.stamp.commit) for each in proof.read("list")] == [
        ("another list", "a1"),
        ("booking list", "b2"),
    ]
    proof.write("list", [LIST], later)
    assert len(proof.read("list")) == 1


def test_the_figure_furthest_beyond_its_limit_stands_in_the_table(place: Path) -> None:
    proof.write("list", [LIST, MISSED], STAMP)
    proof_page.write()
    lines = (place / "proof.md").read_text().splitlines()
    (line,) = (each for each in lines if each.startswith("| Booking list, processor time a page |"))
    cells = [each.strip() for each in line.strip("|").split("|")]
    assert cells[1:5] == ["another list", "40.0", "20.0", "2.00"]
    assert cells[6:] == ["**no**, 1 of 2 figures miss it", "`./run bench list`"]


def test_a_goal_that_nobody_measured_says_so(place: Path) -> None:
    proof_page.write()
    text = (place / "proof.md").read_text()
    assert f"{len(GOALS)} goals: 0 reached, 0 missed, {len(GOALS)} not measured." in text
    assert text.count("| not measured |") == len(GOALS)


JUNIT = """<testsuites><testsuite><properties><property name="{name}" value="{value}"/></properties>
<testcase classname="tests.guest.test_ask" name="a"/>
<testcase classname="tests.guest.test_ask.TestIt" name="b">{bad}</testcase></testsuite></testsuites>"""


@pytest.mark.parametrize(("bad", "failed"), [("", 0), ("<failure/>", 1)])
def test_what_tests_leave_behind_becomes_figures(place: Path, bad: str, failed: int) -> None:
    figure = Row(goal="cells", what="cells asked", ours=7000, at_least=2500)
    value = json.dumps({"goal": "cells", "what": "cells asked", "ours": 7000, "at_least": 2500}).replace(
        '"', "&quot;"
    )
    (place / "junit.xml").write_text(JUNIT.format(name=FIGURE, value=value, bad=bad))
    report = Report(database=SERVER)
    report.add(place / "junit.xml", part="PostgreSQL", exit_code=failed)
    proof_tests.write("tests", report, ["tests/guest/test_ask.py"], minutes=1)
    found = [each.row for each in proof.read("tests")]
    note = "of 2 in tests/guest/test_ask.py"
    same = Row(goal="same bytes", what="tests that fail", ours=failed, at_most=0, note=note, digits=0)
    assert found == [figure, same]


def test_part_of_a_file_is_no_proof() -> None:
    assert proof_tests.unfit(["--quick"]) == ""
    assert proof_tests.unfit(["tests/guest/test_ask.py"]) == ""
    assert proof_tests.unfit(["-k", "ask"]) == "--write wants the whole, or whole files: -k"
    assert "test_ask.py::test_x" in proof_tests.unfit(["tests/guest/test_ask.py::test_x"])


def test_a_missed_goal_says_why_and_a_reached_one_does_not() -> None:
    assert set(WHY) <= set(BY_KEY)
    for ours, is_told in ((3.0, True), (1.0, False)):
        row = Row(goal="guest", what="guest page", ours=ours, reference=1, at_most=2)
        page = proof_page.page({"guest": [Found(row=row, stamp=STAMP)]})
        assert (WHY["guest"] in page) is is_told
