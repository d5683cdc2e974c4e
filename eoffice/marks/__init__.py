"""Marks: how they come in, where they are kept, and when they must not change."""
