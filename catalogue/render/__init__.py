"""Rows into text: Markdown pages, tables, the example envelope, the terminal. Nothing here writes a file."""
