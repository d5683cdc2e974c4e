"""Following the work on outgoing documents: the list, and the reports that count it."""
