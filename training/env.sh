# Environment of a training process; source it. Passive waiting keeps two threads from fighting
# whatever else runs; keeping freed memory saves a page fault per 4 kB of every activation.
export OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS="${OMP_NUM_THREADS:-$(nproc)}"
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=20000000000 MALLOC_TOP_PAD_=268435456
export TORCHINDUCTOR_CACHE_DIR="${TORCHINDUCTOR_CACHE_DIR:-$WORK/compiled}"
export PYTHON="${PYTHON:-python3}"
