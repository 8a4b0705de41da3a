/**
 * Figures of the server in Prometheus' text format: counters and one histogram that only go up, and
 * gauges that are asked for when somebody looks. Never holds anything of a request's text.
 */

/** Upper bounds, seconds: from a cached word to a page on a slow machine. */
const secondBounds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type Labels = Readonly<Record<string, string | number>>;

interface Family {
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly values: Map<string, number>;
}

export class Metrics {
  readonly #counters = new Map<string, Family>();
  readonly #gauges: { name: string; help: string; read: () => number; labels: Labels }[] = [];
  readonly #buckets = secondBounds.map(() => 0);
  #seconds = 0;
  #observed = 0;

  /** Makes a counter known, so that it is told before it was ever raised. */
  counter(name: string, help: string): void {
    this.#counters.set(name, { help, type: 'counter', values: new Map() });
  }

  gauge(name: string, help: string, read: () => number, labels: Labels = {}): void {
    this.#gauges.push({ name, help, read, labels });
  }

  add(name: string, amount: number, labels: Labels = {}): void {
    const { values } = this.#counters.get(name)!;
    const key = written(labels);
    values.set(key, (values.get(key) ?? 0) + amount);
  }

  /** Seconds of one request from its arrival to its end. */
  observe(seconds: number): void {
    this.#seconds += seconds;
    this.#observed++;
    for (const [index, bound] of secondBounds.entries()) {
      if (seconds <= bound) this.#buckets[index]!++;
    }
  }

  toString(): string {
    const lines: string[] = [];
    const head = (name: string, help: string, type: string) =>
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [name, { help, type, values }] of this.#counters) {
      head(name, help, type);
      if (values.size === 0) lines.push(`${name} 0`);
      for (const [labels, value] of values) lines.push(`${name}${labels} ${value}`);
    }
    for (const { name, help, read, labels } of this.#gauges) {
      head(name, help, 'gauge');
      lines.push(`${name}${written(labels)} ${read()}`);
    }
    const name = 'lacuna_request_seconds';
    head(name, 'Seconds of a request from its arrival to its end.', 'histogram');
    for (const [index, bound] of secondBounds.entries()) {
      lines.push(`${name}_bucket{le="${bound}"} ${this.#buckets[index]}`);
    }
    lines.push(`${name}_bucket{le="+Inf"} ${this.#observed}`);
    lines.push(`${name}_sum ${this.#seconds}`, `${name}_count ${this.#observed}`);
    return `${lines.join('\n')}\n`;
  }
}

function written(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(`${value}`)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
