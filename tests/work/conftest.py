import sys
from pathlib import Path

# worker processes unpickle the tests' own functions by name; last, so that the installed package comes first
sys.path.append(str(Path(__file__).parents[2]))
