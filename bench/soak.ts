/**
 * Hours of use in minutes: requests with random cancels, nonsense on the wire, clocks that jump, kills
 * at random moments. Ends with exit code 1 and the faults where something was lost, left or grew.
 *
 * npm run soak [-- --minutes 5 --requests 100000 --kills 200 --frames 1000000 --seed 1]
 */
import { execSync } from 'node:child_process';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { faultsOf, soak } from '../test/soak/soak';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    requests: { type: 'string', default: '100000' },
    connections: { type: 'string', default: '8' },
    kills: { type: 'string', default: '200' },
    frames: { type: 'string', default: '1000000' },
    clocks: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
});

function size(name: keyof typeof values): number {
  const number = Number(values[name]);
  if (number > 0) return number;
  console.error(`error: --${name} is "${values[name]}", give a number above 0`);
  process.exit(2);
}

async function main(): Promise<void> {
  const sizes = {
    minutes: size('minutes'),
    requests: size('requests'),
    connections: size('connections'),
    kills: size('kills'),
    frames: size('frames'),
    clocks: size('clocks'),
    seed: size('seed'),
  };
  const figures = await soak(sizes, (line) => console.log(`# ${line}`));
  const { requests, frames, clocks, kills } = figures;
  const megabytes = requests.memoryBytes.map((bytes) => (bytes / 2 ** 20).toFixed(1));
  const descriptors = requests.descriptors.map((count) => count.toFixed(1));
  console.table({
    requests: `${requests.requests} (${requests.filled} filled, ${requests.cancelled} cancelled)`,
    'lost, twice': `${requests.lost}, ${requests.answeredTwice}`,
    'memory, MB': `${megabytes.join(' -> ')}`,
    descriptors: `${descriptors.join(' -> ')}`,
    frames: `${frames.frames} on ${frames.connections} connections`,
    clocks: `${clocks} stops under a mad clock`,
    kills: `${kills.kills} (${kills.ended} of ${kills.pending} pending requests ended by them)`,
    'orphans, files left': `${kills.orphans}, ${kills.left.length}`,
    seconds: [requests, frames, kills].map(({ seconds }) => Math.round(seconds)).join(' + '),
  });
  const faults = faultsOf(figures);
  for (const fault of faults) console.error(`fault: ${fault}`);
  const commit = execSync('git rev-parse --short HEAD').toString().trim();
  const machine = `${os.cpus()[0]?.model} x ${os.availableParallelism()}`;
  console.log(JSON.stringify({ date: new Date().toISOString(), commit, machine, sizes, figures }));
  process.exitCode = faults.length > 0 ? 1 : 0;
}

void main();
