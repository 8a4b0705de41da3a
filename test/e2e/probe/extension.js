/**
 * Somebody else's extension, for the end-to-end suite: writes down what VS Code tells Lacuna of its settings and of
 * the trust in the folder, whenever either changes. Plain CommonJS, since VS Code loads it as it is.
 */
const { writeFileSync } = require('node:fs');
const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  const write = () => {
    const lacuna = vscode.extensions.getExtension('lacuna.lacuna');
    const names = Object.keys(
      Object.assign(
        {},
        ...lacuna.packageJSON.contributes.configuration.map(({ properties }) => properties),
      ),
    );
    const configuration = vscode.workspace.getConfiguration();
    const settings = Object.fromEntries(
      names.map((name) => [
        name,
        { value: configuration.get(name), usual: configuration.inspect(name)?.defaultValue },
      ]),
    );
    const seen = { isTrusted: vscode.workspace.isTrusted, isActive: lacuna.isActive, settings };
    writeFileSync(process.env['PROBE_FILE'], JSON.stringify(seen));
  };
  write();
  const timer = setInterval(write, 300);
  subscriptions.push({ dispose: () => clearInterval(timer) });
};
