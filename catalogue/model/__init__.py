"""The rows of data/*.csv: vocabularies, models, reading, and the rules across rows."""
