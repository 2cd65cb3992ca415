"""soak.py FOLDER PART [AMOUNT]: plays one part, prints what was done and found, and ends with 1 where something was lost."""
import sys
import time

import full
import kills
import large
import nights
import power
from soak_home import Failed

PARTS = {
    "power": (power.play, int),  # AMOUNT: cuts
    "full": (full.play, int),  # nights
    "nights": (nights.play, int),  # nights
    "large": (large.play, int),  # megabytes
    "kills": (kills.play, float),  # minutes
}


def main():
    folder, part, *amount = sys.argv[1:]
    play, kind = PARTS[part]
    began = time.monotonic()
    try:
        found = play(folder, *map(kind, amount))
    except Failed as failed:
        print(f"soak {part}: FAILED: {failed}\n{folder} is left as it is")
        return 1
    print(f"soak {part}: {found} ({time.monotonic() - began:.0f} s)")
    return 0


sys.exit(main())
