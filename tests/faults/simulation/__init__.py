"""Random people, a random Stripe, clock and trouble: a hundred steps that one number, the seed, decides.

Everything happens in one process, on PostgreSQL and the simulated Stripe: what would be a thread or a process of its
own takes its turn at a moment that the seed chooses, and time is counted, not measured. So the same seed does the
same again, and a seed that ends wrong is a test that anybody can repeat.
"""
