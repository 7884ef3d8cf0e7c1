"""`./run mutants`: change the code of money and states in hundreds of small ways; each has to make a test fail.

Only the modules below and their own quick tests take part, on a copy, without a database. This command installs the
tool, into a folder of its own (docs/decisions/the-mutation-tool-has-a-place-of-its-own.md). Names of modules on the
command line choose among them. `--write` keeps the score of them all in docs/proof.md.
"""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from site_config import processes
from site_config.devtools import proof, proof_page
from site_config.devtools.mutants_known import why_alive
from site_config.devtools.proof import Row

CHECKOUT: Final = Path(__file__).resolve().parents[2]
REQUIREMENTS: Final = CHECKOUT / "requirements-mutants.txt"
PLACE: Final = CHECKOUT / ".mutants"
PYTHON: Final = PLACE / "bin" / "python"
STAMP: Final = PLACE / "installed"
# Whole folders, because the tests import the product; nothing but the modules below is changed.
FOLDERS: Final = ("bookings", "payments", "cancellations", "trail", "site_config", "templates", "tests")
TESTS: Final = {
    "cancellations/calculator.py": (
        "tests/cancellations/test_calculator.py",
        "tests/cancellations/test_calculator_boundaries.py",
    ),
    "payments/money.py": ("tests/payments/test_money.py",),
    "bookings/models/booking.py": ("tests/bookings/test_transitions.py",),
}
GOAL: Final = 95  # percent
MOST_SECONDS: Final = 20 * 60
CONFIG: Final = """[mutmut]
source_paths=
{sources}
only_mutate=
{modules}
also_copy=
{copied}
pytest_add_cli_args_test_selection=
{tests}
pytest_add_cli_args=
    -p
    no:cacheprovider
"""


@dataclass(frozen=True)
class Survivor:
    """A change that no test noticed, and why none can, if that is known."""

    name: str
    diff: str
    why: str


def main(arguments: list[str]) -> int:
    """0 when enough mutants died and each that lives is explained."""
    named = [each for each in arguments if each != proof.OPTION]
    chosen = [module for module in TESTS if not named or any(each in module for each in named)]
    os.nice(10)
    try:
        install()
        with processes.interruptible(), tempfile.TemporaryDirectory(prefix="innkeep-mutants-") as folder:
            return measure(Path(folder), chosen, is_written=proof.OPTION in arguments and not named)
    except processes.Interrupted:
        print("Interrupted.")
    except subprocess.CalledProcessError as error:
        print(
            f"The tool could not be installed: `{' '.join(map(str, error.cmd[:4]))}` ended with {error.returncode}."
        )
    return 1


