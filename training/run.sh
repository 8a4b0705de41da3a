#!/bin/sh
# The long training by one command; it lives in WORK (places.py) and outlives the checkout:
#   sh training/run.sh start | pause | resume | stop | status | snapshot     (run.py says what each does)
# The first start sets up Python's packages there, and makes base, corpus and vocabulary.
# LACUNA_TRAINING names another folder; LACUNA_LOUD=1 runs at ordinary priority.
set -e
cd "$(dirname "$0")"
WORK=$(python3 places.py)
if [ ! -f "$WORK/venv/ready" ]; then
  python3 -m venv "$WORK/venv"
  "$WORK/venv/bin/python" -m pip install -q --disable-pip-version-check -r requirements.txt
  touch "$WORK/venv/ready"
fi
PYTHON="$WORK/venv/bin/python"
. ./env.sh
exec "$PYTHON" run.py "$@"
