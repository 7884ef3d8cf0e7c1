"""The start page: what waits, who comes and goes, how full the house is; and what keeps open pages up to date."""
