/** The bill of materials against what is really inside. Needs dist/, as the notices do. */
import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}
interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const script = <T>(name: string) =>
  import(pathToFileURL(path.resolve('scripts', name)).href) as Promise<T>;

describe('the bill of materials', function () {
  this.timeout(30_000); // npm
  let bill: Bill;
  let make: (libraries: readonly string[]) => Bill;
  let libraries: string[];
  before(async () => {
    ({ billOfMaterials: make } = await script<{ billOfMaterials: typeof make }>('sbom.mjs'));
    const packing = await script<{ librariesOf(target: string): string[] }>('package.mjs');
    libraries = packing.librariesOf('linux-x64');
    bill = make(libraries);
  });

  it('is CycloneDX, and the same each time', () => {
    assert.equal(bill.bomFormat, 'CycloneDX');
    assert.match(bill.specVersion, /^1\.[4-9]$/);
    assert.deepEqual(make(libraries), bill);
  });

  it('has each package of the bundles with version, licence and checksum, and no other', () => {
    const bundled = JSON.parse(readFileSync('dist/packages.json', 'utf8')) as string[];
    const shipped = ['node_modules/onnxruntime-common', 'node_modules/onnxruntime-node'];
    const wanted = [...bundled, ...shipped].map((place) => {
      const text = readFileSync(path.join(place, 'package.json'), 'utf8');
      const { name, version } = JSON.parse(text) as { name: string; version: string };
      return `${name}@${version}`;
    });
    const packages = bill.components.filter(({ purl }) => purl !== undefined);
    const refs = packages.map((component) => component['bom-ref']);
    assert.deepEqual(refs.sort(), [...new Set(wanted)].sort());
    for (const { name, version, licenses, hashes } of packages) {
      assert(version && licenses?.length && hashes?.length, name);
    }
    assert(!refs.some((ref) => ref.startsWith('mocha@')));
  });

  it("has the platform's libraries by their checksums", () => {
    for (const file of libraries) {
      const component = bill.components.find((candidate) => candidate['bom-ref'] === file);
      const content = createHash('sha256').update(readFileSync(file)).digest('hex');
      assert.deepEqual(component?.hashes, [{ alg: 'SHA-256', content }], file);
    }
  });

  it('says what needs what, among what is inside', () => {
    const refs = new Set(bill.components.map((component) => component['bom-ref']));
    const node = bill.dependencies.find(({ ref }) => ref.startsWith('onnxruntime-node@'));
    assert(node?.dependsOn.some((ref) => ref.startsWith('onnxruntime-common@')));
    for (const { dependsOn } of bill.dependencies)
      for (const ref of dependsOn) assert(refs.has(ref), ref);
  });
});
