import { strict as assert } from 'node:assert';
import { withEditorIndentation } from '../../../../src/extension/ghostText/indentation';

const tabs = { insertSpaces: false, tabSize: 4 };
const twoSpaces = { insertSpaces: true, tabSize: 2 };
const fourSpaces = { insertSpaces: true, tabSize: 4 };

describe('withEditorIndentation()', () => {
  it('turns spaces into tabs from the second line on', () => {
    const fill = 'if (a) {\n        b();\n    }';
    assert.equal(withEditorIndentation(fill, '\t', tabs), 'if (a) {\n\t\tb();\n\t}');
  });

  it('turns tabs into spaces of the tab size', () => {
    assert.equal(withEditorIndentation('a {\n\t\tb\n\t}', '', twoSpaces), 'a {\n    b\n  }');
    assert.equal(withEditorIndentation('a {\n\tb\n}', '', fourSpaces), 'a {\n    b\n}');
  });

  it('leaves an odd width as it is', () => {
    assert.equal(withEditorIndentation('f(a,\n  b)', '', fourSpaces), 'f(a,\n  b)');
    assert.equal(withEditorIndentation('f(a,\n   b)', '', twoSpaces), 'f(a,\n   b)');
  });

  it('keeps the columns beyond the last full tab as spaces', () => {
    assert.equal(withEditorIndentation('f(a,\n      b)', '', tabs), 'f(a,\n\t  b)');
  });

  it('does not touch the first line behind text', () => {
    assert.equal(withEditorIndentation('\t= 1', 'const a', fourSpaces), '\t= 1');
    assert.equal(withEditorIndentation('    = 1', '\tconst a', tabs), '    = 1');
  });

  it('continues the indentation of a blank line', () => {
    assert.equal(withEditorIndentation('    b();', '\t', tabs), '\tb();');
    assert.equal(withEditorIndentation('\tb();', '    ', fourSpaces), '    b();');
    assert.equal(withEditorIndentation('\tb();', '  ', fourSpaces), '  b();');
  });

  it('does not put tabs behind spaces', () => {
    assert.equal(withEditorIndentation('    b();', '  ', tabs), '    b();');
  });

  it('does not touch blanks inside a line', () => {
    assert.equal(withEditorIndentation('a\n\tb  =\tc', '', twoSpaces), 'a\n  b  =\tc');
  });

  it('keeps a lone line feed', () => {
    assert.equal(withEditorIndentation('\n', '', tabs), '\n');
    assert.equal(withEditorIndentation('\n\n    a', '', tabs), '\n\n\ta');
  });
});
