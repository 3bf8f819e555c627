"""The catalogue of the error codes: rows, the vendor's page, pages, published files, and the command line."""
