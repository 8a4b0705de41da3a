/** What the extension host tells the instruction panel's page, for its tests. Knows no single test. */
import { importSource } from './page.mjs';

const { panelWords } = await importSource('src/protocol/panelWords.ts');

export const model = {
  name: 'lacuna-default',
  device: 'cpu',
  mode: 'code',
  note: 'This model answers with code for the place at the cursor, not with prose.',
};
const figures = { steps: 12, seconds: 0.42, tokens: 24, device: 'cpu', confidence: 0.613 };

export function answerOf(text, change = {}) {
  return {
    ...{ state: 'done', kind: 'code', languageId: 'typescript', text },
    ...{ hasHoles: false, reason: '', figures, ...change },
  };
}

export function turnOf(change = {}) {
  return {
    id: 't1',
    question: 'return the middle value',
    context: [{ kind: 'file', label: 'src/median.ts', tokens: 34 }],
    place: 'src/median.ts, line 3',
    answer: answerOf('const half = 3; // "of" all\nreturn sorted[half];'),
    ...change,
  };
}

export function stateOf(turns = [], change = {}) {
  const state = { model, title: '', turns, strength: 60, ...change };
  return { type: 'state', state, words: panelWords };
}

export const contextOf = (change = {}) => ({
  type: 'context',
  place: 'src/median.ts, line 3',
  chips: [
    { kind: 'selection', label: '', missing: 'nothing is selected' },
    { kind: 'file', label: 'src/median.ts', tokens: 34 },
    { kind: 'symbol', label: 'src/median.ts, median', tokens: 20 },
    { kind: 'problems', label: '', missing: 'none are reported' },
  ],
  ...change,
});

export const previewOf = (change = {}) => ({
  type: 'preview',
  pieces: [
    { kind: 'special', text: '<|ts|>', tokens: 1 },
    { kind: 'text', text: '// instruction: go\nexport ', tokens: 8 },
    { kind: 'masks', text: '', tokens: 64 },
    { kind: 'draft', text: 'return x;', tokens: 3 },
  ],
  tokens: 76,
  maxTokens: 512,
  note: '3 tokens of the surroundings do not fit',
  ...change,
});

export const prose = [
  '# A heading',
  'Some *words* with `code`, a [link](https://example.com/a?b=c) and a [bad one](javascript:alert(1)).',
  '',
  '3. third',
  '4. fourth',
  '',
  '> quoted',
  '',
  '| a | b |',
  '| - | - |',
  '| 1 | 2 |',
  '',
  '```python',
  'def f(x):  # a comment',
  "    return 'x' * 3",
  '```',
].join('\n');
