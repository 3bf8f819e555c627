"""The checks of the test suite as functions: each looks at what was made and returns one line for every problem.

The ordinary tests expect no line. test_mutations.py spoils what they look at, and expects one.
"""
