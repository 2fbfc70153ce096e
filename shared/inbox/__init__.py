"""Same key, same answer: which requests and events were already handled."""
