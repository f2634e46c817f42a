"""`python -m cli` is `inlet`."""

from cli.main import main

main()
