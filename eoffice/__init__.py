"""The electronic office of an education department."""

__version__ = "0.1.0"
