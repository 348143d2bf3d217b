"""Scripts that write committed files anew."""
