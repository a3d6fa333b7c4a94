"""What of a page is not the brief? Its furniture and notices, marked with a reason."""
