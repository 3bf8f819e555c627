"""The command line: python -m catalogue …"""

import sys
from pathlib import Path
from typing import Any

import click

from catalogue.escaping import escape_terminal
from catalogue.model.loading import CatalogueError, get_catalogue
from catalogue.paths import PERMALINKS
from catalogue.publish.finish import FinishError, finish_site
from catalogue.render.terminal import explain_code
from catalogue.site.offline import OfflineError, pack_site
from catalogue.site.permalinks import ADVICE, check_permalinks, list_addresses, read_permalinks, update_permalinks
from catalogue.site.stubs import check_stubs, write_stubs
from catalogue.vendor.drift import DriftError, check_drift
from catalogue.vendor.report import FORMATS
from catalogue.vendor.snapshot import accept_page


class Commands(click.Group):
    """Commands that end with one line of instruction, not a traceback, where data, site or disk are at fault."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named; exit 2 where it cannot do its work."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has seen enough
            raise
        except OSError as error:
            print_text(
                f"{error.filename or 'This computer'}: {error.strerror}. No file is lost. Mend it, then run again.",
                err=True,
            )
        except (CatalogueError, DriftError, FinishError, OfflineError) as error:
            print_text(str(error), err=True)
        sys.exit(2)


def print_text(text: str, *, err: bool = False) -> None:
    """Print text that may hold what strangers wrote; nothing else prints."""
    click.echo(escape_terminal(text, kept="\n"), err=err)


@click.group(cls=Commands)
def main() -> None:
    """Work with the error catalogue of the WOO X Pro REST API."""


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if stubs and rows differ.")
def pages(check: bool) -> None:
    """Write the stubs of docs/codes/ and docs/http/ from the rows."""
    if check:
        problems = check_stubs(get_catalogue())
        print_text("\n".join(problems) or "The stubs equal the rows.", err=bool(problems))
        sys.exit(1 if problems else 0)
    changed = write_stubs(get_catalogue())
    print_text("\n".join(f"docs/{path}" for path in changed) or "Nothing to change.")


@main.command()
@click.argument("site_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
def finish(site_dir: Path) -> None:
    """Write everything that is not a page into a built site, whatever generator built it."""
    written = finish_site(site_dir)
    print_text(f"{site_dir}: wrote {len(written)} files beside the pages.")


@main.command()
@click.argument("site_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if the list and the built site differ.")
@click.option("--file", default=PERMALINKS, type=click.Path(dir_okay=False, path_type=Path), help="The list.")
def permalinks(site_dir: Path, check: bool, file: Path) -> None:
    """Add the addresses of a built site to data/permalinks.txt; never drop one."""
    if check:
        problems = check_permalinks(set(read_permalinks(file)), list_addresses(site_dir))
        print_text("\n".join(problems) or "The list equals the site.", err=bool(problems))
        sys.exit(1 if problems else 0)
    added, lost = update_permalinks(site_dir, file)
    if lost:
        print_text("\n".join(["Nothing was written. The site lacks:", *lost, ADVICE]), err=True)
        sys.exit(1)
    print_text("\n".join(added) or "Nothing to add.")


@main.command()
@click.argument("site_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def offline(site_dir: Path, target: Path) -> None:
    """Pack a built site into a zip that opens from disk, search and lookup included."""
    print_text(f"{target}: {pack_site(site_dir, target)} files. Unpack it and open index.html.")


# A number below zero is no option: other exchanges have such codes.
@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("code")
def explain(code: str) -> None:
    """Print the page of a code for the terminal, without network."""
    text, found = explain_code(get_catalogue(), code)
    print_text(text, err=not found)
    sys.exit(0 if found else 1)


@main.command()
@click.argument("source", required=False, metavar="[FILE|URL]")
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown for an issue.")
@click.option("--accept", is_flag=True, help="Replace the snapshot by the page; the rows stay for you to edit.")
@click.option("--whole", is_flag=True, help="Believe that the page is whole, even if its last codes are missing.")
def drift(source: str | None, form: str | None, accept: bool, whole: bool) -> None:
    """Compare the vendor's page as it is today with the snapshot and the rows.

    Without FILE or URL it reads the address in data/spec/manifest.json. Exit code 0: equal; 1: drift;
    2: the page could not be read, is another page, or looks cut off. With --accept 0 means: replaced.
    """
    report, content = check_drift(source, whole=whole, accept=accept)
    print_text(FORMATS[form or "text"](report))
    if accept:
        manifest = accept_page(content)
        print_text(f"Replaced data/spec: retrieved {manifest.retrieved}, sha256 {manifest.sha256}.", err=True)
    sys.exit(1 if report.has_drift and not accept else 0)


def run() -> None:
    """Run the command line."""
    main(prog_name="python -m catalogue")
