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


def may_install() -> bool:
    """Return whether this is Debian, and we may install its packages."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install_package(name: str) -> bool:
    """Install a package of Debian, without waiting for a silent mirror, and return whether its program is there."""
    quick = ["-o", "Acquire::http::Timeout=10", "-o", "Acquire::Retries=0"]
    for command in (["update", "-qq"], ["install", "-y", "-qq", name]):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", *quick, *command], check=False, capture_output=True, env=environment)
    return shutil.which(name) is not None


def install_browser() -> None:
    """Install a Chromium: Debian's where that may be done, else Playwright's own."""
    if not (may_install() and any(install_package(name) for name in SYSTEM_NAMES[:2])):
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def list_arguments() -> list[str]:
    """Return the arguments to start Chromium with: no calls home, and no sandbox for root, who cannot have one."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return [*quiet, "--no-sandbox"] if os.geteuid() == 0 else quiet


def main() -> int:
    """Make sure that a browser is there, the quick one where we may; exit 1 with the command to run if that fails."""
    found = find_browser()
    if found and Path(found).name in SYSTEM_NAMES[1:] and may_install():
        install_package(SYSTEM_NAMES[0])
    elif not found:
        install_browser()
    found = find_browser()
    if not found:
        sys.stderr.write(f"No Chromium for the browser tests. Run: {COMMAND}\n")
        return 1
    sys.stdout.write(f"Browser tests use {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
