"""Take the pictures that show the site elsewhere: in the README, and in a messenger where somebody sends a link.

`python -m bench.picture` builds the site and writes docs/assets/images/site.png and social.png.
"""

import io
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from bench.plain import ROOT
from tests.browser import find_browser, list_arguments
from tests.site_tools import run_build, serve_site

IMAGES = ROOT / "docs" / "assets" / "images"
# Name of a picture → what it shows, and the size of the screen.
PICTURES = {
    "site.png": ("codes/30014/", (1280, 800)),
    "social.png": ("assets/images/social.svg", (1200, 630)),
}
COLOURS = 256
MAX_BYTES = 120_000


def take_pictures(url: str, browser: str | None) -> Mapping[str, bytes]:
    """Return name → PNG of a first screen in the light palette."""
    pictures = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=list_arguments())
        for name, (path, (width, height)) in PICTURES.items():
            page = chromium.new_page(color_scheme="light", reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": height})
            page.goto(url + path, wait_until="networkidle")
            pictures[name] = page.screenshot()
        chromium.close()
    return pictures


def shrink_picture(content: bytes) -> bytes:
    """Return the picture with a palette of its own, which is a third as heavy."""
    shrunk = io.BytesIO()
    picture = Image.open(io.BytesIO(content)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(shrunk, "PNG", optimize=True)
    return shrunk.getvalue()


def main() -> int:
    """Build, take the pictures, and say how heavy they are; exit 1 if one is too heavy for a first view."""
    browser = find_browser()
    with tempfile.TemporaryDirectory() as name, serve_site(Path(name) / "site") as url:
        built = run_build(Path(name) / "site", url)
        if built.returncode:
            sys.stderr.write(built.stdout)
            return 1
        pictures = {picture: shrink_picture(content) for picture, content in take_pictures(url, browser).items()}
    for picture, content in pictures.items():
        (IMAGES / picture).write_bytes(content)
        print(f"{picture}: {len(content)} bytes, at most {MAX_BYTES}")
    return int(any(len(content) > MAX_BYTES for content in pictures.values()))


if __name__ == "__main__":
    sys.exit(main())
