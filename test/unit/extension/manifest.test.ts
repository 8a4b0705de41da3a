/** The manifest against the code and the texts: nothing contributed that is not there, or unnamed. */
import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Setting {
  readonly default: unknown;
  readonly scope?: string;
  readonly order?: number;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly description?: string;
  readonly markdownDescription?: string;
}
interface Manifest {
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly category: string;
      readonly enablement?: string;
    }[];
    readonly keybindings: readonly {
      readonly command: string;
      readonly key: string;
      readonly mac?: string;
      readonly when?: string;
    }[];
    readonly menus: Record<string, readonly { readonly command: string; readonly when?: string }[]>;
    readonly colors: readonly {
      readonly id: string;
      readonly defaults: Readonly<Record<string, string>>;
    }[];
    readonly configuration: readonly {
      readonly order: number;
      readonly properties: Record<string, Setting>;
    }[];
    readonly walkthroughs: readonly {
      readonly id: string;
      readonly steps: readonly {
        readonly id: string;
        readonly when?: string;
        readonly media: { readonly svg: string; readonly altText: string };
        readonly completionEvents: readonly string[];
      }[];
    }[];
  };
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
  readonly enabledApiProposals?: unknown;
}

const text = (name: string) => readFileSync(path.resolve(name), 'utf8');
const manifest = JSON.parse(text('package.json')) as Manifest;
const names = JSON.parse(text('package.nls.json')) as Record<string, string>;
const folder = 'src/extension';
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => text(path.join(folder, name)))
  .join('\n');
const settings = Object.assign(
  {},
  ...manifest.contributes.configuration.map(({ properties }) => properties),
) as Record<string, Setting>;

