/** One turn of a conversation in the instruction panel, as the suites need it. */
import type { Turn } from '../../src/extension/panel/conversation';

export const turn = (id: string, change: Partial<Turn> = {}): Turn => ({
  id,
  question: `ask ${id}`,
  context: [],
  place: '',
  changedMs: 1,
  answer: {
    ...{ state: 'done', kind: 'prose', languageId: '', text: `say ${id}` },
    ...{ hasHoles: false, reason: '' },
  },
  ...change,
});
