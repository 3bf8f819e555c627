"""Time the reading of whole logs: seconds and memory for 100 MB, and how long the page's own thread is ever blocked.

Run: python -m bench.triage [MEGABYTES]. It builds the site, makes a log with every client's format, and drops it into
the log reader in Chromium. The memory is measured under Node, which runs the same modules.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser import find_browser, list_arguments
from tests.log_maker import FORMATS, make_log, read_rows
from tests.node_tools import run_script
from tests.site_tools import ROOT, run_build, serve_site

QUIET = "2026-11-10 03:14:15,123 - bot.core - DEBUG - ticker BTCUSDT bid 64012.5 ask 64013.0 spread 0.5 in 12 ms\n"
ERRORS = 500
READ = """
async ({root, markup}) => {
    document.querySelector("article").innerHTML = markup
    const {mountTriage} = await import(`${root}assets/javascripts/triage-view.js`)
    const rows = await (await fetch(`${root}lookup.json`)).json()
    mountTriage(document, root, async () => rows)
    window.longest = 0
    let last = performance.now()
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
        const now = performance.now()
        window.longest = Math.max(window.longest, now - last)
        last = now
        setTimeout(() => channel.port2.postMessage(0), 1)
    }
    document.querySelector("#triage-file").addEventListener("change", () => {
        window.began = last = performance.now()
        window.longest = 0
    }, {capture: true})
    new MutationObserver(() => {
        if (!document.querySelector("[data-report]").hidden) window.ended = performance.now()
    }).observe(document.querySelector("[data-report]"), {attributes: true})
    channel.port2.postMessage(0)
}
"""
MEMORY = """
const main = async ({text, sizes, catalogue}) => {
    const {triage} = await load("triage.js")
    const peaks = []
    for (const size of sizes) {
        let most = 0
        function* chunks() {
            for (let i = 0; i < size / text.length; i++) {
                if (i % 4 === 3) {
                    gc()
                    most = Math.max(most, process.memoryUsage().heapUsed)
                }
                yield text
            }
        }
        const {user} = process.cpuUsage()
        await triage(chunks(), catalogue)
        peaks.push([most, (process.cpuUsage().user - user) / 1000])
    }
    return peaks
}
"""


def make_text(density: int) -> str:
    """Return about 2 MB of log: lines of every client, and between two of their errors so many quiet lines."""
    maker = make_log(read_rows(), list(FORMATS), ERRORS, 1)
    lines: list[str] = []
    for index, line in enumerate(maker.lines):
        starts = line.startswith(("2026-", "{", "time=", "$ curl", "203."))
        lines += [QUIET.rstrip()] * density if starts and index else []
        lines.append(line)
    text = "\n".join(lines) + "\n"
    return text * max(1, 2_000_000 // len(text))


def measure_page(page: Page, root: str, file: Path) -> dict[str, float]:
    """Drop a file into the reader and return the seconds it took and the longest wait of the page's thread."""
    page.goto(f"{root}codes/")
    markup = (ROOT / "templates/triage.html.jinja").read_text("utf-8")
    page.evaluate(READ, {"root": root, "markup": markup})
    page.locator("#triage-file").set_input_files(file)
    page.wait_for_function("() => window.ended", timeout=600_000)
    found: dict[str, float] = page.evaluate("({seconds: (ended - began) / 1000, longest: longest})")
    return found


def measure_memory(text: str, megabytes: int) -> list[list[float]]:
    """Return the peak of the heap in bytes, and the processor's milliseconds, for a tenth of the log and all of it."""
    sizes = [megabytes * 100_000, megabytes * 1_000_000]
    given = {"text": text, "sizes": sizes, "catalogue": {"errors": list(read_rows().values())}}
    peaks: list[list[float]] = run_script(MEMORY, given, seconds=900)
    return peaks


def run_browser(folder: Path, texts: dict[str, str], megabytes: int) -> dict[str, Any]:
    """Build the site, read every log in Chromium, and return the measures."""
    found: dict[str, Any] = {}
    program = find_browser()
    with serve_site(folder / "site") as root, sync_playwright() as driver:
        built = run_build(folder / "site", root)
        if built.returncode:
            sys.exit(built.stdout)
        browser = driver.chromium.launch(executable_path=program, args=list_arguments())
        for name, text in texts.items():
            file = folder / f"{name}.log"
            with file.open("w", encoding="utf-8", newline="\n") as sink:
                for _ in range(megabytes * 1_000_000 // len(text) + 1):
                    sink.write(text)
            page = browser.new_page()
            found[name] = measure_page(page, root, file) | {"bytes": file.stat().st_size}
            page.close()
            file.unlink()
        browser.close()
    return found


def main() -> None:
    """Print one line of JSON for each log."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    texts = {"usual": make_text(20), "nothing but errors": make_text(0)}
    with tempfile.TemporaryDirectory() as folder:
        measures = run_browser(Path(folder), texts, megabytes)
    for name, text in texts.items():
        (small, _), (large, spent) = measure_memory(text, megabytes)
        memory = {"heap_tenth": small, "heap_whole": large, "processor_seconds": spent / 1000}
        print(json.dumps({"log": name} | measures[name] | memory))


if __name__ == "__main__":
    main()
