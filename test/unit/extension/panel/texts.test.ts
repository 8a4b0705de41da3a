/** Questions with their context, exports. */
import assert from 'node:assert/strict';
import {
  fenceFor,
  instructionWith,
  withContext,
  withoutControls,
} from '../../../../src/extension/panel/contextText';
import { emptyConversation, withTurn } from '../../../../src/extension/panel/conversation';
import { exportMarkdown } from '../../../../src/extension/panel/exportMarkdown';
import { turn } from '../../../support/panelTurn';

describe('withContext()', () => {
  const item = (kind: 'file' | 'problems' | 'selection', text: string) => ({
    ...{ kind, label: 'a.ts', languageId: 'typescript', text, tokens: 3 },
  });

  it('puts code into fences that it cannot close, and problems as they are', () => {
    const text = withContext('why', [
      item('selection', 'a\n```\nb'),
      item('problems', 'line 1: x'),
    ]);
    assert.equal(
      text,
      'why\n\nSelected in a.ts:\n````typescript\na\n```\nb\n````\n\nProblems reported in a.ts:\nline 1: x',
    );
    assert.equal(withContext('why', []), 'why');
    assert.equal(fenceFor('`` ````` `'), '``````');
  });

  it('puts problems behind the instruction of a code model', () => {
    assert.equal(instructionWith('fix', ''), 'fix');
    assert.equal(instructionWith('fix', 'line 1: a\nline 2: b'), 'fix (line 1: a; line 2: b)');
  });

  it('takes controls out of a question, not its lines and tabs', () => {
    assert.equal(withoutControls('a\u0000b\u001b[1m\tc\r\nd\re\u007f\u0007'), 'ab[1m\tc\nd\ne');
  });
});

describe('exportMarkdown()', () => {
  it('keeps questions, context, answers, reasons and figures', () => {
    const figures = { steps: 3, seconds: 0.54, tokens: 9, device: 'cpu', confidence: 0.5 };
    const code = {
      state: 'stopped',
      kind: 'code',
      languageId: 'python',
      text: 'a = "```"',
      ...{ hasHoles: false, reason: 'Stopped', figures },
    } as const;
    const context = [
      { kind: 'file', label: 'a.py', languageId: 'python', text: '', tokens: 4 },
    ] as const;
    const question = 'make *it*\n\nshort';
    const conversation = [
      turn('a', { question, context, place: 'a.py, line 2', answer: code }),
      turn('b'),
    ].reduce(withTurn, emptyConversation('c', 0));
    assert.equal(
      exportMarkdown(conversation),
      [
        '# make \\*it\\*',
        '> make *it*\n>\n> short',
        '*@file a.py (4 tokens), a.py, line 2*',
        '````python\na = "```"\n````',
        '*Stopped*',
        '*3 steps, 0.5 s, 9 tokens, cpu, 50 % sure*',
        '> ask b',
        'say b',
      ].join('\n\n') + '\n',
    );
  });
});
