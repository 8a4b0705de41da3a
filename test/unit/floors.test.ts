/**
 * Holds the floor plan of ARCHITECTURE.md: who may import whom, type imports included, and which
 * floor may touch which package. A new edge is a commit of its own that changes both.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Floor {
  /** Floors of src/ it may import. */
  readonly below: readonly string[];
  /** Packages and node: modules it may import; `node:` allows all built-ins. */
  readonly packages: readonly string[];
}

const floors: Record<string, Floor> = {
  protocol: { below: [], packages: ['vscode-jsonrpc'] },
  tokenizer: { below: ['protocol'], packages: ['@huggingface/tokenizers', '@huggingface/jinja'] },
  model: {
    below: ['protocol'],
    packages: ['node:', 'onnxruntime-node', '@bufbuild/protobuf', 'modern-tar'],
  },
  sampler: { below: ['protocol', 'tokenizer', 'model'], packages: [] },
  hub: { below: ['protocol'], packages: ['node:', '@huggingface/hub', 'undici'] },
  rendezvous: { below: ['protocol'], packages: ['node:'] },
  server: {
    below: ['protocol', 'tokenizer', 'model', 'sampler', 'hub', 'rendezvous', 'client'],
    packages: ['node:', 'vscode-jsonrpc', 'commander', 'cli-progress', 'ws'],
  },
  client: { below: ['protocol', 'rendezvous'], packages: ['node:', 'vscode-jsonrpc', 'ws'] },
  extension: { below: ['protocol', 'client'], packages: ['node:', 'vscode', 'diff', 'ignore'] },
  webview: {
    below: ['protocol'],
    packages: ['@vscode-elements/elements', 'markdown-it', 'highlight.js'],
  },
};

