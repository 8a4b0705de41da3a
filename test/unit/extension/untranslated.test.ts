/**
 * Looks for words that a user reads and nobody translates: what stands in a notification, in a row of a list,
 * in a title or in a part of an error, and did not go through `t` or `later`. It reads the source as a
 * tree, since such words hide in conditions, templates and arguments.
 */
import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parsers } from 'prettier/plugins/typescript';

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What VS Code or the panel shows. */
const shownProperties =
  /^(label|title|description|detail|tooltip|place[hH]older|prompt|openLabel|doing|found|advice|why)$/;
const shownArguments = /\b(show(Information|Warning|Error)Message|setStatusBarMessage)$/;
/** Sources without these are not read as trees, which takes its time. */
const worthReading =
  /\b(label|title|description|detail|tooltip|place[hH]older|prompt|openLabel|doing|found|advice|why) ?[:=]|Message\(/;
const translating = /(^|\.)(t|later)$/;
/** For agents, which read English best. */
const forAgents = new Set(['chat/infillTool.ts', 'chat/spans.ts']);

/** The words of a source that are shown as they are. */
async function shownWords(source: string): Promise<string[]> {
  const words: string[] = [];
  const textOf = ({ range }: Node) => source.slice(...(range as [number, number]));
  const visit = (value: unknown, isShown: boolean): void => {
    if (Array.isArray(value)) return value.forEach((one) => visit(one, isShown));
    const node = value as Node | null;
    if (typeof node?.type !== 'string') return;
    if (node.type.startsWith('TS') && !/^TS(As|Satisfies|NonNull)/.test(node.type)) return;
    if (node.type === 'CallExpression') {
      const callee = textOf(node['callee'] as Node);
      if (translating.test(callee)) return visit((node['arguments'] as Node[]).slice(1), isShown);
      visit(node['callee'], false);
      return visit(node['arguments'], isShown || shownArguments.test(callee));
    }
    if (node.type === 'ConditionalExpression') {
      visit(node['test'], false);
      return visit([node['consequent'], node['alternate']], isShown);
    }
    if (node.type === 'Property' || node.type === 'VariableDeclarator') {
      const name = textOf((node['key'] ?? node['id']) as Node);
      return visit(node['value'] ?? node['init'], shownProperties.test(name));
    }
    if (node.type === 'BinaryExpression' && node['operator'] !== '+') return;
    if (isShown && typeof node['value'] === 'string') words.push(...wordsOf(node['value']));
    if (isShown && node.type === 'TemplateElement') words.push(...wordsOf(textOf(node)));
    if (node.type === 'MemberExpression') return visit(node['object'], false);
    const isText = /^(TemplateLiteral|TemplateElement|BinaryExpression|LogicalExpression)$/;
    const isPassedOn = isShown && (isText.test(node.type) || /^(Array|TS)/.test(node.type));
    for (const [key, child] of Object.entries(node)) {
      if (!['parent', 'range', 'loc', 'tokens', 'comments'].includes(key)) visit(child, isPassedOn);
    }
  };
  visit(await parsers.typescript.parse(source, { filepath: 'x.ts' } as never), false);
  return words;
}

/** Icons, names, figures and what only code reads need no translation. */
function wordsOf(text: string): string[] {
  if (/^[a-z]+[A-Z]\w*$/.test(text)) return [];
  const plain = text.replace(/\$\([\w~-]+\)|\bLacuna\b|\S*[/\\]\S*/g, '');
  return /[A-Za-z]{3,}/.test(plain) ? [text] : [];
}

describe('words that a user reads', () => {
  const folder = 'src/extension';
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !forAgents.has(name));

  it('are found wherever they hide', async () => {
    const found = await shownWords(`
      const doing = 'Cannot do';
      const row = { label: 'Label', kind: 'no word', detail: ok === 'no' ? \`$(x) left \${a}\` : t('Right {0}', b) };
      const two = { description: mark('Marked', a === 'no', 'noWord'), title: t('T') + ' plus', tooltip: a ?? 'else' };
      void vscode.window.showErrorMessage(\`Failed: \${why}\`, t('Again')).then(() => log('no'));
      other('no'); later('no'); setStatusBarMessage(\`$(check) Lacuna: \${said}\`);
    `);
    assert.deepEqual(found, [
      ...['Cannot do', 'Label', '$(x) left ', 'Marked', ' plus', 'else', 'Failed: '],
    ]);
  });

  it('are translated everywhere', async function () {
    this.timeout(60_000); // every source is parsed
    assert(names.length > 100, String(names.length));
    const found: string[] = [];
    for (const name of names) {
      const source = readFileSync(path.join(folder, name), 'utf8');
      const words = worthReading.test(source) ? await shownWords(source) : [];
      found.push(...words.map((word) => `${name}: ${word}`));
    }
    assert.deepEqual(found, []);
  });
});
