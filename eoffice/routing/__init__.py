"""Delivery of issued documents to units, their incoming books, assignments, deadlines, answers."""
