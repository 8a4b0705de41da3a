/** What a checkpoint is, from its own files: recognised, refused with a reason, or found damaged. */
import assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { openCheckpoint } from '../../../src/model/checkpoint';
import { convertCheckpoint } from '../../../src/model/convert';
import type { CheckpointOptions } from '../../../src/model/checkpoint';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { tinyMaskId, writeTinyCheckpoint } from '../../support/tinyCheckpoint';
import type { TinyOptions } from '../../support/tinyCheckpoint';

const noMask = { mask_token_id: undefined };

describe('openCheckpoint', () => {
  const at = useTempFolder();

  async function open(options: TinyOptions, wish?: CheckpointOptions) {
    await writeTinyCheckpoint(at('tiny'), options);
    const checkpoint = await openCheckpoint(at('tiny'), wish);
    await checkpoint.tensors.close();
    return checkpoint.facts;
  }

  it('reads a DiffuGPT checkpoint', async () => {
    const facts = await open({ architecture: 'gpt2' });
    assert.deepEqual(facts, {
      name: 'tiny',
      family: 'diffugpt',
      architecture: 'gpt2',
      dimensions: {
        vocabSize: 97,
        hiddenSize: 32,
        layers: 2,
        heads: 4,
        keyValueHeads: 4,
        headSize: 8,
        feedForwardSize: 128,
        maxTokens: 48,
      },
      parameters: 97 * 32 + 48 * 32 + 2 * (12 * 32 * 32 + 13 * 32) + 2 * 32,
      normEpsilon: 1e-5,
      tiedHead: true,
      maskId: tinyMaskId,
      shift: true,
      bosId: 0,
      eosId: 0,
      lengthPolicy: 'probed',
      dtype: 'F32',
      source: 'tiny',
    });
  });

  it('reads a LLaMA type checkpoint with grouped heads', async () => {
    const facts = await open({ architecture: 'llama', keyValueHeads: 2 });
    assert.equal(facts.dimensions.keyValueHeads, 2);
    assert.equal(facts.ropeTheta, 10_000);
    assert.equal(facts.tiedHead, false);
    assert.equal(facts.shift, true);
  });

  it('reads the keys of our own training', async () => {
    const own = {
      shift: false,
      blank_token_id: 7,
      blank_loss_weight: 0.2,
      language_tokens: { python: 8, typescript: 9 },
      trained_on_character_cuts: true,
      trained_from_left: true,
      length_bias: [0.5, 1, 0.3, 0.1, 0.2],
      instruction_prefix: 'instruction:',
      lacuna_label: 'demo',
      inline_threshold: 0.4,
    };
    const facts = await open({ config: own });
    assert.equal(facts.shift, false);
    assert.equal(facts.blankId, 7);
    assert.equal(facts.blankLossWeight, 0.2);
    assert.deepEqual(facts.languageTokens, { python: 8, typescript: 9 });
    assert.equal(facts.trainedOnCharacterCuts, true);
    assert.equal(facts.trainedFromLeft, true);
    assert.deepEqual(facts.lengthBias, [0.5, 1, 0.3, 0.1, 0.2]);
    await expectError(
      open({ config: { ...own, length_bias: [1, 2] } }),
      'badCheckpoint',
      /5 numbers/,
    );
    assert.equal(facts.instructionPrefix, 'instruction:');
    assert.equal(facts.label, 'demo');
    assert.equal(facts.inlineThreshold, 0.4);
  });

  describe('canvas', () => {
    it('is what GPT-2 weights were adapted at, not the rows of their position table', async () => {
      const tasks = (length: number) => ({
        task_specific_params: { 'text-generation': { max_length: length } },
      });
      assert.equal((await open({ config: tasks(24) })).dimensions.maxTokens, 24);
      assert.equal((await open({ config: tasks(500) })).dimensions.maxTokens, 48);
      assert.equal((await open({ maxTokens: 60, config: tasks(50) })).dimensions.maxTokens, 60);
    });

    it('of a LLaMA type stops at 2048, where DiffuLLaMA was adapted', async () => {
      const facts = await open({ architecture: 'llama', maxTokens: 4096 });
      assert.equal(facts.dimensions.maxTokens, 2048);
    });
  });

  describe('mask token', () => {
    const model = { vocab: { a: 0, ти: 11, '------------': 12 } };
    const cases: readonly [string, Readonly<Record<string, unknown>>, number][] = [
      ['an ordinary token', { 'special_tokens_map.json': { mask_token: 'ти' } }, 11],
      [
        'an ordinary token in its long form',
        { 'special_tokens_map.json': { mask_token: { content: '------------' } } },
        12,
      ],
      ['an added token', { 'tokenizer_config.json': { mask_token: '[M]' } }, 20],
      [
        'a token of the added_tokens_decoder',
        {
          'tokenizer_config.json': {
            mask_token: '<M>',
            added_tokens_decoder: { '33': { content: '<M>' } },
          },
        },
        33,
      ],
      [
        'a token of added_tokens.json',
        { 'special_tokens_map.json': { mask_token: '[X]' }, 'added_tokens.json': { '[X]': 34 } },
        34,
      ],
    ];
    for (const [what, files, id] of cases) {
      it(`is found as ${what}`, async () => {
        const tokenizer = { model, added_tokens: [{ id: 20, content: '[M]' }] };
        const all = { 'tokenizer.json': tokenizer, ...files };
        const facts = await open({ architecture: 'llama', config: noMask, files: all });
        assert.equal(facts.maskId, id);
      });
    }

    it('and shift may be stated by the caller', async () => {
      const facts = await open({ config: noMask }, { maskId: 96, shift: false });
      assert.equal(facts.maskId, 96);
      assert.equal(facts.shift, false);
    });

    it('outside the vocabulary is refused', async () => {
      const text = /mask id 97 is outside its vocabulary of 97 tokens/;
      await expectError(open({}, { maskId: 97 }), 'badCheckpoint', text);
      const config = { mask_token_id: 50_257 };
      await expectError(open({ config }), 'badCheckpoint', /mask id 50257 is outside/);
    });

    it('that no vocabulary file knows is refused', async () => {
      const files = { 'special_tokens_map.json': { mask_token: '[M]' } };
      await expectError(open({ config: noMask, files }), 'badCheckpoint', /"\[M\]" stands in none/);
    });
  });

  describe('names', () => {
    const renamed = (from: RegExp, to: string): TinyOptions => ({
      change: (tensors) => {
        for (const [name, tensor] of [...tensors]) {
          tensors.delete(name);
          tensors.set(name.replace(from, to), tensor);
        }
      },
    });
    it('of stock GPT-2 are read', async () => {
      await open({
        change: (tensors) => {
          renamed(/^denoise_model/, 'transformer').change!(tensors);
          renamed(/^embed_tokens/, 'transformer.wte').change!(tensors);
        },
      });
      await open(renamed(/^denoise_model\./, ''));
      await open(renamed(/^embed_tokens/, 'denoise_model.wte'));
    });

    it('of causal masks and rotary tables are passed over', async () => {
      const extra = { shape: [1, 1, 2, 2], values: new Float32Array(4) };
      await open({ change: (t) => t.set('denoise_model.h.0.attn.bias', extra) });
      await open({
        architecture: 'llama',
        change: (t) => t.set('model.layers.0.self_attn.rotary_emb.inv_freq', extra),
      });
    });

    it('that belong to no weight are refused: leaving one out makes another model', async () => {
      const norm = { shape: [8], values: new Float32Array(8) };
      const change: TinyOptions['change'] = (t) =>
        t.set('model.layers.0.self_attn.v_norm.weight', norm);
      const opening = open({ architecture: 'llama', change });
      await expectError(opening, 'unsupportedModel', /"model.layers.0.self_attn.v_norm.weight"/);
    });
  });

  it('takes a stored GPT-2 head that is not the embedding', async () => {
    const head = { shape: [97, 32], values: new Float32Array(97 * 32) };
    const facts = await open({ change: (t) => t.set('lm_head.weight', head) });
    assert.equal(facts.tiedHead, false);
  });

  describe('refuses', () => {
    const kinds: readonly [string, TinyOptions, RegExp][] = [
      [
        'a plain autoregressive GPT-2',
        { config: { ...noMask, architectures: ['GPT2LMHeadModel'] } },
        /plain autoregressive gpt2 model.*cannot fill a gap.*--mask-id/,
      ],
      [
        'a plain autoregressive LLaMA',
        { architecture: 'llama', config: noMask },
        /plain autoregressive llama model/,
      ],
      [
        'a DiffuGPT without its mask',
        { config: noMask },
        /name no mask token.*Give its mask token with --mask-id/,
      ],
      [
        'an autoregressive model of another kind',
        { config: { model_type: 'mistral', architectures: ['MistralForCausalLM'] } },
        /autoregressive model \(mistral\).*the text after a gap/,
      ],
      [
        'an encoder',
        { config: { model_type: 'roberta', architectures: [] } },
        /an encoder \(roberta\)/,
      ],
      ['an encoder-decoder', { config: { model_type: 't5' } }, /encoder-decoder model \(t5\)/],
      [
        'an unknown architecture',
        { config: { model_type: 'frobnicate' } },
        /"frobnicate" is unknown/,
      ],
      [
        'no model type',
        { config: { model_type: undefined, architectures: [] } },
        /"unknown" is unknown/,
      ],
      [
        'foreign quantisation',
        { config: { quantization_config: { bits: 4 } } },
        /already quantised/,
      ],
      [
        'stretched positions',
        { architecture: 'llama', config: { rope_scaling: { type: 'linear', factor: 2 } } },
        /RoPE scaling "linear"/,
      ],
      ['another activation', { config: { activation_function: 'relu' } }, /"relu" is not gelu_new/],
    ];
    for (const [what, options, text] of kinds) {
      it(what, () => expectError(open(options), 'unsupportedModel', text));
    }

    const blockKinds = [
      ['llada2_moe', 'LLaDA2MoeModelLM'],
      ['sdar', 'SDARForCausalLM'],
      ['Fast_dLLM_Qwen', 'Fast_dLLM_QwenForCausalLM'],
      ['nemotron_labs_diffusion', 'NemotronLabsDiffusionModel'],
      ['diffusion_gemma', 'DiffusionGemmaForBlockDiffusion'],
    ];
    for (const [modelType, name] of blockKinds) {
      it(`the block-diffusion model ${modelType}`, () => {
        const config = { model_type: modelType, architectures: [name] };
        const text = /block-diffusion model .*a gap would not see the text to its right/;
        return expectError(open({ config }), 'unsupportedModel', text);
      });
    }

    it('a tensor of a wrong shape, with both shapes', async () => {
      const name = 'denoise_model.h.1.mlp.c_fc.weight';
      const wrong = { shape: [128, 32], values: new Float32Array(128 * 32) };
      const text = /"denoise_model.h.1.mlp.c_fc.weight" has the shape \[128, 32\], not \[32, 128\]/;
      await expectError(open({ change: (t) => t.set(name, wrong) }), 'badCheckpoint', text);
    });

    it('a missing tensor', async () => {
      const name = 'model.layers.1.mlp.up_proj.weight';
      const opening = open({ architecture: 'llama', change: (t) => t.delete(name) });
      await expectError(opening, 'badCheckpoint', /"model.layers.1.mlp.up_proj.weight" is missing/);
    });

    it('config fields of a wrong type', async () => {
      const opening = open({ config: { n_embd: '32' } });
      await expectError(opening, 'badCheckpoint', /"n_embd" is "32", not an integer/);
      const heads = open({ config: { n_head: 5 } });
      await expectError(heads, 'badCheckpoint', /n_embd 32 is no multiple of n_head 5/);
    });

    it('a folder without config.json', async () => {
      await expectError(openCheckpoint(at('nowhere')), 'badCheckpoint', /it has no config.json/);
    });
  });

  describe('a link out of the folder is refused before it is read', () => {
    const names = [
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'special_tokens_map.json',
    ];
    for (const name of [...names, 'generation_config.json', 'chat_template.jinja']) {
      it(name, async () => {
        await writeTinyCheckpoint(at('tiny'), { architecture: 'llama' });
        writeFileSync(at('secret'), 'root:x:0:0');
        rmSync(at('tiny', name), { force: true });
        symlinkSync(at('secret'), at('tiny', name));
        const error = await convertCheckpoint(at('tiny'), {
          outDir: at('out'),
          weights: 'f32',
        }).then(
          () => undefined,
          (thrown: Error) => thrown,
        );
        assert.match(String(error?.message), /is a link out of the folder/);
        assert.doesNotMatch(String(error?.message), /root:x/);
      });
    }
  });
});
