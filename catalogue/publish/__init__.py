"""The files beside the pages, one module per format, and `finish`, which writes them all."""
