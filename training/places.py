"""Where the training keeps its data: outside the checkout, so that a run outlives it.

LACUNA_TRAINING names another folder. Knows nothing of what lies there.
"""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
WORK = os.environ.get("LACUNA_TRAINING") or os.path.join(CACHE, "lacuna", "training")

if __name__ == "__main__":
    print(WORK)
