"""Django's own database backends, with one thing more: the history is sealed before a transaction commits."""
