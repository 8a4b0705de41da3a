/** First run and help: self-test, diagnostics, the sample of the walkthrough, statistics, battery. */
import { strict as assert } from 'node:assert';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import type { SelfTestReport } from '../../src/extension/help/selfTest';
import type { BatteryPause } from '../../src/extension/power/batteryPause';
import type { StatisticsStore } from '../../src/extension/statistics/store';
import { countOf, noCounts, total } from '../../src/extension/statistics/counts';
import {
  activateLacuna,
  closeAll,
  commit,
  invoke,
  nextRequest,
  open,
  openFilled,
  setTemperature,
  type,
  until,
  withSetting,
} from './workbench';

type Tested = LacunaApi & { statistics: StatisticsStore; battery: BatteryPause };

describe('first run and help', () => {
  const { executeCommand } = vscode.commands;
  let lacuna: Tested;

  before(async () => {
    lacuna = (await activateLacuna()) as Tested;
  });
  afterEach(closeAll);
  after(() => setTemperature(undefined));

  it('the self-test fills a known gap with the running model', async () => {
    const { isWell, text } = await executeCommand<SelfTestReport>('lacuna.selfTest');
    assert(isWell, text);
    assert.match(
      text,
      /^All is well: .* runs on cpu, was loaded in \d+ ms and filled a gap in \d+ ms/,
    );
  });

  it('the self-test says why nothing shows all the same', async () => {
    await open('a = |\n');
    await withSetting('inline.mode', 'manual', async () => {
      const { isWell, text } = await executeCommand<SelfTestReport>('lacuna.selfTest');
      assert(isWell, text);
      assert.match(text, /nothing is shown while you type: automatic completion is off here/);
    });
  });

  it('the self-test gives the reason where no model can be loaded', async () => {
    await executeCommand('lacuna.restartSampler');
    const folder = path.join(os.homedir(), 'no such model');
    await withSetting('model.path', folder, async () => {
      await until('the load has failed', () => lacuna.status.detail.includes('no such model'));
      const diagnostics = await executeCommand<string>('lacuna.copyDiagnostics');
      assert.match(diagnostics, /^lacuna\.model\.path: "~"$/m);
      assert.doesNotMatch(diagnostics, /no such model/);
      assert(!diagnostics.includes(os.homedir()));
    });
    await until(
      'the model is back',
      () => lacuna.status.state === 'ready' && lacuna.status.detail === '',
    );
  });

  it('the diagnostics are in the clipboard, with versions and without code', async () => {
    await open('const secretName = |\n');
    await invoke(lacuna);
    const text = await executeCommand<string>('lacuna.copyDiagnostics');
    assert.equal(await vscode.env.clipboard.readText(), text);
    assert.match(text, new RegExp(`^VS Code: ${vscode.version.replaceAll('.', '\\.')}`, 'm'));
    assert.match(text, /^onnxruntime-node: \d+\.\d+\.\d+$/m);
    assert.match(text, /^state: ready$/m);
    assert.match(text, /^last request: invoked, typescript/m);
    assert.doesNotMatch(text, /secretName/);
  });

  it('the sample opens as a new document and is filled, whatever step asks', async () => {
    const answered = nextRequest(lacuna, ({ automatic }) => !automatic);
    await executeCommand('lacuna.openSample', 'fill');
    const { document, selection } = vscode.window.activeTextEditor!;
    assert.equal(document.uri.scheme, 'untitled');
    const before = document.lineAt(selection.active.line).text.slice(0, selection.active.character);
    assert.equal(before, "import path from '");
    await answered;
    await executeCommand('lacuna.openSample', 'regenerate');
    assert.equal(vscode.window.activeTextEditor!.document, document, 'one sample is enough');
    await until('a proposal is there', () => lacuna.edits.state === 'ready');
    assert.match(lacuna.edits.gaps[0]!.original, /^if \(value < low\)[^]*return value;$/);
    await executeCommand('lacuna.rejectAll');
    // A diff of the proposal may have been in front of it.
    await until('it is in view', () => vscode.window.activeTextEditor?.document === document);
    await executeCommand('lacuna.openSample', 'gaps');
    await until('two gaps are filled', () => lacuna.edits.state === 'ready');
    assert.deepEqual(
      lacuna.edits.gaps.map(({ original }) => original),
      ['<fill>', '<fill>'],
    );
    await executeCommand('lacuna.rejectAll');
  });

  it('the walkthrough opens', async () => {
    await executeCommand('lacuna.openWalkthrough');
    const titles = () =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    // VS Code calls the tab of every walkthrough so.
    await until('its tab is there', () =>
      titles().some((title) => /Welcome|Walkthrough/.test(title)),
    );
    await executeCommand('workbench.action.closeAllEditors');
  });

  it('a language can be set to completion on request alone', async () => {
    await open('a = |\n', { language: 'javascript' });
    await executeCommand('lacuna.toggleLanguage');
    const mode = (languageId: string) =>
      vscode.workspace.getConfiguration('lacuna', { languageId }).get('inline.mode');
    assert.equal(mode('javascript'), 'manual');
    assert.equal(mode('typescript'), 'auto');
    const settings = vscode.workspace.getConfiguration('lacuna', { languageId: 'javascript' });
    await settings.update('inline.mode', undefined, true, true);
    assert.equal(mode('javascript'), 'auto');
  });

  describe('on battery', () => {
    afterEach(() => lacuna.battery.useSource(undefined));

    it('automatic completion pauses where the setting says so', async () => {
      await lacuna.battery.useSource(async () => 'battery');
      await open('a = |\n');
      assert.doesNotMatch(lacuna.statusText, /battery/);
      await withSetting('inline.pauseOnBattery', true, async () => {
        await until('it pauses', () => lacuna.statusText === 'Lacuna: paused (on battery)');
        const automatic = nextRequest(lacuna, (record) => record.automatic);
        await type('b');
        assert.equal((await automatic).outcome, 'onBattery');
        assert.notEqual((await invoke(lacuna)).outcome, 'onBattery');
        await lacuna.battery.useSource(async () => 'mains');
        assert.doesNotMatch(lacuna.statusText, /battery/);
      });
    });

    it('nothing pauses where nobody knows', async () => {
      await lacuna.battery.useSource(async () => 'unknown');
      await withSetting('inline.pauseOnBattery', true, async () => {
        await lacuna.battery.look();
        assert.equal(lacuna.battery.isPausing, false);
      });
    });
  });

  describe('statistics', () => {
    it('count what is shown and accepted, and are exported', async () => {
      const { statistics } = lacuna;
      await statistics.reset();
      assert.deepEqual(statistics.counts, noCounts);
      const { editor } = await openFilled(lacuna);
      await commit(lacuna, editor);
      const all = total(statistics.counts);
      assert(countOf(all, 'shown') >= 1);
      assert.equal(countOf(all, 'accepted'), 1);
      assert(Object.keys(all.latency).length >= 1);
      const file = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'stats.json');
      await executeCommand('lacuna.exportStatistics', file);
      const bytes = await vscode.workspace.fs.readFile(file);
      const exported = JSON.parse(new TextDecoder().decode(bytes)) as { all: { accepted: number } };
      assert.equal(exported.all.accepted, 1);
      await statistics.write();
      assert.equal(countOf(total(statistics.counts), 'accepted'), 1, 'kept when it is written');
    });

    it('are shown as a page', async () => {
      await executeCommand('lacuna.showStatistics');
      const { document } = vscode.window.activeTextEditor!;
      assert.match(document.getText(), /^# Lacuna: statistics/);
      assert(document.isUntitled === false && document.languageId === 'markdown');
    });
  });
});
