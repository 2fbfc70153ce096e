"""Progress: what a learner has done, by day and by skill."""
