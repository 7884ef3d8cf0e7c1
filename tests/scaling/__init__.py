"""Beyond one machine: a pooler, a shared cache and a replica, all of them real."""
