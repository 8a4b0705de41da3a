/**
 * One model on a hub: its commit, its licence and the list of its files, from @huggingface/hub, and
 * which of the files a checkpoint needs. The library lists; files are fetched by download.ts. Knows
 * nothing of what is inside the files.
 */
import { LacunaError } from '../protocol/errors';
import type { Source } from './address';
import type { Network } from './network';
import { fetchPatiently, type Patience } from './retry';

export type HubSource = Extract<Source, { kind: 'hub' }>;

export interface RemoteFile {
  /** A plain name: files in folders are never taken. */
  readonly name: string;
  readonly bytes: number;
  /** Of big files; hexadecimal. */
  readonly sha256?: string;
  /** Of small files: sha1 as git counts it; hexadecimal. */
  readonly gitOid?: string;
}

export interface Repository {
  readonly id: string;
  readonly endpoint: string;
  /** The commit that everything is taken from. */
  readonly revision: string;
  readonly licence: string;
  /** Where the licence, or else the card, can be read. */
  readonly licenceUrl: string;
  /** As the hub counts them; absent where it does not. */
  readonly parameters?: number;
  /** What a checkpoint needs, the small text files first. */
  readonly files: readonly RemoteFile[];
}

export const notStated = 'not stated';

/** @throws LacunaError `downloadFailed`, `accessDenied`, or `unsupportedModel` for a repository without weights. */
export async function readRepository(
  { id, endpoint, revision }: HubSource,
  network: Network,
  patience: Patience,
  signal?: AbortSignal,
): Promise<Repository> {
  // Here and not above, as undici in network.ts: most processes never ask a hub.
  const { listFiles, modelInfo } = await import('@huggingface/hub');
  const hub = {
    hubUrl: endpoint,
    fetch: askingFetch(id, endpoint, network, patience, signal),
  };
  const wanted = ['sha', 'cardData', 'tags', 'safetensors'] as const;
  const info = await modelInfo({ name: id, revision, additionalFields: [...wanted], ...hub });
  const commit = info.sha ?? '';
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw oddAnswer(id, `the commit is "${commit}"`);
  const files: RemoteFile[] = [];
  for await (const entry of listFiles({ repo: id, revision: commit, ...hub })) {
    if (entry.type !== 'file' || !isPlainName(entry.path)) continue;
    const sha256 = entry.lfs?.oid;
    files.push({
      name: entry.path,
      bytes: entry.lfs?.size ?? entry.size,
      ...(sha256 !== undefined ? { sha256 } : entry.oid !== undefined && { gitOid: entry.oid }),
    });
  }
  const total = (info.safetensors as { total?: unknown } | undefined)?.total;
  return {
    id,
    endpoint,
    revision: commit,
    ...licenceOf(info.cardData, info.tags, `${endpoint}/${id}`),
    ...(typeof total === 'number' && total > 0 && { parameters: total }),
    files: pickFiles(id, files),
  };
}

/** Address of a file's bytes; the hub redirects it to where they are kept. */
export function fileUrl({ endpoint, id, revision }: Repository, name: string): URL {
  return new URL(`${endpoint}/${id}/resolve/${revision}/${encodeURIComponent(name)}`);
}

/** Names that a folder can take without surprise: no folders, no dots in front. */
function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9_][\w.-]{0,200}$/.test(name);
}

const textFiles = new Set([
  ...['config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'],
  ...['added_tokens.json', 'vocab.json', 'merges.txt', 'generation_config.json'],
  ...['sentencepiece.bpe.model', 'spiece.model', 'chat_template.jinja'],
]);
const papers = /^(README\.md|LICEN[CS]E(\.(md|txt))?|NOTICE(\.(md|txt))?)$/i;
/** In the order of preference: one file, or an index and its shards; PyTorch's own format last. */
const weightNames = [
  /^model(-\d+-of-\d+)?\.safetensors(\.index\.json)?$/,
  /^pytorch_model(-\d+-of-\d+)?\.bin(\.index\.json)?$/,
];

/** Whether it holds or lists weights, which may be large; the other files are text. */
export function isWeightFile(name: string): boolean {
  return weightNames.some((form) => form.test(name));
}

