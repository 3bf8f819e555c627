"""Take the picture of the README: the page of one code on a desktop's first screen.

`python -m bench.picture` builds the site and writes docs/assets/images/site.png.
"""

import struct
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.plain import ROOT
from tests.browser import find_browser, list_arguments
from tests.site_tools import run_build, serve_site

PICTURE = ROOT / "docs" / "assets" / "images" / "site.png"
PAGE = "codes/30005/"
MAX_BYTES = 120_000


def take_picture(url: str, target: Path, browser: str | None) -> None:
    """Write the first screen of a page, in the light palette, as a PNG."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=list_arguments())
        page = chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light", reduced_motion="reduce")
        page.goto(url)
        page.wait_for_function("() => 'document$' in window")
        page.screenshot(path=target)
        chromium.close()


def shrink_picture(content: bytes) -> bytes:
    """Return an RGB picture as one with a palette: its 256 commonest colours, to the nearest of which the others go."""
    chunks = list(_split_chunks(content))
    width, height, depth, kind = struct.unpack(">IIBB", chunks[0][1][:10])
    if (depth, kind) != (8, 2):
        raise ValueError(f"expected 8 bits of RGB, found depth {depth}, type {kind}. Adapt bench/picture.py.")
    packed = b"".join(data for name, data in chunks if name == b"IDAT")
    rows = list(_unfilter_rows(zlib.decompress(packed), width * 3))
    pixels = [[row[at : at + 3] for at in range(0, len(row), 3)] for row in rows]
    counts = Counter(pixel for row in pixels for pixel in row)
    palette = {colour: at for at, (colour, _) in enumerate(counts.most_common(256))}
    shades = {colour: palette[min(palette, key=partial(_measure, colour))] for colour in counts}
    lines = b"".join(b"\0" + bytes(shades[pixel] for pixel in row) for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = [(b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    return content[:8] + b"".join(_join_chunk(name, data) for name, data in parts)


def _split_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        at += size + 12


def _join_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _unfilter_rows(data: bytes, size: int) -> Iterator[bytes]:
    above = bytes(size)
    for start in range(0, len(data), size + 1):
        row = bytearray(data[start + 1 : start + 1 + size])
        for at, value in enumerate(row):
            left, corner = (row[at - 3], above[at - 3]) if at > 2 else (0, 0)
            row[at] = (value + _predict(data[start], left, above[at], corner)) & 255
        above = bytes(row)
        yield above


def _predict(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 4:
        return min((left, above, corner), key=lambda value: abs(left + above - corner - value))
    return (0, left, above, (left + above) // 2)[kind]


def _measure(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def main() -> int:
    """Build, take the picture, and say how heavy it is; exit 1 if it is too heavy for a README."""
    browser = find_browser()
    with tempfile.TemporaryDirectory() as name, serve_site(Path(name) / "site") as url:
        built = run_build(Path(name) / "site", url)
        if built.returncode:
            sys.stderr.write(built.stdout)
            return 1
        take_picture(url + PAGE, PICTURE, browser)
    PICTURE.write_bytes(shrink_picture(PICTURE.read_bytes()))
    size = PICTURE.stat().st_size
    print(f"{PICTURE.relative_to(ROOT)}: {size} bytes, at most {MAX_BYTES}")
    return 0 if size <= MAX_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
