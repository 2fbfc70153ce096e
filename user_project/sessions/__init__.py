"""Sessions: how long a learner studies, timed by the server."""
