"""Certified copies and extracts of a book or of one pupil's report."""
