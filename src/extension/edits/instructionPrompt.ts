/**
 * Asks for an instruction: type one, or take one used before, or a preset. Keeps the history in the
 * workspace's state. What an instruction does to a fill is the sampler's business.
 */
import * as vscode from 'vscode';
import { offersFor, remembered, type Offer } from './instructions';

const historyKey = 'lacuna.instructions';

interface Item extends vscode.QuickPickItem {
  readonly instruction: string;
}

/** Undefined: the user thought better of it. */
export async function askInstruction(state: vscode.Memento): Promise<string | undefined> {
  const history = state.get<string[]>(historyKey, []);
  const instruction = await pick(history);
  if (instruction !== undefined) await state.update(historyKey, remembered(history, instruction));
  return instruction;
}

function pick(history: readonly string[]): Promise<string | undefined> {
  const prompt = vscode.window.createQuickPick<Item>();
  prompt.title = vscode.l10n.t('Regenerate with Instruction');
  prompt.placeholder = vscode.l10n.t('What should it do? Type, or choose');
  const offer = () => {
    prompt.items = offersFor(prompt.value, history).map(itemOf);
  };
  offer();
  prompt.onDidChangeValue(offer);
  return new Promise((resolve) => {
    prompt.onDidAccept(() => {
      resolve(prompt.selectedItems[0]?.instruction);
      prompt.hide();
    });
    prompt.onDidHide(() => {
      resolve(undefined); // after an accept this changes nothing any more
      prompt.dispose();
    });
    prompt.show();
  });
}

function itemOf({ label, instruction, origin }: Offer): Item {
  const { t } = vscode.l10n;
  const icons = { typed: '$(sparkle)', history: '$(history)', preset: '$(bookmark)' };
  return {
    label: `${icons[origin]} ${origin === 'preset' ? t(label) : label}`,
    instruction,
    ...(origin === 'preset' && { description: instruction }),
  };
}
