"""Immutable bytes addressed by their SHA-256: the contract, its implementations, and a probe.

What the bytes mean is the business of the slices; a name here says nothing but the digest.
"""
