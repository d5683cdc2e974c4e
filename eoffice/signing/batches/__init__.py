"""Signing several things in one authorised action: one PIN, then one after the other by a worker.

What can be signed so is said by a small contract (`contract.Signable`) that each slice fulfils for
its own things; everything else, from the table of states to the keeping of the PIN, is here once.
"""
