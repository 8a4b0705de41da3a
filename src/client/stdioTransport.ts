/**
 * A private sampler process over its standard streams: it starts with the connection and ends with
 * it. The way that always works; src/client/sharedTransport.ts is the one for many windows.
 */
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { describeEnd, SamplerProcess, type ProcessOptions } from './samplerProcess';
import type { Channel, ConnectOptions, Transport } from './transport';

export class StdioTransport implements Transport {
  readonly #options: Omit<ProcessOptions, 'onStderr'>;

  constructor(options: Omit<ProcessOptions, 'onStderr'>) {
    this.#options = options;
  }

  connect({ onLog }: Pick<ConnectOptions, 'onLog'>): Promise<Channel> {
    const child = new SamplerProcess({
      ...this.#options,
      onStderr: (text) => onLog({ level: 'warn', text }),
    });
    return Promise.resolve({
      reader: new StreamMessageReader(child.output),
      writer: new StreamMessageWriter(child.input),
      pid: child.pid,
      ended: child.ended.then(describeEnd),
      close: () => child.dispose(),
      kill: () => child.kill('SIGKILL'),
    });
  }
}