describe('the manifest', () => {
  it('names every text that it uses, and uses every text', () => {
    const used = [...text('package.json').matchAll(/"%([\w.-]+)%"/g)].map(([, key]) => key!);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(names).sort());
  });

  it('contributes exactly the commands that the code registers', () => {
    const registered = [...sources.matchAll(/registerCommand\(\s*'(lacuna\.[\w.]+)'/g)];
    const contributed = manifest.contributes.commands.map(({ command }) => command);
    assert.deepEqual(registered.map(([, name]) => name!).sort(), contributed.sort());
    assert(manifest.contributes.commands.every(({ category }) => category === 'Lacuna'));
  });

  it('contributes exactly the settings that the code reads', () => {
    const plain = [...sources.matchAll(/\.get<[^(]*>\(\s*'([\w.]+)'/g)];
    // checked<T>(settings, 'name', ...), however it is broken over lines
    const where = String.raw`(?:settings|vscode\.workspace\.getConfiguration\([^)]*\))`;
    const call = String.raw`\bchecked(?:Strings|<[^(]*>)\(\s*${where},\s*'([\w.]+)'`;
    const checked = [...sources.matchAll(new RegExp(call, 'g'))];
    const read = [...plain, ...checked].map(([, name]) => name!);
    const own = read.filter((name) => name !== 'inlineSuggest.enabled');
    const names = Object.keys(settings).map((name) => name.replace(/^lacuna\./, ''));
    assert.deepEqual([...new Set(own)].sort(), names.sort());
  });

  it('gives every setting a scope, an order and a description of each choice', () => {
    for (const [name, setting] of Object.entries(settings)) {
      assert(setting.scope && setting.order, name);
      assert.equal(setting.enum?.length, setting.enumDescriptions?.length, name);
      assert(!setting.enum || setting.enum.includes(setting.default as string), name);
    }
  });

  it('describes every setting and gives each section one order', () => {
    for (const { properties } of manifest.contributes.configuration) {
      const orders = Object.values(properties).map(({ order }) => order!);
      assert.deepEqual(
        orders,
        orders.map((_, index) => index + 1),
        Object.keys(properties)[0],
      );
      for (const [name, { markdownDescription, description }] of Object.entries(properties)) {
        const key = /^%(.+)%$/.exec(markdownDescription ?? description ?? '')?.[1];
        assert((names[key!] ?? '').length > 20 || names[key!]?.endsWith('.'), name);
      }
    }
    const sections = manifest.contributes.configuration.map(({ order }) => order);
    assert.deepEqual(
      sections,
      sections.map((_, index) => index + 1),
    );
  });

  it('leads the walkthrough to commands, pictures and keys that are there', () => {
    const contributed = new Set(manifest.contributes.commands.map(({ command }) => command));
    const ownView = 'lacuna.panel.focus'; // VS Code's, for the view that its step waits for
    for (const { id, steps } of manifest.contributes.walkthroughs) {
      assert(sources.includes(`#${id}'`), id);
      for (const { id: step, media, completionEvents, when } of steps) {
        const { altText, svg } = media;
        assert(altText.startsWith('%') && existsSync(path.resolve(svg)), step);
        // A style sheet inside the picture would not be let in; these follow the theme.
        assert.match(text(svg), /var\(--vscode-/);
        assert.doesNotMatch(text(svg), /<style|class=|<script/);
        const links = [
          ...names[`walkthrough.${step}.description`]!.matchAll(/\(command:([\w.]+)/g),
        ];
        assert(links.length > 0, step);
        for (const [, command] of links) {
          assert(contributed.has(command!) || (command === ownView && when), command);
        }
        for (const event of completionEvents) {
          const [kind, what] = event.split(':') as [string, string];
          if (kind === 'onContext') assert(sources.includes(`'${what}'`), event);
          if (kind === 'onCommand') assert(contributed.has(what) || what === ownView, event);
          if (kind === 'onSettingChanged') assert(settings[what], event);
        }
      }
    }
  });

  it('lets no workspace say what is loaded', () => {
    const machine = Object.keys(settings).filter((name) => settings[name]!.scope === 'machine');
    const server = ['url', 'shared', 'unloadAfter', 'memoryLimit'];
    const model = ['lacuna.model.path', 'lacuna.device', 'lacuna.model.endpoint'];
    assert.deepEqual(machine, [...model, ...server.map((name) => `lacuna.server.${name}`)]);
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.deepEqual(restrictedConfigurations, machine);
    // What could name a program, a place or an address is among them; test/e2e opens such a folder.
    const names = Object.keys(settings);
    const telling = /path|exec|command|program|python|script|env|url|host|address|endpoint|proxy/i;
    const places = names.filter((name) => telling.test(name.slice('lacuna.'.length)));
    assert.deepEqual(places, ['lacuna.model.path', 'lacuna.model.endpoint', 'lacuna.server.url']);
  });

  it("guards its keys and takes none of VS Code's own", () => {
    const taken = /^(tab|enter|(ctrl|cmd)\+[acfklnsvxz]|(ctrl|cmd)\+shift\+[elm])$/;
    for (const { key, mac = key, when = '' } of manifest.contributes.keybindings) {
      assert.match(when, /editorTextFocus/);
      assert.doesNotMatch(key, taken);
      assert.doesNotMatch(mac, taken);
      // While a proposal is in view, leaving it is what these mean.
      if (/escape|enter/.test(key)) assert.match(when, /lacuna\.editSession/);
    }
  });

  it('gives no key two meanings at one time', () => {
    const seen = new Map<string, boolean>();
    for (const { key, mac = key, when = '' } of manifest.contributes.keybindings) {
      const isInSession = /(?<!!)lacuna\.editSession/.test(when);
      assert(isInSession || /!lacuna\.editSession/.test(when), `${key} works beside a proposal`);
      const several = /(?<!!)editorHasMultipleSelections/.test(when);
      for (const pressed of new Set([key, mac])) {
        const id = `${pressed} ${isInSession} ${several}`;
        assert(!seen.has(id), id);
        seen.set(id, true);
      }
    }
  });

  it('puts a key on every command that changes a proposal', () => {
    const keyed = new Set(manifest.contributes.keybindings.map(({ command }) => command));
    const inSession = manifest.contributes.commands.filter(({ enablement = '' }) =>
      enablement.startsWith('lacuna.editSession'),
    );
    assert.equal(inSession.length, 16);
    for (const { command } of inSession) assert(keyed.has(command), command);
  });

  it('gives every colour a default in all four kinds of theme, and uses it', () => {
    for (const { id, defaults } of manifest.contributes.colors) {
      assert.deepEqual(Object.keys(defaults), [
        'dark',
        'light',
        'highContrast',
        'highContrastLight',
      ]);
      assert(sources.includes(`'${id}'`), id);
    }
    const used = [...sources.matchAll(/'(lacuna\.\w+(?:Foreground|Background|Border))'/g)];
    const named = new Set(manifest.contributes.colors.map(({ id }) => id));
    for (const [, id] of used) assert(named.has(id!), id);
  });

  it('asks for no proposed API', () => assert.equal(manifest.enabledApiProposals, undefined));
});
