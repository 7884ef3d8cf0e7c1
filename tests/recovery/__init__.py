"""Backups that are restored, and what became of the money meanwhile."""
