"""Entries for the history rows that a test has written, which never commits."""

from trail.writing import write_pending


def recorded() -> None:
    """Put every history row into its chain, as a commit would."""
    write_pending()
