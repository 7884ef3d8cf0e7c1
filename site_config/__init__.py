"""The composition root: settings, addresses, and what staff see around the apps."""
