/**
 * Whether this machine's processor adds up products of bytes without overflow. Older ones (AVX2 and
 * AVX-512 without VNNI) add two products in 16 bits, which full 8-bit weights overflow. Knows no ONNX
 * Runtime.
 */
import { readFileSync } from 'node:fs';

const exactInstructions = new Set(['avx512_vnni', 'avx_vnni', 'amx_int8']);

/** Only Linux tells without a native module; `false` elsewhere is slower where it is wrong, never inexact. */
export function multipliesBytesExactly(): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  try {
    return hasExactInstructions(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false; // not told inside some containers
  }
}

/** @param cpuInfo the text of /proc/cpuinfo; all cores of a machine count as equal. */
export function hasExactInstructions(cpuInfo: string): boolean {
  const flags = /^flags\s*:(.*)$/m.exec(cpuInfo)?.[1] ?? '';
  return flags.split(/\s+/).some((flag) => exactInstructions.has(flag));
}