/** The files of one checkpoint: text files and papers, and the weights in one format. */
export function pickFiles(id: string, files: readonly RemoteFile[]): RemoteFile[] {
  const isData = ({ name }: RemoteFile) => !name.endsWith('.index.json');
  const form = weightNames.find((one) => files.some((file) => one.test(file.name) && isData(file)));
  const all = files.filter(({ name }) => form?.test(name) === true);
  const hasIndex = !all.every(isData);
  const isShard = ({ name }: RemoteFile) => /-of-|index/.test(name);
  const weights = all.filter((file) => isShard(file) === hasIndex);
  if (!weights.some(isData)) {
    const others = files.find(({ name }) => /\.(bin|gguf|pt|pth|onnx|msgpack|h5)$/.test(name));
    const found = others
      ? `it has "${others.name}" but no safetensors and no pytorch_model.bin`
      : 'it has no weights';
    throw new LacunaError('unsupportedModel', {
      doing: `Cannot use "${id}"`,
      found,
      advice: 'Use a repository with model.safetensors, or its shards and their index',
    });
  }
  const text = files.filter(({ name }) => textFiles.has(name) || papers.test(name));
  return [...text, ...weights.toSorted((a, b) => a.bytes - b.bytes)];
}

interface Licence {
  readonly licence: string;
  readonly licenceUrl: string;
}

/** The card's own words; the hub's tag where the card is silent. */
function licenceOf(card: unknown, tags: readonly string[] | undefined, cardUrl: string): Licence {
  const { license, license_name, license_link } = (card ?? {}) as Record<string, unknown>;
  const stated = Array.isArray(license) ? license.join(', ') : license;
  const tag = tags?.find((name) => name.startsWith('license:'))?.slice('license:'.length);
  const short = typeof stated === 'string' && stated !== '' ? stated : tag;
  const named = typeof license_name === 'string' ? license_name : undefined;
  const isOwn = short === undefined || short === 'other';
  const link = typeof license_link === 'string' && URL.canParse(license_link, `${cardUrl}/`);
  return {
    licence: (isOwn ? (named ?? short) : short) ?? notStated,
    licenceUrl: link ? ownLink(license_link, cardUrl) : cardUrl,
  };
}

function ownLink(link: string, cardUrl: string): string {
  return /^https?:/.test(link) ? link : `${cardUrl}/blob/main/${link}`;
}

/** For the library: patient, and with refusals in our words. */
function askingFetch(
  id: string,
  endpoint: string,
  network: Network,
  patience: Patience,
  signal: AbortSignal | undefined,
): typeof fetch {
  return async (input, init = {}) => {
    let url = new URL(input instanceof Request ? input.url : input);
    // A renamed repository answers with its new place.
    for (let hop = 0; hop < 5; hop++) {
      const request = { ...init, ...(signal && { signal }) };
      const response = await fetchPatiently(network.fetch, url, request, patience);
      const place = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || place === null) {
        if (response.ok) return response;
        throw await refusal(response, id, endpoint);
      }
      await response.body?.cancel();
      url = new URL(place, url);
    }
    throw oddAnswer(id, 'it redirects again and again');
  };
}

/** What a hub's refusal means and what can be done; its own words where it has some. */
export async function refusal(
  response: Response,
  id: string,
  endpoint: string,
): Promise<LacunaError> {
  await response.body?.cancel();
  const { status, headers } = response;
  const code = headers.get('x-error-code') ?? '';
  const said = headers.get('x-error-message') ?? '';
  const doing = `Cannot download "${id}"`;
  const page = `${endpoint}/${id}`;
  if (code === 'GatedRepo' || (status === 403 && code === '')) {
    return new LacunaError('accessDenied', {
      doing,
      found: said || `its owners want their conditions accepted first (status ${status})`,
      advice: `Accept them at ${page} and give the token of that account in HF_TOKEN`,
    });
  }
  if (status === 401 || status === 403) {
    return new LacunaError('accessDenied', {
      doing,
      found: `the hub knows no public model of that name (status ${status}${said && `: ${said}`})`,
      advice: 'Check the name; a private model needs an access token in HF_TOKEN',
    });
  }
  if (status === 404) {
    const what = code === 'RevisionNotFound' ? 'revision' : code === 'EntryNotFound' ? 'file' : '';
    const found = what === '' ? 'there is no such model' : `it has no such ${what}`;
    return new LacunaError('downloadFailed', {
      doing,
      found: `${found} at ${endpoint} (status 404)`,
      advice: 'Check the name, the revision and the endpoint',
    });
  }
  return oddAnswer(id, `${endpoint} answers with status ${status}${said && `: ${said}`}`);
}

function oddAnswer(id: string, found: string): LacunaError {
  return new LacunaError('downloadFailed', {
    doing: `Cannot download "${id}"`,
    found,
    advice: 'Try again later, or name another endpoint',
  });
}
