"""`python -m hpweb.client` is the command `hpweb`."""

from hpweb.client.cli.app import main

main()
