"""What `./run coverage` makes of what the tool saw."""

from pathlib import Path
from typing import Any

import pytest

from site_config.devtools import covered
from site_config.devtools.covered import Untaken
from site_config.devtools.covered_known import KNOWN, why_untested
from site_config.devtools.proof import CHECKOUT

OPEN = Untaken("payments/money.py", 3, "if so:", 4, "")
KNOWN_ONE = Untaken("payments/money.py", 7, "if late:", -1, "It never is.")


def seen(**files: list[list[int]]) -> dict[str, Any]:
    """What the tool would tell of these modules of payments, of which 96 of 100 lines were run."""
    return {
        "totals": {"covered_lines": 96, "num_statements": 100},
        "files": {f"payments/{name}.py": {"missing_branches": missing} for name, missing in files.items()},
    }


@pytest.mark.parametrize(
    ("module", "does"),
    [
        ("payments/refunds.py", True),
        ("cancellations/calculator.py", True),
        ("payments/models/operation.py", False),
        ("cancellations/ask_views.py", False),
        ("payments/api_shapes.py", False),
        ("bookings/pricing.py", False),
    ],
)
def test_modules_that_only_show_or_ask_decide_nothing(module: str, does: bool) -> None:
    assert covered.decides(Path(module)) is does


def test_a_branch_is_told_with_its_code() -> None:
    code = (CHECKOUT / "payments" / "money.py").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(code, start=1) if text.strip().startswith("if "))
    (branch,) = covered.branches(seen(money=[[line, -1]], views=[[1, 2]]))
    assert (branch.module, branch.line, branch.code, branch.to) == (
        "payments/money.py",
        line,
        code[line - 1].strip(),
        -1,
    )


@pytest.mark.parametrize(
    ("lines", "untaken", "code"),
    [(95.0, [KNOWN_ONE], 0), (94.9, [KNOWN_ONE], 1), (99.0, [OPEN, KNOWN_ONE], 1), (100.0, [], 0)],
)
def test_too_few_lines_or_a_branch_without_a_reason_fail(
    capsys: pytest.CaptureFixture[str], lines: float, untaken: list[Untaken], code: int
) -> None:
    assert covered.say(lines, untaken) == code
    assert f"{lines:.1f} % of lines" in capsys.readouterr().out


def test_share_of_lines() -> None:
    assert covered.percent(seen()) == 96.0


def test_what_is_said_of_branches_is_said_of_code_that_is_there() -> None:
    assert [
        (module, piece)
        for module, piece, _why in KNOWN
        if piece not in (CHECKOUT / module).read_text(encoding="utf-8")
    ] == []
    assert why_untested("payments/none.py", "if anything") == ""


def test_every_run_counts_branches_of_the_whole_product(tmp_path: Path) -> None:
    runner = covered.traced(tmp_path)
    told = (tmp_path / "coverage.ini").read_text(encoding="utf-8")
    assert runner[:3] == ["-m", "coverage", "run"]
    assert "branch = True" in told
    assert [name for name in covered.SOURCES if f"    {name}\n" not in told] == []
