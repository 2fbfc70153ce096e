"""Where this machine's Chromium is, for the tests that look at pages."""

import shutil

# Debian's name first; the others are those of other systems.
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A browser that looks for nothing outside this machine; the sandbox needs a user
# other than root.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def chromium_path() -> str | None:
    """Return the path of Chromium, None when this machine has none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)
