"""Pages over few rows and over very many: the 95th percentile of each kind, and its number of queries.

Each size has a database and a process of its own, which draws the page that its next line of input names. They draw
by turns, so that a busy moment of the machine hits both.
"""

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final, cast

import psycopg

FEW, MANY = 1000, 1_000_000
PAGES, WARM, ROUNDS = 20, 3, 2
# Before the name of a kind of page: count its queries, and do not look at the clock.
COUNT: Final = "count "


@dataclass(frozen=True)
class Drawn:
    """One kind of page over few rows and over many: milliseconds and queries."""

    kind: str
    few: float
    many: float
    few_queries: int
    many_queries: int


def measure(module: str, env: Mapping[str, str], many: int) -> Iterator[Drawn]:
    """Yield each kind of page of a module of this folder; of its milliseconds the best of some rounds."""
    with (
        another(env["DATABASE_URL"]) as url,
        drawing(module, FEW, {**env, "DATABASE_URL": url}) as few,
        drawing(module, many, env) as more,
    ):
        for kind in few.kinds:
            counts = [int(each.ask(COUNT + kind)) for each in (few, more)]
            yield Drawn(kind, *rounds(kind, few, more), *counts)


def rounds(kind: str, few: "Drawing", more: "Drawing") -> tuple[float, float]:
    """The 95th percentile of one kind of page on either side."""
    for _ in range(WARM):
        few.ask(kind), more.ask(kind)
    found = [[(few.ask(kind), more.ask(kind)) for _ in range(PAGES)] for _ in range(ROUNDS)]
    few_best, more_best = (min(p95([pair[side] for pair in each]) for each in found) for side in (0, 1))
    return few_best, more_best


def p95(took: list[float]) -> float:
    """The 95th percentile."""
    return sorted(took)[int(0.95 * len(took)) - 1]


@contextmanager
def another(url: str) -> Iterator[str]:
    """A copy of a database that nobody is connected to, dropped afterwards."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}_few TEMPLATE {name}")
        try:
            yield f"{server}/{name}_few"
        finally:
            connection.execute(f"DROP DATABASE {name}_few WITH (FORCE)")


@dataclass(frozen=True)
class Drawing:
    """A process that draws pages over its own database."""

    process: "subprocess.Popen[str]"
    kinds: list[str]

    def ask(self, asked: str) -> float:
        """Milliseconds for one page, or its number of queries."""
        cast(IO[str], self.process.stdin).write(f"{asked}\n")
        cast(IO[str], self.process.stdin).flush()
        return float(answer_of(self.process))


@contextmanager
def drawing(module: str, size: int, env: Mapping[str, str]) -> Iterator[Drawing]:
    """Fill a database, and be ready to draw; what the process logs is shown only when it ends before its time."""
    command = [sys.executable, "-m", f"tests.performance.{module}", str(size)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True) as process:
        yield Drawing(process, json.loads(answer_of(process)))
        cast(IO[str], process.stdin).close()


def answer_of(process: "subprocess.Popen[str]") -> str:
    """The next line that a process says."""
    said = cast(IO[str], process.stdout).readline()
    if not said:
        raise RuntimeError(f"The process that draws has ended with {process.wait()}: see above.")
    return said


def serve(fill: Callable[[Any], dict[str, str]]) -> None:
    """Be such a process: fill the database, say which kinds of page there are, and draw what is asked for.

    `fill` is given the connection, makes a user "bench" among others, and returns the address of each kind.
    """
    importlib.import_module("django").setup()
    importlib.import_module("logging").disable()
    connection = importlib.import_module("django.db").connection
    addresses = fill(connection)
    browser = owner()
    watch = importlib.import_module("django.test.utils").CaptureQueriesContext
    print(json.dumps(list(addresses)), flush=True)
    for line in sys.stdin:
        asked = line.strip()
        address = addresses[asked.removeprefix(COUNT)]
        if not asked.startswith(COUNT):
            print(draw(browser, address), flush=True)
            continue
        draw(browser, address)  # what is drawn once is drawn now
        with watch(connection) as queries:
            draw(browser, address)
        print(len(queries), flush=True)


def owner() -> Any:
    """The browser of whoever looks."""
    client = importlib.import_module("django.test").Client(SERVER_NAME="127.0.0.1")
    users = importlib.import_module("django.contrib.auth").get_user_model().objects
    backend = importlib.import_module("django.conf").settings.AUTHENTICATION_BACKENDS[-1]
    client.force_login(users.get(username="bench"), backend=backend)
    return client


def draw(browser: Any, address: str) -> float:
    """Milliseconds for one page."""
    began = time.perf_counter()
    answer = browser.get(address)
    took = 1000 * (time.perf_counter() - began)
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code} {address}")
    return took


def chosen(values: tuple[str, ...], number: str = "i") -> str:
    """SQL: one of some texts, by turns."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"(ARRAY[{listed}])[1 + ({number}) % {len(values)}]"
