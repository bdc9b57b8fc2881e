"""``python -m gateway.cli``: the command line where it is not installed as a command."""

from gateway.cli.commands import main

main()
