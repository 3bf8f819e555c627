"""The error catalogue of the WOO X Pro REST API: load the rows, check them, render and export them."""
