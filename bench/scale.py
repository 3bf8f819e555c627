"""Measure how the build grows with the catalogue, and how fast a saved row is on the page.

`python -m bench.scale` builds the site with 72, 720 and 7,200 made-up codes and prints time, peak memory, page size
and search index size, each as a ratio to plain pages of the same text built by the default theme in the same run.
Times compare seconds of the processor, which other programs on the machine blur least; the clock stands beside them.
Every build is cold but for Python's compiled modules, as a deployment's is. The fastest counts.
"""

import argparse
import gzip
import math
import pstats
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.plain import Run, build_site, copy_project, make_environment, write_plain
from catalogue.paths import ERRORS

MAX_RATIO = 1.8
MAX_GROWTH = 1.05
MAX_RELOAD = 1.8
SIZES = (72, 720, 7200)
PORT = 8765
RELOADS = 9
# Where files live in memory; 7,200 codes take 2 GB of it.
MEMORY = Path("/dev") / "shm"
MEMORY_NEEDED = 4e9
OURS_INDEX = ("search/pages.json", "lookup.json")
PLAIN_INDEX = ("search/search_index.json",)


@dataclass(frozen=True)
class Measured:
    """One project at one size: the cheapest of its builds, and the size of what it made."""

    run: Run
    page: int
    index: int


def measure_pair(count: int, repeat: int, folder: Path) -> tuple[Measured, Measured]:
    """Build ours and plain pages with `count` codes, in turn, `repeat` times."""
    ours = copy_project(folder / f"ours-{count}", count)
    site, plain_site = folder / f"site-{count}", folder / f"plain-site-{count}"
    runs = [build_site(ours, site)]
    plain = write_plain(ours, site, folder / f"plain-{count}")
    plain_runs = [build_site(plain, plain_site)]
    for _ in range(repeat - 1):
        runs.append(build_site(ours, site))
        plain_runs.append(build_site(plain, plain_site))
    result = (_weigh_site(runs, site, OURS_INDEX), _weigh_site(plain_runs, plain_site, PLAIN_INDEX))
    for path in (site, plain_site):
        shutil.rmtree(path)
    return result


def _weigh_site(runs: list[Run], site: Path, index: Sequence[str]) -> Measured:
    pages = [len(gzip.compress(path.read_bytes(), 6, mtime=0)) for path in site.glob("codes/*/index.html")]
    best = Run(*(min(values) for values in zip(*((run.wall, run.cpu, run.memory) for run in runs), strict=True)))
    return Measured(best, round(statistics.median(pages)), sum(_compress(site / path) for path in index))


def _compress(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6, mtime=0))


def print_pair(count: int, ours: Measured, plain: Measured) -> bool:
    """Print one size as a block of lines and return whether its time is within the target."""
    lines = [
        ("time of the processor, s", ours.run.cpu, plain.run.cpu),
        ("time by the clock, s", ours.run.wall, plain.run.wall),
        ("peak memory, MB", ours.run.memory, plain.run.memory),
        ("page of a code, median, kB gzip", ours.page / 1e3, plain.page / 1e3),
        ("search index, kB gzip", ours.index / 1e3, plain.index / 1e3),
    ]
    print(f"\n{count} codes                          ours     plain     ratio")
    for name, own, other in lines:
        print(f"  {name:32}{own:10.2f}{other:10.2f}{own / other:10.2f}")
    ratio = ours.run.cpu / plain.run.cpu
    return report("time against plain pages", ratio, MAX_RATIO)


def report(name: str, value: float, limit: float) -> bool:
    """Print a value beside its target and return whether it is met."""
    print(f"  {name}: {value:.2f}, target at most {limit}: {'met' if value <= limit else 'MISSED'}")
    return value <= limit


def find_growth(small: tuple[int, Run], large: tuple[int, Run]) -> float:
    """Return the exponent with which the time grows between two sizes: 1 is linear."""
    return math.log(large[1].cpu / small[1].cpu) / math.log(large[0] / small[0])


