"""What is kept and can be proved: signed documents and registers that nobody can quietly change.

Content lies locked in the object store, its description and words in the database, its ingest in
the log. Whoever may see an entry finds it, reads it, verifies it, and takes the proof away.
"""
