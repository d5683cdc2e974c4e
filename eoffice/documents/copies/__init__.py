"""Certified copies: sao y, trích sao, sao lục."""
