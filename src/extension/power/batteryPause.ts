/**
 * The pause of automatic completion while the computer runs on battery, where the setting asks for it:
 * looks once a minute, and while the setting is off only where somebody asks. Invoked completion is not its
 * business.
 */
import * as vscode from 'vscode';
import { pausesOnBattery } from '../settings';
import { readPowerSource, type PowerSource } from './powerSource';

const everyMs = 60_000;

export class BatteryPause {
  #read = askSystem;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #listener: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  #source: PowerSource = 'unknown';
  #lookedAtMs = -Infinity;

  constructor() {
    this.#listener = vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('lacuna.inline.pauseOnBattery')) this.#follow();
    });
    this.#follow();
  }

  get isPausing(): boolean {
    return this.#timer !== undefined && this.#source === 'battery';
  }

  /** Test seam: `undefined` puts the system back. */
  async useSource(read: (() => Promise<PowerSource>) | undefined): Promise<void> {
    this.#read = read ?? askSystem;
    await this.look();
  }

  /** Asks again, as every minute does. */
  async look(): Promise<void> {
    const wasPausing = this.isPausing;
    this.#lookedAtMs = performance.now();
    this.#source = await this.#read();
    if (this.isPausing !== wasPausing) this.#changed.fire();
  }

  /** As far as the system tells; asked once a minute at most, whatever the setting. */
  async isOnMains(): Promise<boolean> {
    if (performance.now() - this.#lookedAtMs >= everyMs) await this.look();
    return this.#source !== 'battery';
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#listener.dispose();
    this.#changed.dispose();
  }

  #follow(): void {
    const wasPausing = this.isPausing;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (pausesOnBattery()) {
      this.#timer = setInterval(() => void this.look(), everyMs);
      void this.look();
    }
    if (this.isPausing !== wasPausing) this.#changed.fire();
  }
}

function askSystem(): Promise<PowerSource> {
  return readPowerSource(process.platform);
}
