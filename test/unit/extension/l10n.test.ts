/**
 * Every text that the user reads is in the bundles, in German too, with the same places for values and
 * the same commands, keys and settings in it. The texts are found by their calls, whose first argument is
 * therefore always a literal.
 */
import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LacunaError } from '../../../src/protocol/errors';
import { liveViewWords } from '../../../src/protocol/liveViewWords';
import { panelWords } from '../../../src/protocol/panelWords';
import { later, messageOf, t, useTranslation } from '../../../src/extension/l10n';
import { samplerErrorTexts } from '../../../src/extension/samplerErrors';

type Texts = Readonly<Record<string, string>>;

const read = (file: string) => readFileSync(file, 'utf8');
const json = (file: string) => JSON.parse(read(file)) as Texts;
const folder = 'src/extension';
const filesBelow = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(dir, name));
const inFolder = filesBelow(folder).filter((name) => name !== path.join(folder, 'l10n.ts'));
/** The last one words models for the command line as well, which passes no translation. */
const sources = [...inFolder, 'src/protocol/modelText.ts'].map((name) => {
  return { name, source: read(name) };
});

const call = /(?<![\w.])(?:vscode\.l10n\.t|t|later)\(\s*/;
const literal = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/;

/** Texts in the order of the sources. */
function textsOf(source: string): string[] {
  const pattern = new RegExp(call.source + `(?:${literal.source})`, 'g');
  return [...source.matchAll(pattern)].map(([, single, double]) => {
    const inside = single ?? double ?? '';
    return inside.replace(/\\u\{?([\da-f]+)\}?|\\(.)/gi, (_, code, sign: string) =>
      code ? String.fromCodePoint(parseInt(code, 16)) : sign === 'n' ? '\n' : sign,
    );
  });
}

/** Those of the pages, which the host translates for them. */
const paged = [panelWords, liveViewWords].flatMap((words) => Object.values<string>(words));
const used = [...new Set([...sources.flatMap(({ source }) => textsOf(source)), ...paged])].sort();
const english = json('l10n/bundle.l10n.json');
const german = json('l10n/bundle.l10n.de.json');
const placesOf = (text: string) => [...new Set(text.match(/\{\d+\}/g))].sort();

describe('the texts of the extension', () => {
  it('are found (a new way of calling must not make these tests empty)', () => {
    assert(used.length > 200, String(used.length));
    assert(existsSync(json('package.json')['l10n']!), 'package.json names the folder');
  });

  it('are all in the bundle, which holds no others', () => {
    assert.deepEqual(Object.keys(english).sort(), used);
    for (const [key, text] of Object.entries(english)) assert.equal(text, key);
  });

  it('are all in German, with the same values and icons', () => {
    assert.deepEqual(Object.keys(german).sort(), used);
    for (const [key, text] of Object.entries(german)) {
      assert.notEqual(text.trim(), '', key);
      assert.deepEqual(placesOf(text), placesOf(key), key);
      assert.deepEqual(text.match(/\$\([\w~-]+\)/g), key.match(/\$\([\w~-]+\)/g), key);
      assert.deepEqual(text.match(/lacuna\.\w+\.\w+/g), key.match(/lacuna\.\w+\.\w+/g), key);
      assert.equal(/^\s/.test(text), /^\s/.test(key), key);
    }
  });

  it('are literals where they are called, or come from what is marked for later', () => {
    const allowed = new Set(['reasons[silence]', 'label', 'text', 'word']);
    for (const { name, source } of sources) {
      const calls = source.matchAll(/(?<![\w.])(?:vscode\.l10n\.)?t\(\s*([^'")]+?)\s*[,)]/g);
      for (const [, argument] of calls) assert(allowed.has(argument!), `${name}: t(${argument})`);
    }
  });

  it('include what the sampler process says around its errors, word for word', () => {
    const theirs = ['client', 'model', 'protocol', 'sampler', 'server', 'tokenizer']
      .flatMap((floor) => filesBelow(path.join('src', floor)))
      .map(read)
      .join('\n');
    for (const text of samplerErrorTexts) assert(theirs.includes(`'${text}'`), text);
  });

  it('hold no sentence that shouts, and none that speaks to somebody in German', () => {
    const all = { ...german, ...json('package.nls.de.json') };
    for (const text of Object.values(all)) {
      assert.doesNotMatch(text, /!|\b(du|dein\w*|dir|dich|Ihnen|Ihr\w*|ihr)\b/, text);
    }
  });
});

describe('the texts of the manifest', () => {
  const names = json('package.nls.json');
  const translated = json('package.nls.de.json');

  it('are all there in German', () => {
    assert.deepEqual(Object.keys(translated).sort(), Object.keys(names).sort());
    for (const [key, text] of Object.entries(translated)) assert.notEqual(text.trim(), '', key);
  });

  it('lead to the same commands and settings, and quote the same values', () => {
    const parts = /\(command:[^)]*\)|`#[\w.]+#`|`(?:null|\*\*\/[^`]*|\.\w+)`/g;
    for (const [key, text] of Object.entries(translated)) {
      assert.deepEqual(
        (text.match(parts) ?? []).sort(),
        (names[key]!.match(parts) ?? []).sort(),
        key,
      );
    }
  });

  it('call each command by its German name where they mention it', () => {
    const titles = new Set(
      Object.entries(translated)
        .filter(([key]) => key.startsWith('command.'))
        .map(([, title]) => title.replace(/ …$/, '')),
    );
    for (const text of [...Object.values(translated), ...Object.values(german)]) {
      for (const [, title] of text.matchAll(/„Lacuna: ([^“]+)“/g))
        assert(titles.has(title!), title);
    }
  });
});

describe('t()', () => {
  const plain = (text: string, ...values: (string | number)[]) =>
    text.replace(/\{(\d+)\}/g, (_, index) => String(values[index]));
  afterEach(() => useTranslation(plain));

  it('puts values into the English text until there is a translation', () => {
    assert.equal(t('{0} failed: {1}', 'it', 3), 'it failed: 3');
  });

  it('translates, also each part of an error of ours', () => {
    useTranslation((text, ...values) => plain(german[text] ?? text, ...values));
    assert.equal(t('{0} minutes', 5), '5 Minuten');
    const error = new LacunaError('badInput', {
      doing: later('Cannot lock'),
      found: 'the pattern matches nothing here',
      advice: 'Write it anew',
    });
    assert.equal(
      messageOf(error),
      'Das kann nicht gesperrt werden: das Muster trifft hier nichts. Write it anew.',
    );
    assert.equal(messageOf(new Error('other')), 'other');
    assert.equal(messageOf('thrown'), 'thrown');
  });
});
