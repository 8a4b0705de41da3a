/** What a sampler process holds, for how long, and what it says in the log. */
import assert from 'node:assert/strict';
import os from 'node:os';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LogMessage } from '../../src/protocol/messages';
import type { ProcessLimits } from '../../src/protocol/processMessages';
import { expectError } from '../support/expectError';
import { until, useMeeting } from './sharedProcess';
import { loadParams, useClients, useTinyModel, writeTinyModel } from './tinyModel';

describe('the limits of a sampler process', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();
  const meeting = useMeeting();
  const fill = { parts: [{ text: 'x = ' }, { gap: { length: 2 } }] };

  it('take an idle model out of memory; the next request has it back', async () => {
    const log: string[] = [];
    const limits = () => ({ unloadAfterMinutes: 0.001 });
    const onLog = ({ text }: LogMessage) => log.push(text);
    const client = newClient({ limits, onLog });
    await client.load(loadParams(inFolder));
    const before = await client.fill(fill);
    const inMemory = async () => (await client.processStatus()).models[0]!.inMemory;
    await until('the model is out of memory', async () => !(await inMemory()));
    const after = await client.fill(fill);
    assert.equal(after.fills[0]!.text, before.fills[0]!.text);
    assert.equal(await inMemory(), true);
    assert.ok(log.some((text) => /^Unloaded .*, idle for \d+ s$/.test(text)));
    assert.ok(log.some((text) => /^Loaded .* again in \d+ ms$/.test(text)));
  });

  it('refuse work beyond the memory, with what to do, and take it again when they are raised', async () => {
    let limits: ProcessLimits = {};
    const client = newClient({ limits: () => limits });
    await client.load(loadParams(inFolder));
    limits = { memoryMegabytes: 1 };
    await client.tellLimits();
    await expectError(
      client.fill(fill),
      'memoryFull',
      /holds \d+ MB; it may hold 1 MB.*memoryLimit/,
    );
    await writeTinyModel(inFolder('another'), { seed: 3 });
    const another = { ...loadParams(inFolder), modelDir: inFolder('another') };
    await expectError(client.load(another), 'memoryFull', /Cannot load the model/);
    limits = { memoryMegabytes: 0 };
    await client.tellLimits();
    await client.fill(fill);
  });

  it('make no sense below zero', async () => {
    const client = newClient({ limits: () => ({ unloadAfterMinutes: -1 }) });
    await expectError(client.load(loadParams(inFolder)), 'badUsage', /unloadAfterMinutes is -1/);
  });

  it('let the editor go first', async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    assert.equal(os.getPriority(client.pid), os.constants.priority.PRIORITY_BELOW_NORMAL);
  });

  it('never let code into the log above debug level, whatever fails', async () => {
    const log: LogMessage[] = [];
    const onLog = (message: LogMessage) => log.push(message);
    const client = newClient({ transport: meeting.transport(), onLog });
    await client.load(loadParams(inFolder));
    const secret = 'XyZZy_7431_secret';
    const outcomes = await Promise.allSettled([
      client.fill({ parts: [{ text: secret }, { gap: { length: 2 } }] }),
      client.fill({ parts: [{ text: secret }, { gap: { length: 2, contains: secret } }] }),
      client.fill({ parts: [{ text: secret }], instruction: secret }),
      client.fill({ parts: [{ text: secret }, { gap: { length: -1 } }] }),
      client.fill({ parts: [{ text: secret }, { gap: { length: 5000, contains: secret } }] }),
      client.fill({ parts: [{ draft: { text: secret, strength: 7 } }] }),
      client.score({ parts: [{ score: secret }] }),
      client.score({ parts: [{ score: secret.repeat(2) }], alternatives: 99 }),
      client.chat({ messages: [{ role: 'user', content: secret }] } as never),
      client.countTokens({ texts: [secret] }),
      client.countTokens({ texts: secret } as never),
    ]);
    assert.ok(outcomes.filter(({ status }) => status === 'rejected').length >= 4);
    const above = log.filter(({ level }) => level !== 'debug');
    assert.ok(above.length >= 4, 'what failed is in the log');
    for (const { text } of above) assert.ok(!text.includes(secret), text);
    for (const name of readdirSync(meeting.folder).filter((file) => !file.endsWith('.sock'))) {
      assert.ok(!readFileSync(path.join(meeting.folder, name), 'utf8').includes(secret), name);
    }
  });
});
