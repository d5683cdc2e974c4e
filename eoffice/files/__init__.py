"""Files that people bring: what they are, what is in them, their pages as pictures; over HTTP."""
