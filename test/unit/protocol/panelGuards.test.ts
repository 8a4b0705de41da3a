/** What either side of the panel believes, and what not. */
import assert from 'node:assert/strict';
import { mostCharacters, readFromPanel, readToPanel } from '../../../src/protocol/panelGuards';
import { panelWords } from '../../../src/protocol/panelWords';

const answer = {
  ...{ state: 'done', kind: 'code', languageId: 'c++', text: '', hasHoles: false, reason: '' },
};
const turn = { id: 'a', question: '', context: [], place: '', answer };
const state = {
  model: { name: '', device: '', mode: 'none', note: '' },
  ...{ title: '', turns: [turn], strength: 60 },
};

describe('readFromPanel()', () => {
  const sound: object[] = [
    { type: 'ready' },
    { type: 'send', text: 'a', chips: ['file', 'problems'] },
    { type: 'preview', text: '', chips: [] },
    { type: 'stop' },
    { type: 'regenerate', turn: 'a', strength: 100 },
    { type: 'edit', turn: 'a', text: 'b', chips: [] },
    { type: 'code', action: 'placeAsGap', turn: 'a', text: 'x', languageId: 'objective-c' },
    { type: 'openLink', url: 'https://example.com/?a=b#c' },
    { type: 'command', command: 'restart' },
  ];
  for (const message of sound) {
    it(`takes ${JSON.stringify(message)}`, () => assert.equal(readFromPanel(message), message));
  }

  const unsound: [string, unknown][] = [
    ['nothing', undefined],
    ['a string', 'ready'],
    ['a list', []],
    ['no type', { text: 'a' }],
    ['an unknown type', { type: 'exec' }],
    ['a type from the prototype', { type: 'toString' }],
    ['a text that is none', { type: 'send', text: 7, chips: [] }],
    ['an endless text', { type: 'send', text: 'x'.repeat(mostCharacters + 1), chips: [] }],
    ['an unknown chip', { type: 'send', text: 'a', chips: ['secrets'] }],
    ['too many chips', { type: 'send', text: 'a', chips: Array(9).fill('file') }],
    ['no chips', { type: 'send', text: 'a' }],
    ['strength 101', { type: 'regenerate', turn: 'a', strength: 101 }],
    ['a broken strength', { type: 'regenerate', turn: 'a', strength: 0.5 }],
    ['an unknown action', { type: 'code', action: 'run', turn: 'a', text: '', languageId: '' }],
    [
      'a language with markup',
      { type: 'code', action: 'copy', turn: '', text: '', languageId: '<b>' },
    ],
    ['a javascript link', { type: 'openLink', url: 'javascript:alert(1)' }],
    ['a command link', { type: 'openLink', url: 'command:workbench.action.quit' }],
    ['a file link', { type: 'openLink', url: 'file:///etc/passwd' }],
    ['a link with a gap', { type: 'openLink', url: 'https://a b' }],
    ['a link with backslashes', { type: 'openLink', url: 'https:\\\\evil' }],
    ['another command', { type: 'command', command: 'workbench.action.quit' }],
  ];
  for (const [name, message] of unsound) {
    it(`leaves ${name} alone`, () => assert.equal(readFromPanel(message), undefined));
  }
});

describe('readToPanel()', () => {
  const sound: object[] = [
    { type: 'state', state, words: panelWords },
    { type: 'turn', turn },
    {
      type: 'step',
      turn: 'a',
      step: 0,
      maskedTokens: 1,
      tokens: [{}, { text: 'a', confidence: 1 }],
    },
    { type: 'context', chips: [{ kind: 'file', label: 'a', tokens: 3 }], place: '' },
    {
      type: 'preview',
      pieces: [{ kind: 'masks', text: '', tokens: 1 }],
      tokens: 1,
      maxTokens: 2,
      note: '',
    },
    { type: 'taken' },
    { type: 'refused', reason: 'a' },
    { type: 'say', text: 'a' },
    { type: 'focus' },
  ];
  for (const message of sound) {
    it(`takes ${(message as { type: string }).type}`, () =>
      assert.equal(readToPanel(message), message));
  }

  const unsound: [string, unknown][] = [
    ['a state without words', { type: 'state', state }],
    ['a state with a word missing', { type: 'state', state, words: { ...panelWords, send: 1 } }],
    [
      'a model of another mode',
      { type: 'state', state: { ...state, model: {} }, words: panelWords },
    ],
    [
      'a turn in another state',
      { type: 'turn', turn: { ...turn, answer: { ...answer, state: 'x' } } },
    ],
    [
      'figures below zero',
      { type: 'turn', turn: { ...turn, answer: { ...answer, figures: { steps: -1 } } } },
    ],
    ['tokens that are none', { type: 'step', turn: 'a', step: 0, maskedTokens: 0, tokens: [null] }],
    ['a chip of another kind', { type: 'context', chips: [{ kind: 'x', label: '' }], place: '' }],
  ];
  for (const [name, message] of unsound) {
    it(`leaves ${name} alone`, () => assert.equal(readToPanel(message), undefined));
  }
});
