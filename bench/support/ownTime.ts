/**
 * Lacuna's own share of the thread of an extension host: a processor profile in which every sample counts whose
 * stack goes through our bundle, with all that our code calls. What others do meanwhile, and what VS Code does
 * before it calls us, does not count. The garbage collector stands in no stack, so it is left out.
 */
import { Session, type Profiler } from 'node:inspector';

/** Between two samples; a key costs some milliseconds. */
const intervalUs = 100;
/** Where the next sample comes later than this, the thread had no processor, and counts for so long only. */
const longestUs = 1000;

export interface OwnTime {
  readonly ms: number;
  /** The longest time in one piece. */
  readonly longestMs: number;
  /** Functions that the time was spent in, ours or called by ours, the longest first: "name file:line:column ms". */
  readonly where: readonly string[];
}

/** @param bundle end of the address of the script that counts as ours. */
export async function ownTime(bundle: string, act: () => Promise<unknown>): Promise<OwnTime> {
  const session = new Session();
  session.connect();
  const post = (method: string, params?: object) =>
    new Promise<unknown>((resolve, reject) => {
      session.post(method, params, (error, result) => (error ? reject(error) : resolve(result)));
    });
  try {
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: intervalUs });
    await post('Profiler.start');
    await act();
    const { profile } = (await post('Profiler.stop')) as Profiler.StopReturnType;
    return timeIn(profile, bundle);
  } finally {
    session.disconnect();
  }
}

function timeIn({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, bundle: string) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const own = new Set<number>();
  const mark = (id: number, isBelow: boolean) => {
    const { callFrame, children = [] } = byId.get(id)!;
    const isOwn = isBelow || callFrame.url.endsWith(bundle);
    if (isOwn) own.add(id);
    for (const child of children) mark(child, isOwn);
  };
  mark(nodes[0]!.id, false);
  const byFunction = new Map<string, number>();
  let [ms, longestMs, pieceMs] = [0, 0, 0];
  for (const [index, id] of samples.entries()) {
    if (!own.has(id)) {
      pieceMs = 0;
      continue;
    }
    const lasted = Math.min(timeDeltas[index + 1] ?? 0, longestUs) / 1000;
    ms += lasted;
    pieceMs += lasted;
    longestMs = Math.max(longestMs, pieceMs);
    const { functionName, url, lineNumber, columnNumber } = byId.get(id)!.callFrame;
    const place = `${url.slice(url.lastIndexOf('/') + 1)}:${lineNumber + 1}:${columnNumber + 1}`;
    const name = `${functionName || '(unnamed)'} ${place}`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + lasted);
  }
  const where = [...byFunction].sort((a, b) => b[1] - a[1]).slice(0, 12);
  return { ms, longestMs, where: where.map(([name, time]) => `${name} ${time.toFixed(2)}`) };
}
