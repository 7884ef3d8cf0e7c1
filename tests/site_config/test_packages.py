"""What pip-audit's answer counts for: only what was looked up, and never green for nothing."""

import pytest

from site_config.devtools.packages import judged

CLEAN = {"name": "django", "version": "6.1.3", "vulns": []}
WEAK = {"name": "jinja", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNSEEN = {"name": "stripe", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("packages", "is_clean", "says"),
    [
        ([CLEAN], True, "1 packages looked up, 0 known weaknesses."),
        ([CLEAN, CLEAN], True, "1 packages looked up, 0 known weaknesses."),
        ([CLEAN, WEAK], False, "jinja 1.0: PYSEC-1, mended in 1.1"),
        ([CLEAN, UNSEEN], False, "NOT looked up: 1 (stripe)"),
        ([UNSEEN], False, "Nothing was audited. This is no pass"),
        ([], False, "Nothing was audited. This is no pass"),
    ],
)
def test_only_what_was_looked_up_counts(packages, is_clean, says):
    found = judged([{"dependencies": packages[:1]}, {"dependencies": packages[1:]}])
    assert found.is_clean == is_clean
    assert says in "\n".join(found.lines())
