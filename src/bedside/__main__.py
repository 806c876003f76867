"""`python -m bedside` is the command `bedside`."""

from bedside.cli import main

raise SystemExit(main())
