"""The demo: a province of 2018, a class of 2024–2025, and the story that runs on them.

The province is loaded through the slices' own actions; the story speaks to the running system over
its HTTP interface alone. Everything generated is deterministic.
"""
