"""Ways to spoil what the project reads and makes, each with the check that must object."""
