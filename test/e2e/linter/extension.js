/**
 * Somebody else's extension, for the end-to-end suite: reports every `vlaue` as an error, as a language
 * server would. Plain CommonJS, since VS Code loads it as it is.
 */
const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  const collection = vscode.languages.createDiagnosticCollection('linter');
  const look = (document) => {
    if (document.uri.scheme !== 'file' && document.uri.scheme !== 'vscode-remote') return;
    const errors = [...document.getText().matchAll(/vlaue/g)].map(({ index }) => {
      const range = new vscode.Range(document.positionAt(index), document.positionAt(index + 5));
      const error = new vscode.Diagnostic(range, "Cannot find name 'vlaue'. Did you mean 'value'?");
      error.source = 'linter';
      return error;
    });
    collection.set(document.uri, errors);
  };
  vscode.workspace.textDocuments.forEach(look);
  subscriptions.push(
    collection,
    vscode.workspace.onDidOpenTextDocument(look),
    vscode.workspace.onDidChangeTextDocument(({ document }) => look(document)),
  );
};
