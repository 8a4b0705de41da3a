/**
 * Every published layout on tiny checkpoints of our own: recognised by its files, run, and compared with
 * plain loops. golden.test.ts does the same with an independent reference where its files are at hand.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { openCheckpoint } from '../../../src/model/checkpoint';
import type { CheckpointOptions } from '../../../src/model/checkpoint';
import { convertCheckpoint } from '../../../src/model/convert';
import type { Denoiser } from '../../../src/model/denoiser';
import type { Manifest } from '../../../src/model/manifest';
import { openModelFolder } from '../../../src/model/modelFolder';
import { openDenoiser } from '../../../src/model/openDenoiser';
import { SafetensorsWriter } from '../../../src/model/safetensorsWriter';
import { expectError } from '../../support/expectError';
import { referenceForward } from '../../support/referenceForward';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';
import type { TinyOptions, TinyTensor } from '../../support/tinyCheckpoint';
import { referenceXlmr, writeTinyXlmr } from '../../support/tinyXlmr';
import type { XlmrOptions } from '../../support/tinyXlmr';

const ids = [3, 11, 5, 5, 40, 7, 23];

describe('families', () => {
  const at = useTempFolder();

  async function converted(dir: string, options: CheckpointOptions = {}): Promise<Manifest> {
    return convertCheckpoint(dir, { ...options, outDir: at('model'), weights: 'f32' });
  }

  async function withDenoiser<T>(use: (denoiser: Denoiser) => Promise<T>): Promise<T> {
    const denoiser = await openDenoiser(await openModelFolder(at('model')), 'cpu', 'fused', 1);
    try {
      return await use(denoiser);
    } finally {
      await denoiser.dispose();
    }
  }

  async function expectLogits(expected: readonly (readonly number[])[]): Promise<void> {
    const rows = Int32Array.from(ids.keys());
    const request = { ids: Int32Array.from(ids), positions: rows, rows, banned: [] };
    const { logits } = await withDenoiser((d) => d.forward({ ...request, wantLogits: true }));
    expectClose(logits!, expected.flat());
  }

  async function facts(options: TinyOptions, wish?: CheckpointOptions) {
    await writeTinyCheckpoint(at('tiny'), { architecture: 'llama', ...options });
    const checkpoint = await openCheckpoint(at('tiny'), wish);
    await checkpoint.tensors.close();
    return checkpoint.facts;
  }

  describe('Dream', () => {
    const dream: TinyOptions = {
      ...{ architecture: 'llama', keyValueHeads: 2, attentionBias: true, dtype: 'BF16' },
      config: { model_type: 'Dream', architectures: ['DreamModel'], mask_token_id: 9 },
    };

    it('runs with biases and grouped heads, shifted', async () => {
      const tiny = await writeTinyCheckpoint(at('tiny'), dream);
      const manifest = await converted(at('tiny'));
      assert.deepEqual(
        [manifest.family, manifest.shift, manifest.maskId, manifest.lengthPolicy, manifest.dtype],
        ['dream', true, 9, 'probed', 'BF16'],
      );
      await expectLogits(referenceForward(tiny, ids));
    });

    it('takes the begin of its canvas from the tokenizer, not from its config', async () => {
      const files = {
        'tokenizer_config.json': {
          bos_token: '<|beginoftext|>',
          added_tokens_decoder: { '8': { content: '<|beginoftext|>' } },
        },
      };
      const config = { ...dream.config, bos_token_id: 1, eos_token_id: 1 };
      assert.equal((await facts({ ...dream, config, files })).bosId, 8);
    });

    it('has no begin or end that is the mask itself', async () => {
      const config = { ...dream.config, bos_token_id: 9, eos_token_id: 9 };
      const { bosId, eosId } = await facts({ ...dream, config });
      assert.deepEqual([bosId, eosId], [undefined, undefined]);
    });

    it('is DreamOn where its vocabulary can expand: delete is the end of the text', async () => {
      const files = { 'added_tokens.json': { '<|mask|>': 9, '<|expand|>': 10 } };
      const config = { ...dream.config, eos_token_id: 4 };
      const on = await facts({ ...dream, config, files });
      assert.deepEqual(
        [on.family, on.lengthPolicy, on.expandId, on.deleteId, on.closesCanvas],
        ['dreamon', 'expand', 10, 4, true],
      );
      const stated = await facts({ ...dream, config, files: {} }, { expandId: 11 });
      assert.equal(stated.expandId, 11);
    });

    it('gets its tokenizer from vocab.json and merges.txt, all that it ships', async () => {
      const letters = [...'abcdefghijklmnopqrstuvwxyz'];
      const pieces = ['Ġ', 'Ċ', ...letters, 're', 'ret', 'Ġx'];
      const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
      const files = {
        'vocab.json': vocab,
        'tokenizer_config.json': {
          added_tokens_decoder: { '31': { content: '<|mask|>', special: true } },
        },
      };
      await writeTinyCheckpoint(at('tiny'), { ...dream, vocabSize: 32, files });
      writeFileSync(at('tiny', 'merges.txt'), '#version: 0.2\nr e\nre t\nĠ x\n');
      const manifest = await converted(at('tiny'));
      assert.equal(manifest.hasTokenizer, true);
      const json = JSON.parse(readFileSync(at('model', 'tokenizer.json'), 'utf8'));
      assert.deepEqual(json.model.merges, ['r e', 're t', 'Ġ x']);
      assert.equal(json.added_tokens[0].content, '<|mask|>');
      assert.ok(manifest.files['tokenizer.json']);
    });
  });

  it('Open-dCoder calls itself a Qwen; its tokenizer knows a mask', async () => {
    const config = { model_type: 'qwen2', mask_token_id: undefined, tie_word_embeddings: true };
    const qwen: TinyOptions = { tiedHead: true, attentionBias: true, config };
    const files = {
      'tokenizer_config.json': {
        mask_token: '<M>',
        added_tokens_decoder: { '13': { content: '<M>' } },
      },
    };
    const { family, shift, maskId, tiedHead } = await facts({ ...qwen, files });
    assert.deepEqual([family, shift, maskId, tiedHead], ['open-dcoder', true, 13, true]);
    const plain = facts({ ...qwen, files: { 'tokenizer_config.json': {} } });
    await expectError(plain, 'unsupportedModel', /plain autoregressive qwen2 model/);
  });

  describe('A2D', () => {
    const a2d: TinyOptions = {
      ...{ architecture: 'llama', keyValueHeads: 2, queryKeyNorm: true, tiedHead: true },
      config: { model_type: 'a2d-qwen3', architectures: ['A2DQwen3LMHeadModel'] },
    };

    it('of Qwen 3 runs with norms on query and key heads, not shifted', async () => {
      const tiny = await writeTinyCheckpoint(at('tiny'), a2d);
      const manifest = await converted(at('tiny'));
      assert.deepEqual(
        [manifest.family, manifest.shift, manifest.queryKeyNorm],
        ['a2d', false, true],
      );
      await expectLogits(referenceForward(tiny, ids));
    });

    it('trained in blocks is refused by its name, for its config is the same', async () => {
      const dir = at('Qwen3-0.6B-diffusion-bd3lm-v0.1');
      await writeTinyCheckpoint(dir, a2d);
      await expectError(openCheckpoint(dir), 'unsupportedModel', /block-diffusion model/);
    });
  });

  it('LLaDA runs under its own names, not shifted', async () => {
    const names: readonly [RegExp, string][] = [
      [/^model\.embed_tokens/, 'model.transformer.wte'],
      [/^model\.norm/, 'model.transformer.ln_f'],
      [/^lm_head/, 'model.transformer.ff_out'],
      [/^model\.layers\./, 'model.transformer.blocks.'],
      [/self_attn\.o_proj/, 'attn_out'],
      [/self_attn\./, ''],
      [/mlp\.gate_proj/, 'ff_proj'],
      [/mlp\.up_proj/, 'up_proj'],
      [/mlp\.down_proj/, 'ff_out'],
      [/input_layernorm/, 'attn_norm'],
      [/post_attention_layernorm/, 'ff_norm'],
    ];
    const before = new Map<string, TinyTensor>();
    const tiny = await writeTinyCheckpoint(at('tiny'), {
      architecture: 'llama',
      config: {
        ...{ model_type: 'llada', architectures: ['LLaDAModelLM'], d_model: 32, n_layers: 2 },
        ...{ n_heads: 4, n_kv_heads: 4, mlp_hidden_size: 88, max_sequence_length: 48 },
        ...{ weight_tying: false, block_type: 'llama', hidden_size: undefined },
        tokenizer_class: 'NobodyShipsIt',
      },
      change: (tensors) => {
        for (const [name, tensor] of [...tensors]) {
          before.set(name, tensor);
          tensors.delete(name);
          tensors.set(
            names.reduce((text, [from, to]) => text.replace(from, to), name),
            tensor,
          );
        }
      },
    });
    const manifest = await converted(at('tiny'));
    assert.deepEqual([manifest.family, manifest.shift], ['llada', false]);
    await expectLogits(referenceForward({ ...tiny, tensors: before }, ids));
    const sequential = { model_type: 'llada', d_model: 32, block_type: 'sequential' };
    await writeTinyCheckpoint(at('other'), { architecture: 'llama', config: sequential });
    const text = /"block_type" is "sequential", which LLaDA does not have/;
    await expectError(openCheckpoint(at('other')), 'unsupportedModel', text);
  });

  describe('seed 2', () => {
    const shapes: readonly [string, XlmrOptions][] = [
      ['base and large', { preNorm: false }],
      ['XL and XXL', { preNorm: true, prefix: '' }],
      ['with its head stored twice, by PyTorch', { format: 'torch', decoder: 'stored' }],
      ['with an empty head, by ZeRO', { format: 'torch', decoder: 'empty', preNorm: true }],
      [
        'with a head of its own',
        { decoder: 'own', config: { tie_word_embeddings: false }, prefix: '' },
      ],
    ];
    for (const [what, options] of shapes) {
      it(`runs: ${what}`, async () => {
        const tiny = await writeTinyXlmr(at('tiny'), options);
        const manifest = await converted(at('tiny'));
        assert.deepEqual(
          [manifest.family, manifest.shift, manifest.lengthPolicy, manifest.dimensions.maxTokens],
          ['xlm-r', false, 'predicted', 32],
        );
        assert.equal(manifest.tiedHead, options.decoder !== 'own');
        const { logits, lengths } = referenceXlmr(tiny, ids);
        await expectLogits(logits);
        const got = await withDenoiser((d) => d.predictLength!(Int32Array.from(ids)));
        expectClose(got, lengths);
      });
    }

    it('is told from a plain XLM-R, which nobody adapted', async () => {
      await writeTinyXlmr(at('tiny'), { prefix: '', lengthPredictor: false });
      await expectError(
        openCheckpoint(at('tiny')),
        'unsupportedModel',
        /an encoder \(xlm-roberta\)/,
      );
      const { facts: told, tensors } = await openCheckpoint(at('tiny'), { maskId: 60 });
      await tensors.close();
      assert.deepEqual([told.family, told.lengthPolicy], ['xlm-r', 'probed']);
    });

    /** What its archives hold: arguments, and a step with the weights. */
    const published = {
      ...{ hiddenSize: 768, heads: 12, layers: 1, feedForwardSize: 4, vocabSize: 61 },
      lengthPredictor: false,
    } as const;

    it('needs no config.json, and takes the last step', async () => {
      mkdirSync(at('tiny', 'checkpoint-500'), { recursive: true });
      const last = at('tiny', 'checkpoint-16000');
      await writeTinyXlmr(last, { ...published, format: 'torch', config: false });
      const args = { model: { pretrained: 'xlm-roberta-base' } };
      writeFileSync(at('tiny', 'args.json'), JSON.stringify(args));
      const { facts: told, tensors } = await openCheckpoint(at('tiny'), { maskId: 60 });
      await tensors.close();
      assert.deepEqual([told.dimensions.heads, told.name], [12, 'tiny']);
      assert.deepEqual([told.bosId, told.padId, told.eosId], [0, 1, 2]);
    });

    it('that DeepSpeed split over its ranks is refused with the way out', async () => {
      mkdirSync(at('tiny', 'checkpoint-5', 'global_step5'), { recursive: true });
      writeFileSync(at('tiny', 'args.json'), '{}');
      await expectError(openCheckpoint(at('tiny')), 'badCheckpoint', /zero_to_fp32/);
    });

    describe('as the parts of an archive', () => {
      async function writeParts(
        entries: Parameters<typeof packTar>[0],
        cuts: readonly string[],
      ): Promise<void> {
        const bytes = gzipSync(await packTar(entries));
        const size = Math.ceil(bytes.length / cuts.length);
        mkdirSync(at('download'), { recursive: true });
        for (const [index, part] of cuts.entries()) {
          const piece = bytes.subarray(index * size, (index + 1) * size);
          writeFileSync(at('download', `flan_v2.xl.length.tar.gz${part}`), piece);
        }
      }
      const entry = (name: string, body: Uint8Array) => ({
        header: { name, size: body.length, type: 'file' as const },
        body,
      });

      it('is unpacked, converted, and the unpacked files are gone', async () => {
        await writeTinyXlmr(at('tiny'), { format: 'torch' });
        const files = ['config.json', 'pytorch_model.bin'].map((name) =>
          entry(`flan/checkpoint-9/${name}`, readFileSync(at('tiny', name))),
        );
        const optimizer = entry('flan/checkpoint-9/optimizer.pt', new Uint8Array(1000));
        const args = entry('flan/args.json', Buffer.from('{}'));
        await writeParts([args, optimizer, ...files], ['.part0', '.part1', '.part2']);
        const manifest = await convertCheckpoint(at('download'), {
          outDir: at('out', 'model'),
          weights: 'f32',
        });
        assert.deepEqual([manifest.family, manifest.source], ['xlm-r', 'flan_v2.xl.length']);
        assert.deepEqual(Object.keys(manifest.files), ['weights.safetensors']);
      });

      const bad: readonly [string, () => Promise<void>, RegExp][] = [
        [
          'a missing part',
          () => writeParts([entry('a', Buffer.from('x'))], ['.part0', '.part2']),
          /part 1 of "flan_v2.xl.length.tar.gz" is missing/,
        ],
        [
          'a part that is cut',
          async () => {
            await writeParts([entry('a/config.json', Buffer.from('{}'))], ['']);
            const file = at('download', 'flan_v2.xl.length.tar.gz');
            writeFileSync(file, readFileSync(file).subarray(0, -20));
          },
          /cannot be unpacked/,
        ],
        [
          'a link',
          () =>
            writeParts(
              [{ header: { name: 'l', size: 0, type: 'symlink', linkname: '/etc/passwd' } }],
              [''],
            ),
          /holds "l", which is a symlink/,
        ],
        [
          'a way out of the folder',
          () => writeParts([entry('../../evil.json', Buffer.from('{}'))], ['']),
          /which leads out of the folder/,
        ],
        [
          'what grows without end',
          () => writeParts([entry('a/zeros.bin', new Uint8Array(80e6))], ['']),
          /unpacks to 1 files of 80000000 bytes/,
        ],
        [
          'no checkpoint',
          () => writeParts([entry('a/readme.txt', Buffer.from('hello'))], ['']),
          /holds no checkpoint/,
        ],
      ];
      for (const [what, write, text] of bad) {
        it(`is refused with ${what}`, async () => {
          await write();
          const converting = convertCheckpoint(at('download'), {
            outDir: at('out', 'model'),
            weights: 'f32',
          });
          await expectError(converting, 'badCheckpoint', text);
        });
      }
    });
  });

  describe('a LoRA adapter', () => {
    const rank = 3;
    const alpha = 12;

    async function writeAdapter(
      change: (tensors: Map<string, TinyTensor>) => void = () => {},
      config: Readonly<Record<string, unknown>> = {},
    ): Promise<Map<string, TinyTensor>> {
      const values = (count: number, seed: number) =>
        Float32Array.from({ length: count }, (_, i) => 0.3 * Math.sin(seed + 1.7 * i));
      const tensors = new Map<string, TinyTensor>([
        ['base_model.model.embed_tokens.weight', { shape: [97, 32], values: values(97 * 32, 5) }],
      ]);
      for (const [i, name] of ['self_attn.q_proj', 'mlp.down_proj'].entries()) {
        const [out, from] = name.startsWith('mlp') ? [32, 88] : [32, 32];
        const there = `base_model.model.denoise_model.layers.1.${name}.lora_`;
        tensors.set(`${there}A.weight`, { shape: [rank, from], values: values(rank * from, i) });
        tensors.set(`${there}B.weight`, { shape: [out, rank], values: values(out * rank, i + 2) });
      }
      change(tensors);
      mkdirSync(at('adapter'), { recursive: true });
      const all = { peft_type: 'LORA', r: rank, lora_alpha: alpha, bias: 'none', ...config };
      const named = { ...all, base_model_name_or_path: 'output/llama2-ddm' };
      writeFileSync(at('adapter', 'adapter_config.json'), JSON.stringify(named));
      const plan = [...tensors].map(([name, { shape }]) => ({
        name,
        dtype: 'F32' as const,
        shape,
      }));
      const file = at('adapter', 'adapter_model.safetensors');
      const writer = await SafetensorsWriter.create(file, plan);
      for (const { values: piece } of tensors.values()) await writer.append(piece);
      await writer.finish();
      return tensors;
    }

    it('is merged into its base: low ranks added, the embedding replaced', async () => {
      const tiny = await writeTinyCheckpoint(at('base'), { architecture: 'llama' });
      const adapter = await writeAdapter();
      const manifest = await converted(at('adapter'), { base: at('base') });
      assert.deepEqual([manifest.family, manifest.name], ['diffullama', 'adapter']);
      const merged = new Map(tiny.tensors);
      merged.set('model.embed_tokens.weight', adapter.get('base_model.model.embed_tokens.weight')!);
      for (const name of ['self_attn.q_proj', 'mlp.down_proj']) {
        const there = `base_model.model.denoise_model.layers.1.${name}.lora_`;
        const [a, b] = ['A', 'B'].map((x) => adapter.get(`${there}${x}.weight`)!.values);
        const full = `model.layers.1.${name}.weight`;
        const { shape, values } = merged.get(full)!;
        const columns = shape[1]!;
        const sum = values.map((value, i) => {
          const [row, column] = [Math.floor(i / columns), i % columns];
          let delta = 0;
          for (let r = 0; r < rank; r++) delta += b![row * rank + r]! * a![r * columns + column]!;
          return value + (alpha / rank) * delta;
        });
        merged.set(full, { shape, values: sum });
      }
      await expectLogits(referenceForward({ ...tiny, tensors: merged }, ids));
    });

    it('was trained to answer: what stands behind an answer ends a gap', async () => {
      const files = {
        'special_tokens_map.json': { sep_token: '====', pad_token: '¨', eos_token: '</s>' },
        'vocab.json': { '====': 20, '¨': 21, '</s>': 2 },
      };
      await writeTinyCheckpoint(at('base'), { architecture: 'llama', files });
      await writeAdapter();
      const told = async (...where: Parameters<typeof openCheckpoint>) => {
        const { facts: found, tensors } = await openCheckpoint(...where);
        await tensors.close();
        return found;
      };
      const { sepId, tailIds } = await told(at('adapter'), { base: at('base') });
      assert.deepEqual([sepId, tailIds], [20, [2, 21]]);
      assert.equal((await told(at('base'))).tailIds, undefined);
    });

    it('says that it needs its base', async () => {
      await writeAdapter();
      await expectError(openCheckpoint(at('adapter')), 'badCheckpoint', /--base/);
      await writeTinyCheckpoint(at('base'), { architecture: 'llama' });
      const wrong = openCheckpoint(at('base'), { base: at('base') });
      await expectError(wrong, 'badCheckpoint', /it has no adapter_config.json/);
    });

    const lora = 'base_model.model.denoise_model.layers.1.self_attn.q_proj.lora_';
    const misfits: readonly [string, (t: Map<string, TinyTensor>) => void, object, RegExp][] = [
      ['half a pair', (t) => t.delete(`${lora}B.weight`), {}, /q_proj.lora_B.weight" is missing/],
      [
        'other sizes',
        (t) => t.set(`${lora}A.weight`, { shape: [3, 8], values: new Float32Array(24) }),
        {},
        /\[32, 3\] times \[3, 8\], weight "model.layers.1.self_attn.q_proj.weight" \[32, 32\]/,
      ],
      [
        'a layer the base has not',
        (t) => {
          for (const x of 'AB') {
            const tensor = t.get(`${lora}${x}.weight`)!;
            t.set(`${lora}${x}.weight`.replace('layers.1', 'layers.9'), tensor);
          }
        },
        {},
        /belongs to no weight of the base checkpoint/,
      ],
      ['DoRA', () => {}, { use_dora: true }, /\(DoRA\)/],
      ['another kind', () => {}, { peft_type: 'IA3' }, /of the type IA3, not LoRA/],
      ['trained biases', () => {}, { bias: 'all' }, /it trains biases too/],
    ];
    for (const [what, change, config, text] of misfits) {
      it(`is refused with ${what}`, async () => {
        await writeTinyCheckpoint(at('base'), { architecture: 'llama' });
        await writeAdapter(change, config as Record<string, unknown>);
        const opening = openCheckpoint(at('adapter'), { base: at('base') });
        await assert.rejects(opening, text);
      });
    }
  });

  it('keeps what a model folder needs to be known again: source, licence, hashes', async () => {
    const dir = at('models--org--name', 'snapshots', 'abc');
    await writeTinyCheckpoint(dir);
    writeFileSync(path.join(dir, 'README.md'), '---\nlicense: apache-2.0\n---\n# A model\n');
    const manifest = await converted(dir);
    assert.deepEqual(
      [manifest.name, manifest.source, manifest.licence, manifest.dtype],
      ['name', 'org/name', 'apache-2.0', 'F32'],
    );
    assert.match(manifest.files['weights.safetensors']!.sha256, /^[0-9a-f]{64}$/);
  });

  it('asks for no endless list, whatever config.json says', async () => {
    const opening = facts({ config: { num_hidden_layers: 2_000_000_000 } });
    await expectError(opening, 'badCheckpoint', /it asks for 2000000000 layers/);
  });
});

function expectClose(got: ArrayLike<number>, expected: readonly number[]): void {
  assert.equal(got.length, expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = expected.reduce((most, v, i) => Math.max(most, Math.abs(v - got[i]!)), 0);
  assert.ok(worst < 1e-4 * largest, `off by ${worst / largest} of the largest value`);
}
