/**
 * Loaded before a process by NODE_OPTIONS: its wall clock jumps by hours, forward and back, as one that is set by
 * hand or by a network does. What never goes back (performance.now, timers) is left as it is.
 */
'use strict';
const RealDate = Date;
const start = process.hrtime.bigint();
const jumpMs = 6 * 3600e3;

/** Another hour every 27 ms: right, six ahead, right, six behind. */
function shiftMs() {
  const step = Number((process.hrtime.bigint() - start) / 27_000_000n) % 4;
  return [0, jumpMs, 0, -jumpMs][step];
}

globalThis.Date = class Date extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(RealDate.now() + shiftMs());
    else super(...values);
  }

  static now() {
    return RealDate.now() + shiftMs();
  }
};
