/** How a checkpoint's conversations are written: found, stated, kept in the folder, refused. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ChatWish } from '../../../src/model/chatFormat';
import { convertCheckpoint } from '../../../src/model/convert';
import { openModelFolder } from '../../../src/model/modelFolder';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';

describe('the chat format of a model folder', () => {
  const at = useTempFolder();
  const template = '{{ messages[0].content }}';
  const tokenizerConfig = {
    chat_template: template,
    bos_token: { content: '<s>' },
    eos_token: '</s>',
  };

  const made = async (
    { name = 'tiny', files = {}, config = {} }: Record<string, any>,
    chat?: ChatWish,
  ) => {
    await writeTinyCheckpoint(at(name), { files, config });
    const options = { outDir: at('out'), weights: 'q8' as const, ...(chat && { chat }) };
    await convertCheckpoint(at(name), options);
    return (await openModelFolder(at('out'))).manifest.chat;
  };

  it('is the template of the tokenizer, with every end that the files name', async () => {
    const files = {
      'tokenizer_config.json': tokenizerConfig,
      'generation_config.json': { eos_token_id: [2, 3], pad_token_id: 4 },
    };
    assert.deepEqual(await made({ files, config: { eos_token_id: 2 } }), {
      kind: 'template',
      template,
      bosToken: '<s>',
      eosToken: '</s>',
      stopIds: [2, 3, 4],
    });
  });

  it('is the template that lies beside, or the default one of several', async () => {
    const named = [
      { name: 'rag', template: 'no' },
      { name: 'default', template: 'yes {{ messages[0].content }}' },
    ];
    const files = { 'tokenizer_config.json': { chat_template: named } };
    assert.equal(((await made({ files })) as { template: string }).template, named[1]!.template);
    await writeTinyCheckpoint(at('beside'), { files });
    writeFileSync(at('beside', 'chat_template.jinja'), 'own {{ messages[0].content }}');
    const manifest = await convertCheckpoint(at('beside'), { outDir: at('out'), weights: 'q8' });
    assert.match((manifest.chat as { template: string }).template, /^own/);
  });

  it('is none for base models, for those without a template, and where that is asked for', async () => {
    const files = { 'tokenizer_config.json': tokenizerConfig };
    assert.equal(await made({ name: 'Dream-v0-Base-7B', files }), undefined);
    assert.equal(await made({}), undefined);
    assert.equal(await made({ files }, 'none'), undefined);
    assert.equal((await made({ name: 'Some-Base', files }, 'template'))?.kind, 'template');
    assert.equal((await made({ name: 'Database-7B', files }))?.kind, 'template');
  });

  it('is a separator where the caller says so', async () => {
    const config = { eos_token_id: 2, pad_token_id: 9 };
    const asked = await made({ config }, { sepIds: [7] });
    assert.deepEqual(asked, { kind: 'sep', sepIds: [7], stopIds: [2, 9] });
    assert.deepEqual(await made({ config }, { sepIds: [] }), {
      kind: 'sep',
      sepIds: [],
      stopIds: [2, 9],
    });
    await expectError(made({}, { sepIds: [100_000] }), 'badCheckpoint', /separator 100000/);
  });

  it('is asked for in vain where there is no template', async () => {
    await expectError(made({}, 'template'), 'badCheckpoint', /no chat template/);
    const files = { 'tokenizer_config.json': { chat_template: 'x'.repeat(200_001) } };
    await expectError(made({ files }), 'badCheckpoint', /200001 characters/);
  });

  it('is checked when the folder is read', async () => {
    await made({});
    const file = at('out', 'lacuna.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
    for (const chat of [{}, { kind: 'sep', stopIds: [1] }, { kind: 'template', stopIds: [-1] }]) {
      writeFileSync(file, JSON.stringify({ ...manifest, chat }));
      await expectError(openModelFolder(at('out')), 'badCheckpoint', /"chat" is no chat format/);
    }
  });
});
