#!/bin/sh
# The model of the repository from a finished state (or several, whose mean it is): 4 bits, its weights in parts below
# 45 MB, which the build puts together. The card is completed by hand from training/card.py's.
#   sh training/ship.sh STATE.pt [STATE.pt ...]      OUT=models/lacuna-default, OPTIONS for export.py
set -e
cd "$(dirname "$0")"
WORK=$(python3 places.py)
OUT=${OUT:-../models/lacuna-default}
FLOATS="$WORK/shipping/lacuna-default"
rm -rf "$WORK/shipping"
mkdir -p "$WORK/shipping"
"$WORK/venv/bin/python" card.py --state "$@" --infilling "${INFILLING:-$WORK/run/infilling.jsonl}" --out "$WORK/shipping/card.md"
"$WORK/venv/bin/python" export.py --state "$@" --card "$WORK/shipping/card.md" $OPTIONS --out "$FLOATS"
node ../dist/cli.js convert "$FLOATS" --weights q4 --cpu-weights q8 --out "$WORK/shipping/q4"
split -b 45000000 -d -a 1 "$WORK/shipping/q4/weights.safetensors" "$WORK/shipping/q4/weights.safetensors."
rm "$WORK/shipping/q4/weights.safetensors"
rm -rf "$OUT"
cp -r "$WORK/shipping/q4" "$OUT"
ls -l "$OUT"
