"""Figures of the office, each beside what bounds it, measured in the same run.

`python -m benchmarks` lists them, `python -m benchmarks NAME…` runs some. A figure alone says
nothing on a machine that others use as well; the ratio to its peer does. Nothing asserts a time.
"""
