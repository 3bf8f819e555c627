"""Measurements of the site against plain pages of the same text: `make bench`."""
