"""What the worker does after people were erased."""

from shared.outbox.jobs import every

from .erasure import sweep


@every(5, "sweep after erasures")
def sweep_after_erasures() -> int:
    """Look for what is left of people who were erased."""
    return sweep()
