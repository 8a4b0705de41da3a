/**
 * Python's pickle format, the part of it that a file of tensors needs: numbers, strings, plain
 * containers, tensors and their storages. A pickle is a program; here every instruction is on a list,
 * as every name it may call is in pickled.ts, and whatever else stands in the file ends the reading.
 * Nothing of the file is ever run. Knows no zip archives.
 */

import { allowed, call, PickleError, storageOf, tuple } from './pickled';
import type { Pickled } from './pickled';

const mark = Symbol('mark');

/** @throws PickleError for anything that is not on the lists. */
export function unpickle(bytes: Uint8Array): Pickled {
  return new Unpickler(bytes).run();
}

class Unpickler {
  private readonly view: DataView;
  private at = 0;
  private readonly stack: (Pickled | typeof mark)[] = [];
  private readonly memo = new Map<number, Pickled>();

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): Pickled {
    for (;;) {
      const opcode = this.take(1)[0]!;
      if (opcode === 0x2e) return this.pop(); // STOP
      this.step(opcode);
    }
  }

  private step(opcode: number): void {
    const { stack } = this;
    switch (opcode) {
      case 0x80: {
        const protocol = this.take(1)[0]!; // PROTO
        if (protocol > 5) throw new PickleError(`it has protocol ${protocol}`);
        return;
      }
      case 0x95: // FRAME: how much follows; what is read is checked anyway
        this.take(8);
        return;
      case 0x28: // MARK
        stack.push(mark);
        return;
      case 0x4e: // NONE
        stack.push(null);
        return;
      case 0x88: // NEWTRUE
        stack.push(true);
        return;
      case 0x89: // NEWFALSE
        stack.push(false);
        return;
      case 0x4b: // BININT1
        stack.push(this.take(1)[0]!);
        return;
      case 0x4d: // BININT2
        stack.push(this.number(2, (at) => this.view.getUint16(at, true)));
        return;
      case 0x4a: // BININT
        stack.push(this.number(4, (at) => this.view.getInt32(at, true)));
        return;
      case 0x8a: // LONG1
        stack.push(this.long(this.take(1)[0]!));
        return;
      case 0x47: // BINFLOAT
        stack.push(this.number(8, (at) => this.view.getFloat64(at, false)));
        return;
      case 0x58: // BINUNICODE
        stack.push(this.text(this.length(4)));
        return;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(this.text(this.length(1)));
        return;
      case 0x5d: // EMPTY_LIST
        stack.push([]);
        return;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        return;
      case 0x29: // EMPTY_TUPLE
        stack.push(tuple([]));
        return;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        stack.push(tuple(Array.from({ length: opcode - 0x84 }, () => this.pop()).reverse()));
        return;
      case 0x74: // TUPLE
        stack.push(tuple(this.popToMark()));
        return;
      case 0x61: // APPEND
        this.append([this.pop()]);
        return;
      case 0x65: // APPENDS
        this.append(this.popToMark());
        return;
      case 0x73: {
        const [value, key] = [this.pop(), this.pop()]; // SETITEM
        this.setItems([key, value]);
        return;
      }
      case 0x75: // SETITEMS
        this.setItems(this.popToMark());
        return;
      case 0x71: // BINPUT
        this.memo.set(this.length(1), this.top());
        return;
      case 0x72: // LONG_BINPUT
        this.memo.set(this.length(4), this.top());
        return;
      case 0x94: // MEMOIZE
        this.memo.set(this.memo.size, this.top());
        return;
      case 0x68: // BINGET
        stack.push(this.recall(this.length(1)));
        return;
      case 0x6a: // LONG_BINGET
        stack.push(this.recall(this.length(4)));
        return;
      case 0x63: // GLOBAL
        stack.push(allowed(this.line(), this.line()));
        return;
      case 0x93: {
        const [name, module] = [this.pop(), this.pop()]; // STACK_GLOBAL
        stack.push(allowed(String(module), String(name)));
        return;
      }
      case 0x51: // BINPERSID
        stack.push(storageOf(this.pop()));
        return;
      case 0x52: {
        const [args, callee] = [this.pop(), this.pop()]; // REDUCE
        stack.push(call(callee, args));
        return;
      }
      case 0x62: // BUILD: PyTorch puts `_metadata` (versions of modules) on its dictionary
        this.pop();
        if (!(this.top() instanceof Map)) throw new PickleError('it builds an object');
        return;
      default: {
        const code = `0x${opcode.toString(16).padStart(2, '0')}`;
        throw new PickleError(
          `it holds the instruction ${code}, which a file of tensors needs not`,
        );
      }
    }
  }

  private take(count: number): Uint8Array {
    if (this.at + count > this.bytes.length) throw new PickleError('it ends in the middle');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  private number(size: number, read: (at: number) => number): number {
    this.take(size);
    return read(this.at - size);
  }

  private length(size: 1 | 4): number {
    return this.number(size, (at) =>
      size === 1 ? this.bytes[at]! : this.view.getUint32(at, true),
    );
  }

  /** Little-endian two's complement. */
  private long(size: number): number {
    let value = 0n;
    for (const [index, byte] of this.take(size).entries())
      value |= BigInt(byte) << BigInt(8 * index);
    const signed = Number(BigInt.asIntN(8 * size, value));
    if (!Number.isSafeInteger(signed)) throw new PickleError(`it holds a number of ${size} bytes`);
    return signed;
  }

  private text(size: number): string {
    return new TextDecoder().decode(this.take(size));
  }

  private line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0 || end - this.at > 1000) throw new PickleError('it names something without an end');
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  private top(): Pickled {
    const value = this.stack.at(-1);
    if (value === undefined || value === mark) throw new PickleError('its stack is empty');
    return value;
  }

  private pop(): Pickled {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popToMark(): Pickled[] {
    const from = this.stack.lastIndexOf(mark);
    if (from < 0) throw new PickleError('its stack has no mark');
    const values = this.stack.splice(from).slice(1);
    return values as Pickled[]; // the only marks before the last one stay on the stack
  }

  private recall(key: number): Pickled {
    const value = this.memo.get(key);
    if (value === undefined) throw new PickleError(`it recalls entry ${key}, which it never kept`);
    return value;
  }

  private append(values: readonly Pickled[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new PickleError('it appends to what is no list');
    for (const value of values) list.push(value);
  }

  private setItems(values: readonly Pickled[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) throw new PickleError('it sets items of what is no dictionary');
    if (values.length % 2 !== 0) throw new PickleError('it sets a key without a value');
    for (let i = 0; i < values.length; i += 2) dict.set(values[i]!, values[i + 1]!);
  }
}
