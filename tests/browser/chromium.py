"""Where Chromium is; `python -m tests.browser.chromium` installs Debian's where it may, with what reads printed pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from goodwill.reports.running import pdf

# As root Chromium refuses its sandbox.
QUIET = ("--no-sandbox", *pdf.QUIET)
find = pdf.find_chromium


def main() -> None:
    """Find Chromium, or install it where this is Debian and we are root; else say what to do."""
    if find() and shutil.which("pdftoppm"):
        return
    if shutil.which("apt-get") and os.name == "posix" and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium", "poppler-utils"], check=True, stdout=subprocess.DEVNULL)
        return
    if find():
        return  # what looks at printed pages is skipped
    sys.exit("No Chromium on the path: install it (on Debian: apt-get install chromium) and call again.")


if __name__ == "__main__":
    main()
