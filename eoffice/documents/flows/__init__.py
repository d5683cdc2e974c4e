"""Approval flows: steps before the signature, whom each asks, remarks on a place of the text."""
