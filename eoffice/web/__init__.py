"""What all pages and the whole API share; no rule of the office lives here."""
