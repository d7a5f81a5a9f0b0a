"""What the packaged program runs."""

from agent.__main__ import main

main()
