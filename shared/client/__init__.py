"""Going out: one pipeline of deadline, policy, budget, breaker, bulkhead, attempt."""
