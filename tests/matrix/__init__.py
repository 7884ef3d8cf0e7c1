"""Who may do what at which address: every address of the site, for every role, object and method."""
