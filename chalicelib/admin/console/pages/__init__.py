"""The console's pages, one a file: found by name, in the menu where their `PAGE` says so."""
