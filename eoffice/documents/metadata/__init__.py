"""Metadata that stand beside an outgoing document, and their corrections."""
