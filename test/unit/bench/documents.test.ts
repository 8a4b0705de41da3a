/**
 * Figures go where the marks are and nowhere else; a second run replaces the first.
 */
import assert from 'node:assert/strict';
import { betweenMarks, onTop } from '../../../bench/support/documents';

const mark = '<!-- figures: made by "node bench/run.mjs publish" -->';
const page = `# Speed\n\nBefore.\n\n${mark}\nold\n<!-- end of figures -->\n\nAfter.\n`;

describe('documents of the bench', () => {
  it('replaces what stands between the marks and keeps the rest', () => {
    const once = betweenMarks(page, 'new\n');
    assert.equal(once, page.replace('\nold\n', '\n\nnew\n\n'));
    assert.equal(betweenMarks(once, 'new'), once);
    assert.throws(() => betweenMarks('# no marks', 'new'), /needs/);
  });

  it('puts an entry on top, or in place of the one with its heading', () => {
    const history = '# Results\n\nIntro.\n\n## Old\n\nKept.\n';
    const once = onTop(history, '## New', '## New\n\nOne.');
    assert.equal(once, '# Results\n\nIntro.\n\n## New\n\nOne.\n\n## Old\n\nKept.\n');
    const twice = onTop(once, '## New', '## New\n\nTwo.');
    assert.equal(twice, once.replace('One.', 'Two.'));
  });
});
