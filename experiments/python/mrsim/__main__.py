"""`python -m mrsim` is the program."""

import os
import sys

from . import program

os.execv(program(), ["mrsim", *sys.argv[1:]])
