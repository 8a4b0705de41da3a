/**
 * The one queue that all connections of a server share, with what a server owes besides order: no more
 * waiting than agreed, nothing new once it is going down, and figures. Knows no sockets.
 */
import { isAbort } from '../../protocol/errors';
import { RequestQueue, type QueueRequest, type Ticket } from '../queue';
import { busy } from './httpError';
import { Metrics } from './metrics';

export class ServedQueue extends RequestQueue {
  readonly metrics = new Metrics();
  readonly #mostWaiting: number;
  #isDraining = false;
  #onIdle: (() => void)[] = [];

  constructor(mostWaiting: number) {
    super();
    this.#mostWaiting = mostWaiting;
    const { metrics } = this;
    metrics.counter('lacuna_requests_total', 'Requests that reached the queue, by how they ended.');
    metrics.counter('lacuna_refused_total', 'Requests that were refused, by reason.');
    metrics.counter('lacuna_forwards_total', 'Forward passes of the network.');
    metrics.counter('lacuna_forward_seconds_total', 'Seconds inside the network.');
    metrics.counter('lacuna_queue_seconds_total', 'Seconds that requests stood still for others.');
    metrics.counter('lacuna_cancelled_total', 'Requests that their senders gave up.');
    metrics.gauge('lacuna_queue_length', 'Requests that wait for another.', () => this.waiting);
    metrics.gauge('lacuna_running', 'Requests in the network.', () => this.size - this.waiting);
    metrics.gauge('lacuna_draining', '1 while the server is going down.', () =>
      Number(this.#isDraining),
    );
  }

  get waiting(): number {
    return Math.max(0, this.size - 1);
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  override async run<T>(request: QueueRequest, work: (ticket: Ticket) => Promise<T>): Promise<T> {
    if (this.#isDraining) throw this.#refused('draining', 'this server is going down');
    if (this.size > this.#mostWaiting) {
      throw this.#refused('queue_full', `${this.waiting} requests wait already`);
    }
    const startMs = performance.now();
    let outcome = 'failed';
    try {
      const result = await super.run(request, work);
      outcome = 'done';
      this.#count(result);
      return result;
    } catch (thrown) {
      if (isAbort(thrown)) {
        outcome = 'cancelled';
        this.metrics.add('lacuna_cancelled_total', 1);
      }
      throw thrown;
    } finally {
      this.metrics.observe((performance.now() - startMs) / 1000);
      this.metrics.add('lacuna_requests_total', 1, { priority: request.priority, outcome });
      if (this.size === 0) for (const tell of this.#onIdle.splice(0)) tell();
    }
  }

  /** Takes nothing new from now on; resolves once nothing runs or waits. */
  drain(): Promise<void> {
    this.#isDraining = true;
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #refused(reason: string, found: string) {
    this.metrics.add('lacuna_refused_total', 1, { reason });
    return busy(found);
  }

  /** Fills, scores and answers all say what they cost. */
  #count(result: unknown): void {
    const figures = result as { forwards?: number; forwardMs?: number; queueMs?: number };
    this.metrics.add('lacuna_forwards_total', figures.forwards ?? 0);
    this.metrics.add('lacuna_forward_seconds_total', (figures.forwardMs ?? 0) / 1000);
    this.metrics.add('lacuna_queue_seconds_total', (figures.queueMs ?? 0) / 1000);
  }
}
