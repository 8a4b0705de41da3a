#!/bin/sh
# The whole training, start to finished model folder, by one command. Every stage keeps what is
# already there, so the same command goes on after a stop. Times are wall-clock minutes from now,
# or absolute with AR_UNTIL / SPAN_UNTIL / ADAPT_UNTIL (seconds since the epoch).
#   BENCHMARK='path/*.jsonl.gz' sh training/recipe.sh
# While it runs:  touch $WORK/PAUSE | rm $WORK/PAUSE | touch $WORK/STOP (saves, ends; run again)
# To go on from the committed model instead of from nothing:  INIT=../models/lacuna-default
set -e
cd "$(dirname "$0")"
. ./env.sh
WORK=${WORK:-scratch/base} OUT=${OUT:-../models/lacuna-default} LABEL=${LABEL:-demo}
# other sizes: TRAIN_OPTIONS, EVALUATE_OPTIONS, MEMORY_OPTIONS
AR_MINUTES=${AR_MINUTES:-40} SPAN_MINUTES=${SPAN_MINUTES:-25} ADAPT_MINUTES=${ADAPT_MINUTES:-40}
mkdir -p "$WORK"
rm -f "$WORK/STOP"
trap 'touch "$WORK/STOP"' INT TERM # the stage leads a session of its own, which Ctrl-C does not reach

[ -f scratch/corpus/manifest.json ] || { $PYTHON fetch.py; $PYTHON corpus.py --benchmark "$BENCHMARK"; }
[ -f scratch/corpus/CORPUS.done ] || { $PYTHON attribution.py && touch scratch/corpus/CORPUS.done; }
[ -f scratch/tokenizer.json ] || $PYTHON tokenizer.py

# stage NAME DEADLINE options...: trains until the deadline unless it is done
stage() {
  name=$1 until=$2
  shift 2
  [ -f "$WORK/$name.done" ] || $QUIET $PYTHON train.py --stage "$name" --state "$WORK/$name.pt" \
    --deadline "$until" "$@" $TRAIN_OPTIONS
  touch "$WORK/$name.done"
}
in_minutes() { echo $(($(date +%s) + $1 * 60)); }

before="--init $INIT"
if [ -z "$INIT" ]; then
  stage ar "${AR_UNTIL:-$(in_minutes "$AR_MINUTES")}" --muon-rate 0.012 --adam-rate 0.002 --warm 0.02 --decay 0.15
  stage span "${SPAN_UNTIL:-$(in_minutes "$SPAN_MINUTES")}" --init "$WORK/ar.pt" --muon-rate 0.006 --single-share 0.06 --instruction-share 0.06 \
    --adam-rate 0.001 --anneal 0.15 --decay 0.1
  before="--init $WORK/span.pt"
fi
# gentler than the first stage, or it unlearns it: LOG.md
stage adapt "${ADAPT_UNTIL:-$(in_minutes "$ADAPT_MINUTES")}" $before --muon-rate 0.004 --adam-rate 0.0007 \
  --anneal 0 --span-share 0.3 --plain-share 0.15 --decay 0.5
finish() {
  $PYTHON card.py --stages "$WORK"/*.pt --label "$LABEL" --evaluation "$WORK/evaluation.jsonl" \
    --infilling "$WORK/infilling.jsonl" --memory "$WORK/memorised.jsonl" --out "$WORK/MODEL_CARD.md"
  $PYTHON export.py --state "$WORK/adapt.pt" --label "$LABEL" --card "$WORK/MODEL_CARD.md" --out "$OUT"
}
rm -f "$WORK/evaluation.jsonl" "$WORK/memorised.jsonl"
finish  # first of all the weights; the card is completed when it has been measured
$PYTHON evaluate.py --state "$WORK/adapt.pt" $EVALUATE_OPTIONS > "$WORK/evaluate.part"
$PYTHON memorised.py --state "$WORK/adapt.pt" $MEMORY_OPTIONS > "$WORK/memorised.part"
mv "$WORK/evaluate.part" "$WORK/evaluation.jsonl"
mv "$WORK/memorised.part" "$WORK/memorised.jsonl"
finish
cat "$WORK/evaluation.jsonl" "$WORK/memorised.jsonl"
