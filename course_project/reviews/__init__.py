"""Reviews: what learners say of the courses they take."""