def compare_scale(sizes: Sequence[int], repeat: int, folder: Path) -> bool:
    """Measure all sizes and return whether every target is met."""
    met, seen = True, []
    for count in sizes:
        ours, plain = measure_pair(count, repeat, folder)
        met &= print_pair(count, ours, plain)
        seen.append((count, ours))
    if len(seen) > 1:
        print("\nGrowth")
        (small, before), (large, after) = seen[-2:]
        met &= report(
            f"exponent of time from {small} to {large}",
            find_growth((small, before.run), (large, after.run)),
            MAX_GROWTH,
        )
        met &= report(f"page of a code, {large} to {sizes[0]} codes", after.page / seen[0][1].page, 1.05)
    return met


@contextmanager
def serve_project(project: Path) -> Iterator[str]:
    """Run `mkdocs serve` over a project and yield its address once it answers."""
    url = f"http://127.0.0.1:{PORT}/"
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "--quiet", "--livereload", "--dev-addr", f"127.0.0.1:{PORT}"],
        cwd=project,
        env=make_environment(project, url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(url, "", 60)
        yield url
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str, text: str, seconds: float) -> float:
    """Poll an address until its page holds the text and return the seconds that took."""
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        with suppress(httpx.TransportError):
            if text in httpx.get(url, timeout=seconds, trust_env=False).text:
                return time.perf_counter() - start
        time.sleep(0.05)
    raise TimeoutError(f"{url} did not show {text!r} within {seconds} s")


def measure_reload(folder: Path, repeat: int) -> float:
    """Return the seconds from saving errors.csv to the changed page, the median of some tries."""
    project = copy_project(folder / "served", SIZES[0])
    rows = project / ERRORS
    times = []
    with serve_project(project) as url:
        for turn in range(repeat):
            # The server looks for changes twice a second; no try may keep step with it.
            time.sleep(1.5 + turn / repeat)
            mark = f"Marked {turn}"
            text = rows.read_text("utf-8")
            before = f"Marked {turn - 1}" if turn else "The signature"
            rows.write_text(text.replace(before, mark, 1), "utf-8", newline="\n")
            times.append(wait_for(f"{url}codes/30005/", mark, 60))
    return statistics.median(times)


def compare_reload(folder: Path, repeat: int) -> bool:
    """Compare the reload of one saved row with a full build of plain pages."""
    project = copy_project(folder / "built", SIZES[0])
    site = folder / "built-site"
    build_site(project, site)
    plain = write_plain(project, site, folder / "plain")
    full = min(build_site(plain, folder / "plain-site").wall for _ in range(repeat))
    seconds = measure_reload(folder, RELOADS)
    print(
        f"\nReload\n  saved row to changed page: {seconds:.2f} s by the clock; full build of plain pages: {full:.2f} s"
    )
    return report("reload against a plain build", seconds / full, MAX_RELOAD)


def print_profile(count: int, folder: Path) -> None:
    """Build once under the profiler and print the 25 functions that take the most time."""
    project = copy_project(folder / "profiled", count)
    result = folder / "profile"
    command = [
        "-m",
        "cProfile",
        "-o",
        str(result),
        "-m",
        "mkdocs",
        "build",
        "--quiet",
        "--site-dir",
        str(folder / "site"),
    ]
    subprocess.run([sys.executable, *command], cwd=project, env=make_environment(project), check=True)
    pstats.Stats(str(result)).sort_stats("cumulative").print_stats(25)


def find_memory() -> Path | None:
    """Return a folder in memory if there is one with room, so that the disk is not measured; else None."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
        print(f"The sites are built in memory, below {MEMORY}.")
        return MEMORY
    print("The sites are built on disk, which blurs the times: no folder in memory has room for them.")
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; exit 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of codes, separated by commas")
    parser.add_argument("--repeat", type=int, default=3, help="builds per size; the fastest counts")
    parser.add_argument("--profile", action="store_true", help="profile one build of the first size instead")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.sizes.split(",")]
    with tempfile.TemporaryDirectory(dir=find_memory()) as name:
        folder = Path(name)
        if options.profile:
            print_profile(sizes[0], folder)
            return 0
        met = compare_scale(sizes, options.repeat, folder)
        met &= compare_reload(folder, options.repeat)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
