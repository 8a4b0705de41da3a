/**
 * The values that a pickle of tensors is made of, and the few names that it may call: storages, the
 * rebuilding of a tensor, an ordered dictionary. Whatever else it names is refused here. Calls make
 * plain objects; nothing is run and no tensor is read. Knows no instructions (unpickle.ts).
 */

/** Where the values of a tensor stand: an entry of the archive, by its key. */
export interface Storage {
  readonly kind: 'storage';
  readonly dtype: string;
  readonly key: string;
  readonly elements: number;
}
export interface PickledTensor {
  readonly kind: 'tensor';
  readonly storage: Storage;
  /** Elements before the first. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}
interface Callable {
  readonly kind: 'callable';
  readonly name: string;
}
interface Tuple {
  readonly kind: 'tuple';
  readonly items: readonly Pickled[];
}
export type PickledDict = Map<Pickled, Pickled>;
export type Pickled =
  | null
  | boolean
  | number
  | string
  | Pickled[]
  | PickledDict
  | Tuple
  | Storage
  | PickledTensor
  | Callable;

/** What is wrong with a pickle, in words; the caller knows the file. */
export class PickleError extends Error {}

const dtypes: Readonly<Record<string, string>> = {
  'torch.DoubleStorage': 'F64',
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};
/** All that a pickle may name besides the storages above. */
const callables = new Set([
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_parameter',
  'collections.OrderedDict',
  'torch.Size',
]);

export function tuple(items: readonly Pickled[]): Tuple {
  return { kind: 'tuple', items };
}

/** What a pickle may name. @throws PickleError for all else. */
export function allowed(module: string, name: string): Callable {
  const full = `${module}.${name}`;
  if (callables.has(full) || Object.hasOwn(dtypes, full)) return { kind: 'callable', name: full };
  const shown = JSON.stringify(full).slice(0, 120);
  throw new PickleError(`it names ${shown}, which is neither a tensor nor a plain container`);
}

function itemsOf(value: Pickled, what: string): readonly Pickled[] {
  if (isKind(value, 'tuple')) return value.items;
  throw new PickleError(`${what} is no tuple`);
}

/** ('storage', type, key, device, elements) */
export function storageOf(id: Pickled): Storage {
  const [what, type, key, , count] = itemsOf(id, 'the place of a tensor');
  const dtype = isKind(type, 'callable') && Object.hasOwn(dtypes, type.name) && dtypes[type.name];
  if (what !== 'storage' || !dtype || typeof key !== 'string' || !isCount(count)) {
    throw new PickleError('the place of a tensor is of an unknown form');
  }
  return { kind: 'storage', dtype, key, elements: count };
}

export function call(callee: Pickled | undefined, args: Pickled): Pickled {
  if (!isKind(callee, 'callable')) throw new PickleError('it calls what is no function');
  const given = itemsOf(args, `what it gives to ${callee.name}`);
  switch (callee.name) {
    case 'collections.OrderedDict': {
      const pairs = given.length === 0 ? [] : given[0];
      if (!Array.isArray(pairs) || given.length > 1) {
        throw new PickleError('a dictionary is of an unknown form');
      }
      const dict: PickledDict = new Map();
      for (const pair of pairs) {
        const [key, value] = Array.isArray(pair) ? pair : itemsOf(pair, 'an entry');
        if (key === undefined || value === undefined)
          throw new PickleError('an entry is not whole');
        dict.set(key, value);
      }
      return dict;
    }
    case 'torch.Size':
      return tuple(itemsOf(given[0] ?? null, 'a size'));
    case 'torch._utils._rebuild_parameter':
      if (isKind(given[0], 'tensor')) return given[0];
      throw new PickleError('a parameter is no tensor');
    case 'torch._utils._rebuild_tensor_v2':
      return tensorOf(given);
    default:
      throw new PickleError(`it calls ${callee.name}`);
  }
}

function tensorOf([storage, offset, size, stride]: readonly Pickled[]): PickledTensor {
  const shape = itemsOf(size ?? null, 'the shape of a tensor');
  const strides = itemsOf(stride ?? null, 'the strides of a tensor');
  const isSound =
    isKind(storage, 'storage') &&
    isCount(offset) &&
    shape.length === strides.length &&
    shape.length <= 8 &&
    shape.every(isCount) &&
    strides.every(isCount);
  if (!isSound) throw new PickleError('a tensor is of an unknown form');
  return {
    kind: 'tensor',
    storage: storage as Storage,
    offset: offset as number,
    shape: shape as number[],
    strides: strides as number[],
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

type Kinds = Tuple | Storage | PickledTensor | Callable;

export function isKind<K extends Kinds['kind']>(
  value: Pickled | undefined,
  kind: K,
): value is Extract<Kinds, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}
