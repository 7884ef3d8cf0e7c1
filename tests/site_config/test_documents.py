"""Documents that name things of the code name things that are there."""

import re
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
TEST = re.compile(r"`(test_\w+)`")
LINK = re.compile(r"\]\(([^)#\s]+\.md|[^)#\s]+/)(#[\w-]+)?\)")


@cache
def known_tests() -> set[str]:
    """Every test's name."""
    files = (CHECKOUT / "tests").rglob("test_*.py")
    return {name for path in files for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)}


def lines_of_the_standard() -> list[list[str]]:
    """The rows of the tables of `security.md` that say how a line of the standard is met."""
    text = (DOCS / "security.md").read_text(encoding="utf-8").partition("## Known, and left so")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if re.match(r"\| \d+\.\d+\.\d+", line)]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_line_of_the_standard_names_tests_that_are_there():
    rows = lines_of_the_standard()
    assert len(rows) >= 70
    assert [row[0] for row in rows if len(row) != 3 or not row[1] or not TEST.findall(row[2])] == []
    named = set(TEST.findall((DOCS / "security.md").read_text(encoding="utf-8")))
    assert named - known_tests() == set()


def test_no_line_of_the_standard_is_claimed_twice():
    numbers = [number for row in lines_of_the_standard() for number in re.findall(r"\d+\.\d+\.\d+", row[0])]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("name", ["troubleshooting.md", "production-checklist.md"])
def test_names_of_the_log_are_those_of_the_guide(name: str):
    known = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", (DOCS / "operations.md").read_text(encoding="utf-8")))
    text = (DOCS / name).read_text(encoding="utf-8")
    families = {each.partition(".")[0] for each in known}
    said = {each for each in re.findall(r"`([a-z_]+\.[a-z_]+)`", text) if each.partition(".")[0] in families}
    assert said - known == set()
    assert said


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path):
    targets = [target for target, _ in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_what_the_troubleshooter_quotes_is_really_said():
    quoted = re.findall(r'^\| "([^"|]+)"', (DOCS / "troubleshooting.md").read_text(encoding="utf-8"), re.M)
    folders = ("bookings", "payments", "cancellations", "site_config", "templates")
    files = [path for folder in folders for path in (CHECKOUT / folder).rglob("*") if path.suffix in (".py", ".html")]
    said = " ".join(" ".join(path.read_text(encoding="utf-8").split()) for path in files).replace('" "', "")
    assert len(quoted) >= 10
    assert [each for each in quoted if each not in said] == []
