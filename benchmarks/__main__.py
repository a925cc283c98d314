"""`python -m benchmarks`: every figure of the engine."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from engine import main

main()
