"""Writing: drafts, templates, legal bases, appendices, differences between versions."""