def install() -> None:
    """Make the tool's own environment, which also sees the packages of this one."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Installing the mutation tool (once) …", flush=True)
    shutil.rmtree(PLACE, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    shared = PLACE / "lib" / version / "site-packages" / "shared.pth"
    shared.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    quiet = ["--disable-pip-version-check", "--no-input", "-qq"]
    subprocess.run([PYTHON, "-m", "pip", "install", *quiet, "-r", REQUIREMENTS], check=True)
    STAMP.write_text(wanted, encoding="utf-8")


def measure(folder: Path, modules: Sequence[str], *, is_written: bool) -> int:
    """Let the mutants live and die in a copy of the checkout; say how it came out."""
    started = time.monotonic()
    prepare(folder, modules)
    if not attend(folder):
        return 1
    stats = json.loads((folder / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    survivors = [survivor(folder, name) for name in alive(folder)]
    if is_written:
        write(stats["total"], survivors)
    return report(stats["total"], survivors, minutes=(time.monotonic() - started) / 60)


def write(total: int, survivors: Sequence[Survivor]) -> None:
    """Keep the score."""
    killed, unexplained = total - len(survivors), sum(not each.why for each in survivors)
    score = Row(
        goal="mutants", what="killed, %", ours=100 * killed / total, at_least=GOAL, note=f"{killed} of {total}"
    )
    left = Row(
        goal="survivors", what="unexplained", ours=unexplained, at_most=0, note=f"of {len(survivors)}", digits=0
    )
    proof.write("mutants", [score, left], proof.stamp("mutants", database="no database"))
    proof_page.write()


def prepare(folder: Path, modules: Sequence[str]) -> None:
    """Copy what takes part, and tell the tool what to do."""
    for name in FOLDERS:
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, folder / name)
    for module in modules:
        path = folder / module
        path.write_text(undecorated(path.read_text(encoding="utf-8")), encoding="utf-8")
    sources = sorted({module.split("/")[0] for module in modules})
    text = CONFIG.format(
        sources=lines(sources),
        modules=lines(modules),
        copied=lines([*(name for name in FOLDERS if name not in sources), "manage.py", "pyproject.toml"]),
        tests=lines([test for module in modules for test in TESTS[module]]),
    )
    (folder / "setup.cfg").write_text(text, encoding="utf-8")


def lines(names: Sequence[str]) -> str:
    """A list as a configuration file has it."""
    return "\n".join(f"    {name}" for name in names)


def undecorated(source: str) -> str:
    """The same code with `@d def f` written as `def _f` and `f = d(_f)`: the tool skips the former."""
    tree = ast.parse(source)
    places: list[ast.Module | ast.ClassDef] = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    before = sum(len(place.body) for place in places)
    for place in places:
        place.body = [part for node in place.body for part in split(node)]
    is_same = before == sum(len(place.body) for place in places)
    return source if is_same else ast.unparse(ast.fix_missing_locations(tree))


def split(node: ast.stmt) -> list[ast.stmt]:
    """A decorated method as a plain one and an assignment; anything else as it is."""
    if not isinstance(node, ast.FunctionDef) or len(node.decorator_list) != 1:
        return [node]
    (decorator,), name = node.decorator_list, node.name
    node.decorator_list, node.name = [], f"_{name}"
    value = ast.Call(func=decorator, args=[ast.Name(id=node.name, ctx=ast.Load())], keywords=[])
    return [node, ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=value)]


def attend(folder: Path) -> bool:
    """Run the tool, for so long at most; False, with its last words, when it did not come to an end."""
    log = folder / "mutmut.log"
    child = processes.start(tool("run", "--max-children", "2"), log=log, env=environment(folder), cwd=folder)
    try:
        fine = child.wait(timeout=MOST_SECONDS) == 0
    except subprocess.TimeoutExpired:
        print(f"Stopped after {MOST_SECONDS // 60} minutes.")
        fine = False
    finally:
        processes.stop(child)
    if fine:
        asked(folder, "export-cicd-stats")
    else:
        print(log.read_text(encoding="utf-8", errors="replace")[-4000:])
    return fine


def alive(folder: Path) -> list[str]:
    """The names of the mutants that no test killed."""
    rows = [line.strip().split(": ") for line in asked(folder, "results").splitlines() if ": " in line]
    return [name for name, state in rows if state != "killed"]


def survivor(folder: Path, name: str) -> Survivor:
    """One that lives, with the line that it changes."""
    shown = asked(folder, "show", name).splitlines()
    changed = [line for line in shown if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    return Survivor(name, "\n".join(changed), why_alive("\n".join(changed)))


def asked(folder: Path, *arguments: str) -> str:
    """What the tool answers."""
    done = subprocess.run(
        tool(*arguments),
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return done.stdout


def tool(*arguments: str) -> list[str]:
    """A command of the tool."""
    return [str(PYTHON), "-m", "mutmut", *arguments]


def environment(folder: Path) -> dict[str, str]:
    """Tests that need no database get an address of one that they never open."""
    return {**os.environ, "DEBUG": "1", "DATABASE_URL": f"sqlite:///{folder / 'none.sqlite3'}"}


def report(total: int, survivors: Sequence[Survivor], *, minutes: float) -> int:
    """Print the score and the survivors, those that nobody has explained last."""
    for each in sorted(survivors, key=lambda each: not each.why):
        print(f"\n{each.name}\n{each.diff}\n  {each.why or 'NOT EXPLAINED'}")
    killed = total - len(survivors)
    unexplained = sum(not each.why for each in survivors)
    score = 100 * killed / total if total else 0
    print(
        f"\n{killed} of {total} mutants killed ({score:.1f} %; the goal is {GOAL} %), "
        f"{len(survivors)} survive, {unexplained} of them unexplained; {minutes:.1f} minutes"
    )
    return int(score < GOAL or unexplained > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
