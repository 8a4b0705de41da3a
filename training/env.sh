# Environment of a training process; source it. Passive waiting keeps two threads from fighting
# whatever else runs; keeping freed memory saves a page fault per 4 kB of every activation.
export OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS="${OMP_NUM_THREADS:-$(nproc)}"
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=20000000000 MALLOC_TOP_PAD_=268435456
export PYTHON="${PYTHON:-python3}"
# Use no time the machine wants for anything else. LACUNA_LOUD=1 turns that off. A session of its own,
# because Linux weighs whole sessions against each other first: an idle process alone in one gets its full share.
QUIET=""
if [ -z "$LACUNA_LOUD" ] && command -v chrt >/dev/null; then
  QUIET="chrt --idle 0 nice -n 19"
  [ ! -w /proc/self/autogroup ] || ! command -v setsid >/dev/null || QUIET="setsid -w sh quiet.sh"
fi
