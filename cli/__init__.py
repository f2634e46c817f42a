"""`inlet`, the command line: the console's work for the terminal, over the API alone."""
