"""What `./run test`, `check`, `bench` and `faults` do. Nothing here runs in production."""
