"""The dashboard: what a learner sees first, from here and from the peers."""
