/** What the manifest promises against what the running extension does. */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { activateLacuna } from './workbench';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
  readonly enabledApiProposals?: readonly string[];
}

describe('the manifest', () => {
  before(activateLacuna);

  const manifest = () => vscode.extensions.getExtension('lacuna.lacuna')!.packageJSON as Manifest;

  it('contributes no command that nobody registered', async () => {
    const registered = new Set(await vscode.commands.getCommands());
    for (const { command } of manifest().contributes.commands) {
      assert(registered.has(command), command);
    }
  });

  it('asks for no proposed API', () => assert.equal(manifest().enabledApiProposals, undefined));
});
