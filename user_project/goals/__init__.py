"""Goals: what learners set out to do, and how far they are."""
