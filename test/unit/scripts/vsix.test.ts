/** What may be inside a .vsix, and for which platforms there is one. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

interface Vsix {
  checkVsix(vsix: string, libraries: readonly string[]): { names: string[]; megabytes: number };
  zipNames(bytes: Buffer): string[];
}
interface Package {
  packableTargets(): string[];
  librariesOf(target: string): string[];
  packageExtension(target: string): string;
}

const script = <T>(name: string) =>
  import(pathToFileURL(path.resolve('scripts', name)).href) as Promise<T>;

/** A zip of empty files, as far as its directory goes; `padding` bytes before it. */
function zip(names: readonly string[], padding = 0): Buffer {
  const entries = names.map((name) => {
    const head = Buffer.alloc(46);
    head.write('PK\x01\x02', 'latin1');
    head.writeUInt16LE(Buffer.byteLength(name), 28);
    return Buffer.concat([head, Buffer.from(name)]);
  });
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(names.length, 10);
  end.writeUInt32LE(padding, 16);
  return Buffer.concat([Buffer.alloc(padding), directory, end]);
}

describe('a .vsix', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-vsix-'));
  const file = path.join(folder, 'x.vsix');
  const ort = 'node_modules/onnxruntime-node/bin/napi-v6';
  const own = [`${ort}/linux/x64/libonnxruntime.so.1`, `${ort}/linux/x64/onnxruntime_binding.node`];
  const names = [
    '[Content_Types].xml',
    'extension.vsixmanifest',
    'extension/package.json',
    'extension/package.nls.json',
    'extension/package.nls.de.json',
    'extension/l10n/bundle.l10n.json',
    'extension/l10n/bundle.l10n.de.json',
    'extension/NOTICE',
    'extension/THIRD-PARTY.txt',
    'extension/dist/extension.js',
    'extension/dist/server.js',
    'extension/dist/encodeWorker.js',
    'extension/dist/tryDevice.js',
    'extension/dist/hub.js',
    ...['liveView', 'panel'].map((page) => `extension/dist/webview/${page}.js`),
    ...['liveView', 'panel'].map((page) => `extension/dist/webview/${page}.css`),
    'extension/media/panel.svg',
    'extension/dist/model/lacuna.json',
    'extension/dist/model/weights.safetensors',
    'extension/dist/sbom.cdx.json',
    'extension/media/walkthrough/sample.ts',
    'extension/node_modules/onnxruntime-common/dist/cjs/package.json',
    ...own.map((library) => `extension/${library}`),
  ];
  let vsix: Vsix;
  before(async () => (vsix = await script('vsix.mjs')));
  after(() => rmSync(folder, { recursive: true }));

  const check = (list: readonly string[], padding = 0) => {
    writeFileSync(file, zip(list, padding));
    return vsix.checkVsix(file, own);
  };

  it('is read by its directory', () => {
    assert.deepEqual(check(names).names, names);
    assert.throws(() => vsix.zipNames(Buffer.from('no zip')), /no zip file/);
  });

  const unwanted = [
    `extension/${ort}/win32/x64/onnxruntime.dll`,
    'extension/src/extension/extension.ts',
    'extension/test/unit/floors.test.ts',
    'extension/dist/extension.js.map',
    'extension/.env',
    'extension/node_modules/commander/index.js',
  ];
  for (const name of unwanted) {
    it(`may not hold ${name}`, () => {
      assert.throws(
        () => check([...names, name]),
        new RegExp(`should not: ${name.replaceAll('.', '\\.')}`),
      );
    });
  }

  for (const missing of [
    'extension/dist/server.js',
    'extension/dist/encodeWorker.js',
    'extension/dist/tryDevice.js',
    'extension/dist/hub.js',
    'extension/THIRD-PARTY.txt',
    'extension/dist/sbom.cdx.json',
    `extension/${own[0]}`,
  ]) {
    it(`must hold ${missing}`, () => {
      assert.throws(() => check(names.filter((name) => name !== missing)), /lacks extension/);
    });
  }

  it('may not grow without anybody noticing', () => {
    assert.throws(() => check(names, 33e6), /has 33\.0 MB, more than 32/);
  });

  describe('for a platform', () => {
    let packing: Package;
    before(async () => (packing = await script('package.mjs')));

    it('has the libraries of that platform alone, each once', () => {
      const targets = packing.packableTargets();
      assert.deepEqual(targets, [
        'win32-x64',
        'win32-arm64',
        'linux-x64',
        'linux-arm64',
        'darwin-arm64',
      ]);
      for (const target of targets) {
        const libraries = packing.librariesOf(target);
        const place = `/${target.replace('-', '/')}/`;
        assert(
          libraries.every((library) => library.includes(place)),
          target,
        );
        assert(
          libraries.some((library) => library.endsWith('onnxruntime_binding.node')),
          target,
        );
        const runtimes = libraries.filter((library) =>
          /libonnxruntime|\/onnxruntime\.dll/.test(library),
        );
        assert.equal(runtimes.length, 1, `${target}: ${runtimes}`);
      }
    });

    it('that ONNX Runtime has no libraries for is refused with the reason', () => {
      assert.throws(
        () => packing.packageExtension('darwin-x64'),
        /has no libraries for it\. Use one of win32-x64/,
      );
      assert.throws(() => packing.packageExtension('solaris-x64'), /use one of win32-x64/);
    });
  });
});
