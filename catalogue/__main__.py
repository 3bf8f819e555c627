"""The command line: python -m catalogue …"""

import sys

import click

from catalogue.explain import explain_code
from catalogue.load import CatalogueError, get_catalogue
from catalogue.pages import check_pages, write_pages


@click.group()
def main() -> None:
    """Work with the error catalogue of the WOO X Pro REST API."""


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if pages and rows differ.")
def pages(check: bool) -> None:
    """Write the one-line pages of docs/codes/ and docs/http/ from the rows."""
    if check:
        problems = check_pages(get_catalogue())
        click.echo("\n".join(problems) or "The pages equal the rows.", err=bool(problems))
        sys.exit(1 if problems else 0)
    changed = write_pages(get_catalogue())
    click.echo("\n".join(f"docs/{path}" for path in changed) or "Nothing to change.")


@main.command()
@click.argument("code")
def explain(code: str) -> None:
    """Print the page of a code for the terminal, without network."""
    text, found = explain_code(get_catalogue(), code)
    click.echo(text, err=not found)
    sys.exit(0 if found else 1)


def run() -> None:
    """Run the command line; problems in the data are printed without a traceback, exit 2."""
    try:
        main(prog_name="python -m catalogue")
    except CatalogueError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    run()
