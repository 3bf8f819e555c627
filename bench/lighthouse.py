"""Run Lighthouse on one page of each kind, and compare the code page with the default theme's page of the same text.

`python -m bench.lighthouse` needs npm, with which it installs Lighthouse, the Node that this asks for, and the fonts of
the default theme into .cache/lighthouse. The default theme takes its fonts from Google; here a local server stands in
for Google's, so that both pages are measured without the network's mood.
"""

import argparse
import http.server
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from bench.plain import ROOT, build_site, write_plain
from tests.browser import find_browser, list_arguments
from tests.site_tools import run_build, serve_site

CACHE = ROOT / ".cache" / "lighthouse"
TOOLS = CACHE / "node_modules" / ".bin"
# Lighthouse 13, the first with all its categories, needs Node 22.
PACKAGES = ("lighthouse@13", "node@22", "@fontsource/roboto", "@fontsource/roboto-mono")
FONT_HOSTS = ("fonts.googleapis.com", "fonts.gstatic.com")
PAGES = {"home": "", "codes": "codes/", "code": "codes/30005/", "status": "http/401/", "guide": "guides/signing/"}
FORMS = ("mobile", "desktop")
MAX_SHARE = 0.42


@dataclass(frozen=True)
class Report:
    """What one run says: category → score of 100, largest contentful paint and blocking in ms, what was marked down."""

    scores: dict[str, int]
    paint: float
    blocking: float
    faults: list[str]


def install_tools() -> None:
    """Install what is measured with, if another version of it or nothing stands there."""
    installed = CACHE / "installed"
    wanted = "\n".join(PACKAGES)
    if installed.is_file() and installed.read_text("utf-8") == wanted:
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    print(f"Installing {', '.join(PACKAGES)} into {CACHE.relative_to(ROOT)}")
    settings = os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"}
    subprocess.run(
        ["npm", "install", "--silent", "--prefix", str(CACHE), *PACKAGES], cwd=CACHE, env=settings, check=True
    )
    installed.write_text(wanted, "utf-8")


class FontHandler(http.server.BaseHTTPRequestHandler):
    """Stand in for the two hosts of Google's fonts: a stylesheet of faces, and the files that it names."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send the stylesheet, or one font."""
        if self.path.startswith("/css"):
            self._send("text/css", "".join(_list_faces()).encode())
        else:
            name = self.path.rpartition("/")[2]
            package = "roboto-mono" if name.startswith("roboto-mono") else "roboto"
            self._send("font/woff2", (CACHE / "node_modules/@fontsource" / package / "files" / name).read_bytes())

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Cache-Control", "max-age=86400")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Stay silent."""


def _list_faces() -> Iterator[str]:
    faces = [("Roboto", "roboto", weight) for weight in (300, 400, 700)]
    faces += [("Roboto Mono", "roboto-mono", weight) for weight in (400, 700)]
    for family, name, weight in faces:
        for style in ("normal", "italic"):
            yield (
                f"@font-face{{font-family:'{family}';font-style:{style};font-weight:{weight};font-display:fallback;"
                f"src:url(https://fonts.gstatic.com/{name}-latin-{weight}-{style}.woff2) format('woff2');"
                "unicode-range:U+0000-00FF,U+2000-206F,U+20AC,U+2122}"
            )


