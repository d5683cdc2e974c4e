"""Copies of the whole office elsewhere, and the way back: database and objects of one moment.

Only the command line uses this package. Sealed for a public key: the machine that makes copies
cannot read them.
"""
