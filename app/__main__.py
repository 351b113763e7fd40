"""`python -m app`."""

import os
import sys

from app.cli import main

os.umask(0o077)  # what is stored holds callers' numbers, and is for nobody else on this machine
sys.exit(main(sys.argv[1:]))