@contextmanager
def serve_fonts(folder: Path) -> Iterator[int]:
    """Serve the fonts over TLS with a certificate made for this run, and yield the port."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=fonts.googleapis.com",
    ]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], capture_output=True, check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), FontHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def run_lighthouse(browser: str, port: int, form: str, url: str) -> Report:
    """Run Lighthouse once on a page."""
    rules = ", ".join(f"MAP {host}:443 127.0.0.1:{port}" for host in FONT_HOSTS)
    flags = ["--headless=new", "--disable-gpu", "--ignore-certificate-errors", *list_arguments()]
    arguments = [str(TOOLS / "lighthouse"), url, "--quiet", "--output=json", f"--chrome-path={browser}"]
    arguments.append(f'--chrome-flags={" ".join(flags)} --host-resolver-rules="{rules}"')
    if form == "desktop":
        arguments.append("--preset=desktop")
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(arguments, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"Lighthouse failed on {url}:\n{result.stderr}")
    return read_report(json.loads(result.stdout))


def read_report(data: dict[str, Any]) -> Report:
    """Cut the report of Lighthouse down to what is printed."""
    audits, categories = data["audits"], data["categories"]
    faults = [
        f"{name}: {audits[entry['id']]['title']}"
        for name, category in categories.items()
        for entry in category["auditRefs"]
        if entry["weight"] and (audits[entry["id"]]["score"] or 0) < 0.9 and audits[entry["id"]]["score"] is not None
    ]
    scores = {name: round(entry["score"] * 100) for name, entry in categories.items() if entry["score"] is not None}
    paint, blocking = (audits[name]["numericValue"] for name in ("largest-contentful-paint", "total-blocking-time"))
    return Report(scores, paint, blocking, faults)


def take_best(run: partial[Report], repeat: int) -> Report:
    """Run some times and return the best run: other programs on the machine only slow a run down."""
    return min((run() for _ in range(repeat)), key=lambda report: (-report.scores["performance"], report.paint))


def print_report(form: str, name: str, report: Report) -> None:
    """Print one page as a line, and what was marked down."""
    scores = "  ".join(f"{category} {score}" for category, score in report.scores.items())
    print(f"{form:8}{name:16}{scores}  paint {report.paint:.0f} ms  blocking {report.blocking:.0f} ms")
    for fault in report.faults:
        print(f"        {fault}")


def build_plain(site: Path, folder: Path) -> Path:
    """Build the default theme's pages of the same text and return their folder."""
    project = write_plain(ROOT, site, folder / "plain")
    target = folder / "plain-site"
    build_site(project, target)
    page = (target / PAGES["code"] / "index.html").read_text("utf-8")
    if not re.search(r"https://fonts\.googleapis\.com/css", page):
        raise RuntimeError("The default theme no longer takes its fonts from Google. Adapt the comparison.")
    return target


def measure_site(browser: str, folder: Path, names: Sequence[str], repeat: int) -> bool:
    """Measure all pages and the plain page, print them, and return whether every target is met."""
    site, met = folder / "site", True
    with serve_fonts(folder) as port, serve_site(site) as url, serve_site(folder / "plain-site") as plain_url:
        built = run_build(site, url)
        if built.returncode:
            raise RuntimeError(built.stdout)
        build_plain(site, folder)
        for form in FORMS:
            measure = partial(run_lighthouse, browser, port, form)
            for name in names:
                report = take_best(partial(measure, url + PAGES[name]), repeat)
                print_report(form, name, report)
                met &= all(score == 100 for score in report.scores.values())
                if name == "code":
                    plain = take_best(partial(measure, plain_url + PAGES[name]), repeat)
                    print_report(form, "default theme", plain)
                    share = report.paint / plain.paint
                    print(f"        paint, ours to the default theme's: {share:.0%}, target at most {MAX_SHARE:.0%}")
                    met &= share <= MAX_SHARE
    return met


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; exit 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--pages", default=",".join(PAGES), help=f"some of {','.join(PAGES)}")
    parser.add_argument("--repeat", type=int, default=3, help="runs per page; the best counts")
    options = parser.parse_args(arguments)
    missing = [name for name in ("node", "npm", "openssl") if not shutil.which(name)]
    if missing:
        print(f"Lighthouse needs {', '.join(missing)}, which this machine does not have. Install it, or do without.")
        return 0
    browser = find_browser()
    if not browser:
        print("Lighthouse needs a Chromium. Run: python -m tests.browser")
        return 1
    print("The default theme's fonts come from a local stand-in for Google's servers.")
    install_tools()
    with tempfile.TemporaryDirectory() as name:
        met = measure_site(browser, Path(name), options.pages.split(","), options.repeat)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
