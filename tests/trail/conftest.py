"""The hotels of the desk's tests."""

from tests.admin.conftest import foreign, own, staff

__all__ = ["foreign", "own", "staff"]
