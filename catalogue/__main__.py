"""Run the command line: python -m catalogue."""

from catalogue.cli import run

if __name__ == "__main__":
    run()
