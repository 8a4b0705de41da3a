/**
 * The real `lacuna serve` with the tiny model, as a process of its own, and requests to it over real
 * sockets.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { cliFile } from './tinyModel';

export const testToken = 'test-token-0123456789';

export interface Served {
  readonly url: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** Resolves with exit code and what it said. */
  readonly ended: Promise<{ code: number | null; err: string }>;
}

/** Call inside `describe`: starts servers that end with it. */
export function useServe(): (modelDir: string, ...flags: string[]) => Promise<Served> {
  const children: ChildProcess[] = [];
  after(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  return async (modelDir, ...flags) => {
    const args = ['serve', '--model', modelDir, '--device', 'cpu', '--port', '0', ...flags];
    // Inside VS Code, execPath may be Electron.
    const env = { ...process.env, LACUNA_TOKEN: testToken, ELECTRON_RUN_AS_NODE: '1' };
    const child = spawn(process.execPath, [cliFile, ...args], { env });
    children.push(child);
    let out = '';
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<{ code: number | null; err: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, err })),
    );
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        const found = / at (https?:\/\/\S+)\n/.exec(out)?.[1];
        if (found) resolve(found);
      });
      void ended.then(() => reject(new Error(`lacuna serve ended: ${err}`)));
    });
    return { url, port: Number(new URL(url).port), child, ended };
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** JSON, or text as it is. */
  readonly body?: unknown;
  readonly ca?: string;
  readonly signal?: AbortSignal;
  /** Told each piece as it comes. */
  readonly onData?: (text: string) => void;
}

/** One request with the right token and kind, unless the headers say otherwise. */
export function ask(
  url: string,
  { method, headers = {}, body, ...rest }: Ask = {},
): Promise<Answer> {
  const sent = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const own = {
    authorization: `Bearer ${testToken}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  };
  const known = Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { request } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: known,
        ...(rest.ca && { ca: rest.ca, servername: new URL(url).hostname }),
        ...(rest.signal && { signal: rest.signal }),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
          rest.onData?.(piece);
        });
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, text }),
        );
      },
    );
    asked.once('error', reject);
    asked.end(sent);
  });
}

export interface StreamEvent {
  readonly event: string | undefined;
  readonly data: string;
}

export function eventsOf(text: string): StreamEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => ({
      event: /^event: (.+)$/m.exec(block)?.[1],
      data: /^data: (.+)$/m.exec(block)![1]!,
    }));
}

export function metric(text: string, name: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}
