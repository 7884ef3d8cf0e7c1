"""The entry script finds a Python that works, and mends an environment that does not."""

import importlib.util
import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "run"
FAILING_SHIM = "#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, in a checkout of its own with nothing on PATH and no pyenv."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("innkeep_run", str(SCRIPT))
    spec = importlib.util.spec_from_loader("innkeep_run", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    for name in ("CHECKOUT", "VENV", "VENV_PYTHON", "STAMP", "UNFINISHED", "LOCK"):
        moved = tmp_path / getattr(module, name).relative_to(SCRIPT.parent)
        monkeypatch.setattr(module, name, moved)
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "requirements-dev.txt").write_text("# more\n")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(module.sys, "executable", str(tmp_path / "gone"))
    return module


def program(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def working(path: Path) -> str:
    return program(path, f'#!/bin/sh\nexec "{REAL_PYTHON}" "$@"\n')


REAL_PYTHON = sys.executable


def test_interpreter_own_one_comes_first(run: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run.sys, "executable", REAL_PYTHON)
    assert run.find_interpreter() == REAL_PYTHON


def test_interpreter_skips_shims_that_fail(run: ModuleType, tmp_path: Path):
    program(tmp_path / "bin" / "python3.14", FAILING_SHIM)
    program(tmp_path / "bin" / "python3.13", FAILING_SHIM)
    found = working(tmp_path / "bin" / "python3.12")
    assert run.find_interpreter() == found


def test_interpreter_skips_one_without_venv(run: ModuleType, tmp_path: Path):
    program(tmp_path / "bin" / "python3.14", "#!/bin/sh\nexit 1\n")
    found = working(tmp_path / "bin" / "python3.13")
    assert run.find_interpreter() == found


def test_interpreter_newest_of_pyenv(run: ModuleType, tmp_path: Path):
    versions = tmp_path / "pyenv" / "versions"
    program(versions / "3.9.18" / "bin" / "python", "#!/bin/sh\nexit 1\n")
    working(versions / "3.12.1" / "bin" / "python")
    newest = working(versions / "3.13.0" / "bin" / "python")
    assert run.pyenv_interpreters() == [
        newest,
        str(versions / "3.12.1" / "bin" / "python"),
        str(versions / "3.9.18" / "bin" / "python"),
    ]
    assert run.find_interpreter() == newest


def test_interpreter_from_uv_last(run: ModuleType, tmp_path: Path):
    found = working(tmp_path / "elsewhere" / "python")
    program(tmp_path / "bin" / "uv", f'#!/bin/sh\n[ "$2" = find ] && echo {found}\n')
    assert run.find_interpreter() == found


def test_interpreter_installed_by_uv(run: ModuleType, tmp_path: Path):
    found = working(tmp_path / "elsewhere" / "python")
    script = f'#!/bin/sh\ncase "$2" in\nfind) [ -e "$0.done" ] && echo {found};;\ninstall) : > "$0.done";;\nesac\n'
    program(tmp_path / "bin" / "uv", script)
    assert run.find_interpreter() == found


def test_interpreter_none_is_one_sentence(run: ModuleType):
    with pytest.raises(SystemExit) as stopped:
        run.create_environment()
    assert str(stopped.value).startswith("Innkeep needs Python 3.12 or newer")


def test_environment_is_made_once_and_mended(run: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run.sys, "executable", REAL_PYTHON)
    said: list[str] = []
    monkeypatch.setattr(run, "say", said.append)
    run.prepare("requirements.txt")
    run.prepare("requirements.txt")
    made = [f"Making .venv with {REAL_PYTHON}", "Installing requirements.txt (once)"]
    assert said == made

    run.prepare("requirements-dev.txt")
    run.prepare("requirements.txt")
    assert said == [*made, "Installing requirements-dev.txt (once)"]

    said.clear()
    run.UNFINISHED.touch()  # as after Ctrl-C in the middle of an installation
    run.prepare("requirements.txt")
    assert said == ["The environment in .venv is broken or half made: making it anew", *made]

    said.clear()
    run.VENV_PYTHON.unlink()
    run.prepare("requirements.txt")
    assert said == ["The environment in .venv is broken or half made: making it anew", *made]

    said.clear()
    (run.CHECKOUT / "requirements.txt").write_text("# changed\n")
    run.prepare("requirements.txt")
    assert said == ["Installing requirements.txt (once)"]


def test_failed_installation_is_one_sentence(run: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run.sys, "executable", REAL_PYTHON)
    (run.CHECKOUT / "requirements.txt").write_text("Django==6.1.3\n")  # without a hash
    answer = run.main(["demo"])
    assert answer.endswith("ended with 1. Run this again to go on.")
    assert run.UNFINISHED.exists()


def test_unknown_command_lists_the_known_ones():
    done = subprocess.run([sys.executable, SCRIPT, "deploy"], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 2
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("  ./run")] == [
        "demo",
        "test",
        "check",
        "messages",
        "bench",
        "faults",
        "fuzz",
        "packages",
        "coverage",
        "mutants",
    ]
