"""The form of a document (thể thức): its parts, the check, the printed page."""
