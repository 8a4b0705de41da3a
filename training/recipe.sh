#!/bin/sh
# The whole training, start to finished model folder, by one command. Every stage keeps what is
# already there, so the same command goes on after a stop. Times are wall-clock minutes from now,
# or absolute with AR_UNTIL / ADAPT_UNTIL (seconds since the epoch).
#   BENCHMARK='path/*.jsonl.gz' sh training/recipe.sh
# While it runs:  touch $WORK/PAUSE | rm $WORK/PAUSE | touch $WORK/STOP (saves, ends; run again)
set -e
cd "$(dirname "$0")"
. ./env.sh
WORK=${WORK:-scratch/demo} OUT=${OUT:-../models/lacuna-demo} LABEL=${LABEL:-demo}
AR_MINUTES=${AR_MINUTES:-40} ADAPT_MINUTES=${ADAPT_MINUTES:-60}
mkdir -p "$WORK"
rm -f "$WORK/STOP"

[ -f scratch/corpus/manifest.json ] || { $PYTHON fetch.py; $PYTHON corpus.py --benchmark "$BENCHMARK"; }
[ -f scratch/corpus/CORPUS.done ] || { $PYTHON attribution.py && touch scratch/corpus/CORPUS.done; }
[ -f scratch/tokenizer.json ] || $PYTHON tokenizer.py

AR_UNTIL=${AR_UNTIL:-$(($(date +%s) + AR_MINUTES * 60))}
[ -f "$WORK/ar.done" ] || $QUIET $PYTHON train.py --stage ar --state "$WORK/ar.pt" \
  --deadline "$AR_UNTIL" --adam-rate 0.002 --decay 0.15 --batch-tokens 4096 $TRAIN_OPTIONS
touch "$WORK/ar.done"
ADAPT_UNTIL=${ADAPT_UNTIL:-$(($(date +%s) + ADAPT_MINUTES * 60))}
[ -f "$WORK/adapt.done" ] || $QUIET $PYTHON train.py --stage adapt --state "$WORK/adapt.pt" \
  --init "$WORK/ar.pt" --init-ema --deadline "$ADAPT_UNTIL" --plain-share 0.5 \
  --muon-rate 0.003 --adam-rate 0.0005 --decay 0.5 $TRAIN_OPTIONS  # low: LOG.md says why
touch "$WORK/adapt.done"
finish() {
  $PYTHON card.py --ar "$WORK/ar.pt" --adapt "$WORK/adapt.pt" --label "$LABEL" \
    --evaluation "$WORK/evaluation.jsonl" --out "$WORK/MODEL_CARD.md"
  $PYTHON export.py --state "$WORK/adapt.pt" --label "$LABEL" --card "$WORK/MODEL_CARD.md" --out "$OUT"
}
rm -f "$WORK/evaluation.jsonl"
finish  # first of all the weights; the card is completed when it has been measured
$PYTHON evaluate.py --state "$WORK/adapt.pt" > "$WORK/evaluation.part"
mv "$WORK/evaluation.part" "$WORK/evaluation.jsonl"
finish
cat "$WORK/evaluation.jsonl"
