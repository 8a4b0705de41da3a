/**
 * The face for getting models: hooks its commands in. Each is a file; what they share is where models
 * are kept and how the network is reached. Nothing here downloads; the sampler process does, when a
 * person has accepted.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { chooseFolder } from './chooseFolder';
import { chooseModel } from './chooseModel';
import { removeModel } from './removeModel';

export function activateModels(context: LacunaContext): void {
  context.own(
    // A source may be given, so that a page or a key can name one; it is asked about all the same.
    vscode.commands.registerCommand('lacuna.chooseModel', (source?: unknown) =>
      chooseModel(context, typeof source === 'string' ? source : undefined),
    ),
  );
  context.own(vscode.commands.registerCommand('lacuna.removeModel', () => removeModel(context)));
  context.own(
    vscode.commands.registerCommand('lacuna.chooseModelFolder', () => chooseFolder(context)),
  );
}
