"""Find, or install, the Chromium that the browser tests drive: `python -m tests.browser`.

Playwright's own build is taken where it is installed, else a Chromium of the system; where there is
neither, one is installed. The last resort is a message with the command to run.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# The first has no window and takes three quarters of the time of the others.
SYSTEM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COMMAND = f"{sys.executable} -m playwright install --with-deps chromium   (on Debian: apt-get install chromium)"


def find_browser() -> str | None:
    """Return the path of a Chromium that is on this machine, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if Path(own).is_file():
        return own
    return next((path for name in SYSTEM_NAMES if (path := shutil.which(name))), None)


def install_browser() -> None:
    """Install a Chromium: Debian's where apt-get may be used, else Playwright's own."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "install", "-y", "-qq"]
        for command in (["apt-get", "update", "-qq"], [*install, SYSTEM_NAMES[0]], [*install, SYSTEM_NAMES[1]]):
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)
            if find_browser():
                return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def list_arguments() -> list[str]:
    """Return the arguments to start Chromium with: no calls home, and no sandbox for root, who cannot have one."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return [*quiet, "--no-sandbox"] if os.geteuid() == 0 else quiet


def main() -> int:
    """Make sure that a browser is there; exit 1 with the command to run if that fails."""
    if not find_browser():
        install_browser()
    found = find_browser()
    if not found:
        sys.stderr.write(f"No Chromium for the browser tests. Run: {COMMAND}\n")
        return 1
    sys.stdout.write(f"Browser tests use {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
