/**
 * Which processors get ONNX Runtime's exact but slower product of bytes. The speed is bench/'s affair.
 */
import assert from 'node:assert/strict';
import { hasExactInstructions } from '../../../src/model/cpuFeatures';

const cpuInfo = (flags: string) =>
  `processor\t: 0\nmodel name\t: Some\nflags\t\t: ${flags}\nbugs\t\t:\n`;

describe('what the processor can', () => {
  it('is exact with VNNI or AMX', () => {
    for (const flag of ['avx512_vnni', 'avx_vnni', 'amx_int8']) {
      assert.equal(hasExactInstructions(cpuInfo(`fpu avx2 ${flag} sse`)), true, flag);
    }
  });

  it('overflows with AVX2 or AVX-512 alone', () => {
    assert.equal(hasExactInstructions(cpuInfo('fpu avx2 avx512f avx512bw')), false);
  });

  it('takes no part of a name for the name, and no other line', () => {
    assert.equal(hasExactInstructions(cpuInfo('avx512_vnni_other')), false);
    assert.equal(hasExactInstructions('Features : asimd\nmodel name : avx_vnni\n'), false);
  });
});
