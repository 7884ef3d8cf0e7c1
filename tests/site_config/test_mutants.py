"""What `./run mutants` does around the tool."""

import pytest

from site_config.devtools.mutants import CHECKOUT, TESTS, Survivor, report, undecorated
from site_config.devtools.mutants_known import KNOWN, why_alive

DECORATED = """
class Door:
    '''A door.'''
    is_open = False

    @property
    def words(self):
        return "open" if self.is_open else "shut"

    def open(self):
        self.is_open = True
"""


def test_decorated_methods_work_as_before_without_their_decorator():
    names: dict[str, type] = {}
    exec(undecorated(DECORATED), names)  # noqa: S102  (the code above)
    door = names["Door"]()
    door.open()
    assert (door.words, door._words(), type(names["Door"].words)) == ("open", "open", property)


def test_decorated_functions_work_as_before_without_their_decorator():
    names: dict[str, object] = {}
    exec(undecorated("from functools import cache\n@cache\ndef door(width):\n    return [width]\n"), names)  # noqa: S102
    door, plain = names["door"], names["_door"]
    assert callable(door)
    assert callable(plain)
    assert (door(3) is door(3), plain(3) is plain(3), door(3)) == (True, False, [3])


def test_code_without_decorated_methods_stays_as_it_is():
    plain = "class Door:\n    def open(self): return  'wide'  # quite\n"
    assert undecorated(plain) == plain


@pytest.mark.parametrize(
    ("total", "whys", "code"),
    [(100, ["known"] * 5, 0), (100, ["known"] * 6, 1), (100, ["known", ""], 1), (0, [], 1)],
)
def test_too_many_survivors_or_one_that_nobody_explains_fail(capsys, total, whys, code):
    survivors = [Survivor("x_f__mutmut_1", "+    return 1", why) for why in whys]
    assert report(total, survivors, minutes=1) == code
    assert f"{total - len(whys)} of {total} mutants killed" in capsys.readouterr().out


def test_a_survivor_is_known_by_its_new_line_only():
    piece, why = KNOWN[0]
    assert why_alive(f"-    old\n+    new {piece}") == why
    assert why_alive(f"-    old {piece}\n+    new") == ""


def test_modules_and_their_tests_are_there():
    assert [
        path for module, tests in TESTS.items() for path in (module, *tests) if not (CHECKOUT / path).is_file()
    ] == []
