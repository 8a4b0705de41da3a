/**
 * The server that the window uses, if any: watches setting, trust, consent and token, and is the fork
 * of the way to the sampler. Asks nobody anything; askers are in server.ts.
 */
import * as vscode from 'vscode';
import { ServerTransport } from '../../client/serverTransport';
import type { Transport } from '../../client/transport';
import { readServerUrl } from '../settings';
import { chooseServer, type ServerChoice } from './serverChoice';

const consentKey = 'lacuna.serverConsent';

export class Servers implements vscode.Disposable {
  readonly #extension: vscode.ExtensionContext;
  readonly #moved = new vscode.EventEmitter<void>();
  readonly #chosen = new vscode.EventEmitter<void>();
  /** Tells that the way to the sampler is another one now, or its token. */
  readonly onMove = this.#moved.event;
  /** Tells that there may be something to ask. */
  readonly onChoice = this.#chosen.event;
  readonly #watching: vscode.Disposable;
  #choice: ServerChoice;

  constructor(extension: vscode.ExtensionContext) {
    this.#extension = extension;
    this.#choice = this.#choose();
    this.#watching = vscode.Disposable.from(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('lacuna.server.url')) this.#look();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#look()),
      extension.secrets.onDidChange(({ key }) => {
        if (this.address !== undefined && key === tokenKey(this.address)) this.#moved.fire();
      }),
    );
  }

  get choice(): ServerChoice {
    return this.#choice;
  }

  /** Where text goes; absent: nowhere. */
  get address(): string | undefined {
    return this.#choice.use === 'server' ? this.#choice.address : undefined;
  }

  /** To the server where one is in use, else the way that is given. */
  transport(local: Transport): Transport {
    return {
      connect: (options) => {
        const { address } = this;
        if (address === undefined) return local.connect(options);
        return new ServerTransport({
          address,
          token: () => this.token(address),
          tokenAdvice: 'Run "Lacuna: Set Server Token"',
        }).connect(options);
      },
    };
  }

  token(address: string): Promise<string | undefined> {
    return Promise.resolve(this.#extension.secrets.get(tokenKey(address)));
  }

  /** Empty: none any more. */
  async setToken(address: string, token: string): Promise<void> {
    const { secrets } = this.#extension;
    if (token === '') await secrets.delete(tokenKey(address));
    else await secrets.store(tokenKey(address), token);
  }

  /** Remembers whether text may go to an address, and goes by it. */
  async consent(address: string, answer: boolean): Promise<void> {
    await this.#extension.globalState.update(consentKey, { ...this.#answers, [address]: answer });
    this.#look();
  }

  dispose(): void {
    this.#watching.dispose();
    this.#moved.dispose();
    this.#chosen.dispose();
  }

  #look(): void {
    const { address } = this;
    this.#choice = this.#choose();
    this.#chosen.fire();
    if (this.address !== address) this.#moved.fire();
  }

  #choose(): ServerChoice {
    const { isTrusted } = vscode.workspace;
    return chooseServer({ url: readServerUrl(), isTrusted, answers: this.#answers });
  }

  get #answers(): Readonly<Record<string, boolean>> {
    return this.#extension.globalState.get<Record<string, boolean>>(consentKey, {});
  }
}

/** A token is for one address: another one never gets it. */
function tokenKey(address: string): string {
  return `lacuna.serverToken ${address}`;
}
