"""The audit trail: every history row in its place in a chain, looked through, exported and verified."""
