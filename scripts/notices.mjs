/**
 * Writes THIRD-PARTY.txt: every package whose code is inside the .vsix, with its licence. Which ones are
 * bundled is what esbuild says (dist/packages.json); onnxruntime-node goes along as it is. Fails where a
 * licence is not a permissive one, or where its text is nowhere to be found. A unit test compares.
 *
 * node scripts/notices.mjs
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBuild } from './build.mjs';
import { root } from './freshness.mjs';

export const noticesFile = path.join(root, 'THIRD-PARTY.txt');

/** In the .vsix as packages of their own. */
export const shipped = ['node_modules/onnxruntime-common', 'node_modules/onnxruntime-node'];

const permissive =
  /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|Unlicense|CC0-1\.0|Python-2\.0)( (AND|OR) (MIT|ISC|Apache-2\.0|BSD-[23]-Clause))*\)?$/;

/** Packages that name their licence and leave its text out. */
const holders = {
  '@bufbuild/protobuf':
    'Copyright Buf Technologies, Inc. (Apache-2.0); parts Copyright 2008 Google Inc. (BSD-3-Clause)',
  'onnxruntime-node': 'Copyright (c) Microsoft Corporation',
  'onnxruntime-common': 'Copyright (c) Microsoft Corporation',
  'gearhash-jit': 'Copyright (c) the authors of gearhash-jit, who name nobody', // only its licence
};

const head = `Third-party software in the Lacuna extension
============================================

Written by scripts/notices.mjs. Lacuna itself is under Apache-2.0 (LICENSE); the training text of
the embedded model is listed in NOTICE.
`;

const native = `Native libraries inside onnxruntime-node
----------------------------------------

Each platform's .vsix holds the libraries that onnxruntime-node ships for it: ONNX Runtime itself (MIT,
Microsoft Corporation), with Dawn (BSD-3-Clause, the Dawn and Tint authors) for WebGPU where it was
built in. On Windows also DirectML.dll (Microsoft Software License Terms of DirectML, which allow
redistribution with an application), dxcompiler.dll and dxil.dll (DirectX Shader Compiler, University of
Illinois/NCSA licence and Microsoft's terms). The notices of what ONNX Runtime is made of are in its
repository: https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt
`;

/** Needs dist/ to be built. */
export function thirdPartyNotices() {
  const bundled = JSON.parse(readFileSync(path.join(root, 'dist/packages.json'), 'utf8'));
  const notices = [...new Set([...bundled, ...shipped])].map(notice);
  return [head, ...notices.sort(), native].join('\n');
}

function notice(place) {
  const folder = path.join(root, place);
  const { name, version, license, homepage, repository } = readJson(
    path.join(folder, 'package.json'),
  );
  if (!permissive.test(license ?? '')) {
    throw new Error(
      `Cannot ship ${name}: its licence is "${license}". Look at it, then say so here`,
    );
  }
  const title = `${name} ${version} (${license})`;
  const address = homepage ?? (typeof repository === 'string' ? repository : repository?.url) ?? '';
  const lines = [
    title,
    '-'.repeat(title.length),
    ...(address ? [address] : []),
    '',
    text(name, folder),
  ];
  return `${lines.join('\n')}\n`;
}

function text(name, folder) {
  const files = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file));
  if (files.length > 0) {
    const texts = files.sort().map((file) => readFileSync(path.join(folder, file), 'utf8').trim());
    return texts.join('\n\n').replaceAll('\r\n', '\n');
  }
  const holder = holders[name] ?? authorOf(readJson(path.join(folder, 'package.json')));
  if (!holder) throw new Error(`Cannot ship ${name}: the text of its licence is missing`);
  const { license } = readJson(path.join(folder, 'package.json'));
  if (license === 'MIT') return `${holder}\n\n${mit}`;
  if (/Apache-2\.0 AND BSD-3-Clause/.test(license)) return `${holder}\n\n${apache}\n\n${bsd}`;
  if (license === 'Apache-2.0') return `${holder}\n\n${apache}`;
  throw new Error(`Cannot ship ${name}: the text of ${license} is missing`);
}

function authorOf({ author }) {
  const name = typeof author === 'string' ? author : author?.name;
  return name && `Copyright (c) ${name}`;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

const apache = 'The text of Apache-2.0 is that of LICENSE.';

const bsd = `Redistribution and use in source and binary forms, with or without modification, are permitted provided
that the following conditions are met:

    * Redistributions of source code must retain the above copyright notice, this list of conditions and
      the following disclaimer.
    * Redistributions in binary form must reproduce the above copyright notice, this list of conditions
      and the following disclaimer in the documentation and/or other materials provided with the
      distribution.
    * Neither the name of Google Inc. nor the names of its contributors may be used to endorse or promote
      products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED
WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A
PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR CONTRIBUTORS BE LIABLE FOR ANY
DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO,
PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION)
HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING
NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
POSSIBILITY OF SUCH DAMAGE.`;

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO
EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

if (process.argv[1] === import.meta.filename) {
  ensureBuild();
  writeFileSync(noticesFile, thirdPartyNotices());
  console.log(`# wrote ${path.relative(root, noticesFile)}`);
}
