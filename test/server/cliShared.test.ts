/** The command line beside windows that share a process, and without any. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { version } from '../../package.json';
import { useMeeting } from './sharedProcess';
import { loadParams, runCli, useClients, useTinyModel } from './tinyModel';

describe('lacuna, beside a shared sampler process', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();
  const meeting = useMeeting();
  const fill = (...flags: string[]) => {
    writeFileSync(inFolder('a.py'), 'x = <fill>\n');
    const own = ['--model', inFolder('model'), '--device', 'cpu', '--length', '3', '--verbose'];
    const env = { LACUNA_RUNTIME_DIR: meeting.folder, XDG_CACHE_HOME: inFolder('cli-cache') };
    return runCli(['fill', inFolder('a.py'), ...own, ...flags], env);
  };

  it('uses it, comes to the same fill as by itself, and leaves it to the windows', async () => {
    const window = newClient({ transport: meeting.transport({ version }) });
    await window.load(loadParams(inFolder));
    const shared = await fill();
    assert.match(shared.err, new RegExp(`process ${window.pid} of the editor`));
    const own = await fill('--own-process');
    assert.doesNotMatch(own.err, /of the editor/);
    assert.equal(shared.code, 0, shared.err);
    assert.equal(shared.out, own.out);
    await window.fill({ parts: [{ text: 'x = ' }, { gap: { length: 2 } }] });
    const scored = await runCli(
      ['score', inFolder('a.py'), '--model', inFolder('model'), '--json'],
      {
        LACUNA_RUNTIME_DIR: meeting.folder,
        XDG_CACHE_HOME: inFolder('cli-cache'),
      },
    );
    assert.equal(scored.code, 0, scored.err);
    assert.equal((await window.processStatus()).clients.length, 1);
  });

  it('starts none where there is none', async () => {
    const { code, err } = await fill();
    assert.equal(code, 0, err);
    assert.match(err, /Using a process of its own: .*no shared sampler process runs/);
    assert.deepEqual(meeting.files(), []);
  });

  it('says what is wrong with a model as it does by itself', async () => {
    const window = newClient({ transport: meeting.transport({ version }) });
    await window.load(loadParams(inFolder));
    const { code, err } = await fill('--model', inFolder('nowhere'));
    assert.equal(code, 1);
    assert.match(err, /nowhere/);
  });
});
