/**
 * Looks into a packed .vsix: what is in it, that it holds what it must and nothing else, and that it is
 * no larger than it may be. Reads the directory of the zip only. Knows no build.
 */
import { readFileSync } from 'node:fs';

/** Of the packed file. ONNX Runtime makes most of it; on Windows three libraries more. */
export const mostMegabytes = { win32: 45, linux: 32, darwin: 36 };

/** All that may be in a .vsix besides the platform's libraries. */
const allowed = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/(package\.json|package\.nls(\.[a-z-]+)?\.json|readme\.md|changelog\.md|LICENSE(\.txt)?|NOTICE|THIRD-PARTY\.txt)$/i,
  /^extension\/l10n\/bundle\.l10n(\.[a-z-]+)?\.json$/,
  /^extension\/media\/(icon\.png|panel\.svg|walkthrough\/[\w-]+\.(svg|ts))$/,
  /^extension\/dist\/(extension|server|encodeWorker|tryDevice|cli|hub)\.js$/,
  /^extension\/dist\/webview\/(liveView|panel)\.(js|css)$/,
  /^extension\/dist\/model\/[\w.-]+$/,
  /^extension\/dist\/sbom\.cdx\.json$/,
  /^extension\/node_modules\/onnxruntime-(node|common)\/package\.json$/,
  /^extension\/node_modules\/onnxruntime-node\/dist\/[\w./-]+\.js$/,
  /^extension\/node_modules\/onnxruntime-common\/dist\/cjs\/([\w./-]+\.js|package\.json)$/,
];

/** Without these it does not work, or may not be handed on. */
const needed = [
  'extension/dist/extension.js',
  'extension/dist/server.js',
  'extension/dist/encodeWorker.js',
  'extension/dist/tryDevice.js',
  'extension/dist/hub.js',
  'extension/dist/webview/liveView.js',
  'extension/dist/webview/liveView.css',
  'extension/dist/webview/panel.js',
  'extension/dist/webview/panel.css',
  'extension/media/panel.svg',
  'extension/dist/model/lacuna.json',
  'extension/dist/model/weights.safetensors',
  'extension/dist/sbom.cdx.json',
  'extension/package.nls.json',
  'extension/package.nls.de.json',
  'extension/l10n/bundle.l10n.de.json',
  'extension/media/walkthrough/sample.ts',
  'extension/NOTICE',
  'extension/THIRD-PARTY.txt',
  'extension/node_modules/onnxruntime-common/dist/cjs/package.json',
];

/**
 * @param libraries the platform's own, paths from the root of the repository
 * @throws Error that names the files
 */
export function checkVsix(vsix, libraries) {
  const names = zipNames(readFileSync(vsix));
  const own = new Set(libraries.map((file) => `extension/${file}`));
  const extra = names.filter((name) => !own.has(name) && !allowed.some((rule) => rule.test(name)));
  if (extra.length > 0) throw new Error(`"${vsix}" holds what it should not: ${extra.join(', ')}`);
  const present = new Set(names);
  const missing = [...needed, ...own].filter((name) => !present.has(name));
  if (missing.length > 0) throw new Error(`"${vsix}" lacks ${missing.join(', ')}`);
  const megabytes = readFileSync(vsix).length / 1e6;
  const platform = Object.keys(mostMegabytes).find((name) => libraries[0]?.includes(`/${name}/`));
  if (megabytes > mostMegabytes[platform]) {
    throw new Error(
      `"${vsix}" has ${megabytes.toFixed(1)} MB, more than ${mostMegabytes[platform]}. Look at what came in, or raise the limit`,
    );
  }
  return { names, megabytes };
}

/** Names in the central directory of a zip. */
export function zipNames(bytes) {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('This is no zip file: it has no directory');
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      bytes.readUInt16LE(at + offset),
    );
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + extraLength + commentLength;
    return name;
  });
}
