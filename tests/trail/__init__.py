"""The chains of the audit trail: written, guarded, verified, tampered with."""
