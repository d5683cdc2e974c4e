"""Report books of pupils (học bạ): made of closed classes, signed, closed, withdrawn, handed on."""
