"""One reader over everything with pages: find, print, who looked, what belongs together."""
