"""Figures for whoever stands above schools: which registers are kept here, and how far they are."""
