/**
 * What the features of the extension share, and the owner of everything that must be undone when
 * it is switched off. Whatever is handed over after that is disposed at once, so that a late
 * answer cannot leave a listener behind. Knows no feature.
 */
import * as vscode from 'vscode';
import { SamplerClient, type SamplerStatus } from '../client/samplerClient';
import type { LogMessage } from '../protocol/messages';
import { RunRecorder } from './liveView/runRecorder';
import { Troubles } from './help/troubles';
import { watchIgnoreFiles } from './ignore/ignoreFiles';
import { BatteryPause } from './power/batteryPause';
import { RequestLog } from './requestLog';
import { isInspected, samplerTransport } from './samplerTransport';
import { Servers } from './server/servers';
import { readServerSettings } from './settings';
import { Snooze } from './snooze';

export class LacunaContext {
  readonly extension: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly client: SamplerClient;
  /** Which server the client goes to, if any. */
  readonly servers: Servers;
  readonly requests = new RequestLog();
  readonly snooze = new Snooze();
  readonly runs = new RunRecorder();
  readonly battery: BatteryPause;
  /** The last errors, for a report. */
  readonly troubles = new Troubles();
  readonly #owned: vscode.Disposable[] = [];
  #isDisposed = false;

  constructor(extension: vscode.ExtensionContext) {
    this.extension = extension;
    this.log = this.own(vscode.window.createOutputChannel('Lacuna', { log: true }));
    this.servers = this.own(new Servers(extension));
    this.client = new SamplerClient({
      transport: this.servers.transport(samplerTransport(extension)),
      clientName: `VS Code ${vscode.version}`,
      onLog: (message) => this.#logSampler(message),
      limits: () => readServerSettings().limits,
      ...(isInspected && { heartbeat: false }),
    });
    this.own(this.requests);
    this.own(this.snooze);
    this.own(this.runs);
    this.battery = this.own(new BatteryPause());
    this.own(watchIgnoreFiles(this.log));
    this.own(this.client.onStatus((status) => this.#noteTrouble(status)));
  }

  own<T extends vscode.Disposable>(disposable: T): T {
    if (this.#isDisposed) disposable.dispose();
    else this.#owned.push(disposable);
    return disposable;
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.client.dispose();
    for (const disposable of this.#owned.splice(0).reverse()) disposable.dispose();
  }

  #logSampler({ level, text }: LogMessage): void {
    if (level === 'error' || level === 'warn') this.troubles.add(text);
    if (!this.#isDisposed) this.log[level](`sampler: ${text}`);
  }

  #noteTrouble({ state, detail }: SamplerStatus): void {
    if (detail !== '' && state !== 'loading') this.troubles.add(`${state}: ${detail}`);
  }
}
