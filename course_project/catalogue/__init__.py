"""The catalogue: courses, and who may write them."""
