/** Lacuna in VS Code's own chat, as far as this VS Code has one: tool, model, participant. */
import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ChatModelProvider } from '../../src/extension/chat/chatModel';
import type { InfillAnswer } from '../../src/extension/chat/infillTool';
import { answerChat } from '../../src/extension/chat/participant';
import type { FillSource } from '../../src/extension/edits/fillSource';
import type { LacunaApi } from '../../src/extension/extension';
import { writeTunedModel } from '../support/tunedModel';
import { FakeSampler } from './fakeSampler';
import { FakeChat, PanelDriver } from './panelDriver';
import { activateLacuna, closeAll, until, withSetting } from './workbench';

type Tested = LacunaApi & { fillSource: FillSource; chat: { model: ChatModelProvider } };

describe('the chat', () => {
  let lacuna: Tested;
  const { token } = new vscode.CancellationTokenSource();

  before(async () => {
    lacuna = (await activateLacuna()) as Tested;
  });
  afterEach(closeAll);

  const ask = async (input: object, from = token) => {
    const options = { input, toolInvocationToken: undefined };
    const { content } = await vscode.lm.invokeTool('lacuna_infill', options, from);
    const [part] = content;
    assert(part instanceof vscode.LanguageModelTextPart);
    return JSON.parse(part.value) as InfillAnswer;
  };

  describe('the tool', () => {
    it('is there, with a schema of its input', () => {
      const tool = vscode.lm.tools.find(({ name }) => name === 'lacuna_infill');
      assert.deepEqual((tool!.inputSchema as { required: string[] }).required, ['text']);
    });

    it('fills several gaps together with the loaded model', async () => {
      const text = 'function area(w, h) {\r\n  return <fill>;\r\n}\r\nconst a = <fill>;\r\n';
      const answer = await ask({ text, languageId: 'javascript' });
      assert.equal(answer.fills.length, 2);
      let rest = answer.text;
      for (const piece of text.split('<fill>')) {
        assert(rest.includes(piece), 'what was given comes back verbatim');
        rest = rest.slice(rest.indexOf(piece) + piece.length);
      }
      assert.doesNotMatch(answer.text, /(?<!\r)\n/);
      assert.match(answer.note, /Check every one/);
      assert(answer.fills.every(({ confidence }) => confidence > 0 && confidence <= 1));
    });

    it('says what is wrong with its input', async () => {
      await assert.rejects(ask({ text: 'a = 1' }), /holds no <fill>/);
      await assert.rejects(ask({ text: '<fill> '.repeat(20) }), /20 gaps/);
    });

    it('hands over what the sampler process refuses', async () => {
      const sampler = new FakeSampler(lacuna);
      try {
        sampler.failure = new Error('it does not fit');
        await assert.rejects(ask({ text: 'a = <fill>' }), /it does not fit/);
      } finally {
        sampler.remove();
      }
    });

    it('is cancelled at the sampler', async () => {
      const sampler = new FakeSampler(lacuna);
      const source = new vscode.CancellationTokenSource();
      try {
        sampler.hold();
        const answer = ask({ text: 'a = <fill>' }, source.token);
        const rejected = assert.rejects(answer);
        await sampler.asked(1);
        source.cancel();
        await until('the sampler hears of it', () => sampler.requests[0]!.signal.aborted);
        sampler.release();
        await rejected;
      } finally {
        sampler.remove();
      }
    });
  });

  describe('the model', () => {
    let driver: PanelDriver;
    beforeEach(() => {
      driver = new PanelDriver(lacuna);
    });
    afterEach(async () => {
      lacuna.chat.model.useModel(undefined);
      await driver.dispose();
    });

    const { User, Assistant } = vscode.LanguageModelChatMessage;
    const offered = async () => {
      let models: vscode.LanguageModelChat[] = [];
      await until('it is offered', async () => {
        models = await vscode.lm.selectChatModels({ vendor: 'lacuna' });
        return models.length === 1;
      });
      return models[0]!;
    };
    const piecesOf = async ({ text }: vscode.LanguageModelChatResponse) => {
      const pieces: string[] = [];
      for await (const piece of text) pieces.push(piece);
      return pieces;
    };

    it('is not offered while it only fills gaps', async () => {
      assert.deepEqual(await vscode.lm.selectChatModels({ vendor: 'lacuna' }), []);
    });

    describe('tuned to converse', () => {
      let fake: FakeChat;
      let model: vscode.LanguageModelChat;
      beforeEach(async () => {
        fake = new FakeChat(driver, lacuna.status.model!);
        const { label: _, ...loaded } = lacuna.status.model!;
        lacuna.chat.model.useModel({ ...loaded, name: 'instructed', chat: 'template' });
        model = await offered();
      });

      it('is offered, and reads all that was said, in turns', async () => {
        assert.match(model.name, /instructed/);
        const said = [User('Be brief.'), User('What is a?'), Assistant('One.'), User('And b?')];
        const answer = await model.sendRequest(said, {}, token);
        assert.deepEqual(await piecesOf(answer), ['answer 0']);
        const { messages, maxTokens } = fake.requests[0]!;
        assert.deepEqual(messages, [
          { role: 'user', content: 'Be brief.\n\nWhat is a?' },
          { role: 'assistant', content: 'One.' },
          { role: 'user', content: 'And b?' },
        ]);
        assert(maxTokens! > 0 && maxTokens! <= 256);
      });

      it('counts tokens as the model does', async () => {
        assert.equal(await model.countTokens('four words are here'), 4);
        assert.equal(await model.countTokens(User('two words')), 2);
      });

      it('hands on what is finished while the rest is being denoised', async () => {
        const finished = Array.from({ length: 32 }, (_, at) => ({ text: ` ${at}` }));
        const text = finished
          .map((one) => one.text)
          .join('')
          .trim();
        fake.steps = [
          { step: 1, forwards: 1, maskedTokens: 32, tokens: [...finished.slice(0, 31), {}] },
          { step: 2, forwards: 2, maskedTokens: 2, tokens: [...finished, {}, {}] },
        ];
        fake.answer = () => `${text} and the end`;
        const answer = await model.sendRequest([User('count')], {}, token);
        assert.deepEqual(await piecesOf(answer), [text, ' and the end']);
      });

      it('is cancelled at the sampler', async () => {
        let release = () => {};
        fake.held = new Promise((resolve) => (release = resolve));
        const source = new vscode.CancellationTokenSource();
        const asked = model.sendRequest([User('x')], {}, source.token);
        await until('it is asked', () => fake.requests.length === 1);
        source.cancel();
        await until('the sampler hears of it', () => fake.signal!.aborted);
        release();
        await asked.then(piecesOf, () => []);
      });

      it('says why there is no answer', async () => {
        fake.answer = () => {
          throw new Error('it does not fit');
        };
        const failed = async () => piecesOf(await model.sendRequest([User('x')], {}, token));
        await assert.rejects(failed, /it does not fit/);
      });
    });

    it('answers over the real sampler process, several turns', async () => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-tuned-'));
      const dir = path.join(folder, 'tuned');
      await writeTunedModel(dir);
      const name = () => lacuna.status.model?.name;
      try {
        await withSetting('model.path', dir, async () => {
          await until('it is loaded', () => name() === 'tuned');
          const model = await offered();
          assert((await model.countTokens('say x')) > 0);
          const said = [User('say x'), Assistant('x'), User('again')];
          const pieces = await piecesOf(await model.sendRequest(said, {}, token));
          assert.notEqual(pieces.join(''), '');
        });
      } finally {
        await until('the embedded model is back', () => name() === 'lacuna-default');
        await rm(folder, { recursive: true });
      }
    });
  });

  describe('the participant', () => {
    async function chat(prompt: string, values: unknown[] = []): Promise<string> {
      const said: string[] = [];
      const stream = {
        markdown: (text: string | vscode.MarkdownString) => void said.push(String(text)),
        progress: () => {},
      };
      const references = values.map((value, index) => ({ id: String(index), value }));
      await answerChat(lacuna.fillSource, { prompt, references }, stream, token);
      return said.join('');
    }

    it('fills the gaps of a code block', async () => {
      const answer = await chat('Sum up\n```js\nconst a = <fill>;\n```');
      assert.match(answer, /^```javascript\nconst a = [^]*;\n```\n/);
      assert.match(answer, /lacuna-default, \d+ ms, confidence of the gaps: \d+ %/);
    });

    it('says what it can do where nothing is marked', async () => {
      assert.match(await chat('hello'), /does not hold conversations[^]*return <fill>;/);
    });

    it('reads what is attached, but no secret file', async () => {
      // Outside of the workspace: the suite's own copy of the gate has read no ignore file.
      const folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-chat-'));
      const write = async (name: string) => {
        const file = path.join(folder, name);
        await writeFile(file, 'KEY = <fill>\n');
        return vscode.Uri.file(file);
      };
      assert.match(await chat('go on', [await write('keys.py')]), /^```python\nKEY = /);
      const answer = await chat('go on', [await write('prod.env')]);
      assert.match(answer, /^prod\.env is not read: the file is on the list/);
      assert.doesNotMatch(answer, /KEY/);
      await rm(folder, { recursive: true });
    });

    it('says what went wrong', async () => {
      assert.match(await chat('<fill> '.repeat(30)), /30 gaps/);
    });
  });
});
