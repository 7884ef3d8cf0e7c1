"""The hotels and people of the desk's tests."""

from tests.admin.conftest import foreign, manager, own, staff

__all__ = ["foreign", "manager", "own", "staff"]
