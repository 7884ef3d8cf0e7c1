"""`./run check`: everything about the code that is known without running the tests.

`--write` tells docs/proof.md whether the settings and the rules for safe code hold.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from site_config.devtools import proof, proof_page
from site_config.devtools.proof import Row

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDERS = ("bookings", "payments", "cancellations", "trail", "site_config", "tests")
LONGEST_FILE = 350
LINT, UNWRITTEN, UNSEEN = (
    "lint (ruff, with bandit's rules)",
    "nothing writes past history",
    "nothing is called safe unseen",
)
DEPLOYMENT = "deployment (check --deploy)"
SAFETY = (LINT, UNWRITTEN, UNSEEN, DEPLOYMENT)

DEVELOPMENT = {"ENV_FILE": "", "DEBUG": "1", "DATABASE_URL": "sqlite://:memory:"}
PRODUCTION = {
    "ENV_FILE": "",
    "DEBUG": "0",
    "DJANGO_SECRET_KEY": "check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP",
    "SITE_URL": "https://desk.example.com",
    "DATABASE_URL": "postgres://innkeep@127.0.0.1:5432/innkeep",
    "EMAIL_URL": "smtp+tls://desk:secret@mail.example.com:587",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_check",
    "STRIPE_SECRET_KEY": "sk_test_check",
    "STRIPE_WEBHOOK_SECRET": "whsec_check",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One command that has to end with 0."""

    title: str
    command: list[str]
    variables: dict[str, str]


def main(arguments: list[str]) -> int:
    """Run all of them, two at a time, and say at the end what failed."""
    failed = [title for title, fine in results() if not fine]
    if proof.OPTION in arguments:
        write(failed)
    print()
    for title in failed:
        print(f"Failed: {title}")
    print("All checks passed." if not failed else f"{len(failed)} checks failed.", flush=True)
    return 1 if failed else 0


def write(failed: list[str]) -> None:
    """Keep how many of the checks about safety failed."""
    wrong = sum(title in SAFETY for title in failed)
    row = Row(goal="settings", what="checks that fail", ours=wrong, at_most=0, note=", ".join(SAFETY), digits=0)
    proof.write("check", [row], proof.stamp("check", database="no database"))
    proof_page.write()


def results() -> Iterator[tuple[str, bool]]:
    """Each check's title and whether it held, in order, printed as they end."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        for check, (seconds, exit_code, output) in zip(CHECKS, pool.map(run, CHECKS), strict=True):
            print(f"{'ok  ' if exit_code == 0 else 'FAIL'} {check.title} ({seconds:.1f} s)", flush=True)
            if exit_code != 0:
                print(output)
            yield check.title, exit_code == 0
    problems = too_long()
    print("\n".join([f"{'FAIL' if problems else 'ok  '} no file above {LONGEST_FILE} lines", *problems]))
    yield "length of files", not problems


def run(check: Check) -> tuple[float, int, str]:
    """Seconds, exit code and everything printed."""
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=CHECKOUT,
        env=os.environ | check.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return time.monotonic() - started, done.returncode, done.stdout.strip()


def too_long() -> list[str]:
    """Files of code that nobody reads to the end, migrations excepted."""
    files = [CHECKOUT / "run", CHECKOUT / "manage.py"]
    files += [path for folder in FOLDERS for path in sorted((CHECKOUT / folder).rglob("*.py"))]
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in files if "migrations" not in path.parts
    }
    return [
        f"     {path.relative_to(CHECKOUT)}: {length} lines"
        for path, length in lengths.items()
        if length > LONGEST_FILE
    ]


def python(*arguments: str) -> list[str]:
    """A command of this environment's interpreter."""
    return [sys.executable, *arguments]


CHECKS = [
    Check("types (mypy)", python("-m", "mypy"), DEVELOPMENT),
    Check("format (ruff)", python("-m", "ruff", "format", "--check", "--quiet", "--diff", "."), {}),
    Check(LINT, python("-m", "ruff", "check", "--quiet", "."), {}),
    Check(
        "import contract (import-linter)",
        python("-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-cache"),
        DEVELOPMENT,
    ),
    Check(UNWRITTEN, python("-m", "site_config.devtools.history_lint"), {}),
    Check(
        "migrations let the old version work on",
        python("-m", "site_config.devtools.migration_lint"),
        {**DEVELOPMENT, "DJANGO_SETTINGS_MODULE": "site_config.settings"},
    ),
    Check(UNSEEN, python("-m", "site_config.devtools.safety_lint"), {}),
    Check("models match migrations", python("manage.py", "makemigrations", "--check", "--dry-run"), DEVELOPMENT),
    Check(
        DEPLOYMENT,
        python("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        PRODUCTION,
    ),
]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
