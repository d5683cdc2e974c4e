"""What awaits people reaches them where they are: mail, calendar; and programs by webhook."""
