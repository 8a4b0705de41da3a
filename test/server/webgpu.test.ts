/**
 * WebGPU through SwiftShader, the software GPU that comes with Chromium: the whole way from the trial in a
 * child process to a fill. Its fused attention is wrong beyond 16 keys, so this is also the test of the
 * switch to plain attention. Where no Chromium is present there is nothing to run it on.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { StdioTransport } from '../../src/client/stdioTransport';
import type { DeviceWish, FillParams } from '../../src/protocol/messages';
import { runCli, serverFile, useClients, useTinyModel } from './tinyModel';

const chromium = ['/usr/lib/chromium', '/usr/lib64/chromium-browser', '/opt/google/chrome'].find(
  (folder) => existsSync(path.join(folder, 'vk_swiftshader_icd.json')),
);

const parts: FillParams['parts'] = [
  { text: 'def area(width, height):\n    return ' },
  { gap: { length: 6 } },
  { text: '\n\nprint(area(3, 4))\n' },
];

if (chromium !== undefined && process.platform === 'linux') {
  describe('a model on WebGPU', () => {
    const at = useTinyModel();
    const client = useClients();

    before(async () => {
      // Unrounded, so that both devices compute the same tokens.
      const flags = ['--out', at('f32'), '--weights', 'f32'];
      const { code, err } = await runCli(['convert', at('model'), ...flags]);
      assert.equal(code, 0, err);
    });

    async function fillOn(device: DeviceWish) {
      const env = {
        LD_LIBRARY_PATH: chromium!,
        VK_DRIVER_FILES: path.join(chromium!, 'vk_swiftshader_icd.json'),
      };
      const log: string[] = [];
      const transport = new StdioTransport({ serverFile, env });
      const own = client({ transport, onLog: ({ text }) => log.push(text) });
      const info = await own.load({ modelDir: at('f32'), device });
      const { fills } = await own.fill({ parts });
      return { info, text: fills[0]!.text, log: log.join('\n') };
    }

    it('fills what the CPU fills, with the attention that is right there', async function () {
      this.timeout(480_000); // shaders are compiled by software
      const webgpu = await fillOn('webgpu');
      assert.equal(webgpu.info.device, 'webgpu');
      assert.match(webgpu.log, /webgpu: fused attention is off by 0\.\d+/);
      const cpu = await fillOn('cpu');
      assert.equal(cpu.info.device, 'cpu');
      assert.equal(webgpu.text, cpu.text);
    });
  });
}