/** Finer than floors: an import allowed to a floor but only to this file of it. */
const onlyIn: Record<string, string> = {
  'onnxruntime-node': 'src/model/session.ts',
  '@huggingface/tokenizers': 'src/tokenizer/tokenizer.ts',
  '@huggingface/jinja': 'src/tokenizer/chatTemplate.ts',
  'markdown-it': 'src/webview/panel/markdown.ts',
  diff: 'src/extension/edits/textHunks.ts',
  ignore: 'src/extension/ignore/ignoreRules.ts',
  'modern-tar': 'src/model/archive.ts',
  '@huggingface/hub': 'src/hub/repository.ts',
  undici: 'src/hub/network.ts',
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const source = readFileSync(file, 'utf8');
  const pattern =
    /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|(?:import|require)\('([^']+)'\)|^import\s+'([^']+)'/gm;
  return [...source.matchAll(pattern)].map((match) => ({
    file,
    from: (match[2] ?? match[3] ?? match[4])!,
    typeOnly: match[1] !== undefined,
  }));
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => path.posix.join('src', name.split(path.sep).join('/')));
const imports = files.flatMap(importsOf);
const floorOf = (file: string) => file.split('/')[1]!;
const describeImport = ({ file, from }: Import) => `${file} imports ${from}`;

/** The file an import of our own leads to, else undefined. */
function target({ file, from }: Import): string | undefined {
  if (!from.startsWith('.')) return undefined;
  const bare = path.posix.join(path.posix.dirname(file), from);
  return files.find((name) => name === `${bare}.ts`) ?? bare;
}

describe('floors', () => {
  it('finds the sources (a moved folder must not make these tests empty)', () => {
    assert.ok(files.length > 40 && imports.length > 100, `${files.length}, ${imports.length}`);
    assert.deepEqual([...new Set(files.map(floorOf))].sort(), Object.keys(floors).sort());
  });

  it('imports go down the picture only', () => {
    const breaches = imports.filter((entry) => {
      const to = target(entry);
      if (to === undefined || !to.startsWith('src/')) return false; // package.json
      const [own, other] = [floorOf(entry.file), floorOf(to)];
      return own !== other && !floors[own]!.below.includes(other);
    });
    assert.deepEqual(breaches.map(describeImport), []);
  });

  it('each floor touches only its packages', () => {
    const breaches = imports.filter(({ file, from }) => {
      if (from.startsWith('.')) return false;
      return !floors[floorOf(file)]!.packages.some((allowed) =>
        allowed === 'node:'
          ? from.startsWith('node:')
          : from === allowed || from.startsWith(`${allowed}/`),
      );
    });
    assert.deepEqual(breaches.map(describeImport), []);
  });

  it('some packages are seen by one file only', () => {
    const breaches = imports.filter(({ file, from }) => (onlyIn[from] ?? file) !== file);
    assert.deepEqual(breaches.map(describeImport), []);
  });

  it('the sampler takes types alone from the model floor', () => {
    const breaches = imports.filter((entry) => {
      const to = target(entry);
      return floorOf(entry.file) === 'sampler' && to?.startsWith('src/model/') && !entry.typeOnly;
    });
    assert.deepEqual(breaches.map(describeImport), []);
  });

  it('of the server floor, the commands alone reach for the client', () => {
    const breaches = imports.filter(
      (entry) =>
        floorOf(entry.file) === 'server' &&
        target(entry)?.startsWith('src/client/') &&
        !entry.file.startsWith('src/server/commands/'),
    );
    assert.deepEqual(breaches.map(describeImport), []);
  });

  it('sockets between processes are opened by one file, and have no port', () => {
    const file = 'src/rendezvous/socket.ts';
    const users = imports.filter(({ from }) => from === 'node:net').map((entry) => entry.file);
    assert.deepEqual([...new Set(users)], [file]);
    assert.doesNotMatch(
      readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, ''),
      /\b(port|host)\b/,
    );
  });

  it('a web view takes types alone from the protocol, but for the messages of views', () => {
    const messages = [
      'liveView',
      'liveViewWords',
      'panelGuards',
      'panelMessages',
      'panelWords',
    ].map((name) => `src/protocol/${name}.ts`);
    const breaches = imports.filter((entry) => {
      const to = target(entry);
      const isProtocol = floorOf(entry.file) === 'webview' && to?.startsWith('src/protocol/');
      return isProtocol && !entry.typeOnly && !messages.includes(to!);
    });
    assert.deepEqual(breaches.map(describeImport), []);
  });

  it('no file imports itself through others', () => {
    const edges = new Map(
      files.map((file) => [file, imports.filter((i) => i.file === file && !i.typeOnly)]),
    );
    const done = new Set<string>();
    const visit = (file: string, trail: readonly string[]): void => {
      assert.ok(!trail.includes(file), `cycle: ${[...trail, file].join(' -> ')}`);
      if (done.has(file)) return;
      for (const entry of edges.get(file) ?? []) {
        const to = target(entry);
        if (to !== undefined) visit(to, [...trail, file]);
      }
      done.add(file);
    };
    for (const file of files) visit(file, []);
  });

  it('the network is opened where it must be and nowhere else', () => {
    const allowed = [
      /^src\/hub\/network\.ts$/, // when a person asked for a download
      /^src\/server\/http\//, // when a person started a server
      /^src\/model\/oipDenoiser\.ts$/, // when a person named a model server to the command line
      /^src\/rendezvous\/socket\.ts$/, // no port: a local socket or pipe
      /^src\/client\/serverTransport\.ts$/, // when a person named one and its token
    ];
    const breaches = files.filter(
      (file) =>
        !allowed.some((pattern) => pattern.test(file)) &&
        /\bfetch\(|'node:(https?|net|tls|dgram)'|XMLHttpRequest|WebSocket|'ws'/.test(
          readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
        ),
    );
    assert.deepEqual(breaches, []);
    const openers = imports.filter(
      (entry) => target(entry) === 'src/hub/network.ts' && !entry.typeOnly,
    );
    const users = openers
      .map(({ file }) => file)
      .filter((file) => floorOf(file) !== 'hub')
      .sort();
    assert.deepEqual(users, ['src/server/models/modelDesk.ts', 'src/server/models/modelPlan.ts']);
  });

  it('randomness and time stay out of the sampler', () => {
    const breaches = files.filter(
      (file) =>
        floorOf(file) === 'sampler' &&
        /Math\.random|Date\.now|new Date|performance\.now|setTimeout\(|console\./.test(
          readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
        ),
    );
    assert.deepEqual(breaches, []);
  });

  it('the wall clock, which jumps, dates things and measures nothing', () => {
    const users = files.filter(
      (file) =>
        !['extension', 'webview'].includes(floorOf(file)) &&
        /Date\.now|new Date\(\)/.test(
          readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
        ),
    );
    assert.deepEqual(users.sort(), [
      'src/hub/retry.ts', // a date of a server that does not tell its own time
      'src/server/http/openAiRoutes.ts', // when an answer was made
      'src/server/models/addModel.ts', // when a model was added
      'src/server/models/bench.ts', // when a machine was measured
    ]);
  });
});
