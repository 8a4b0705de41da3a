/** Names that a language brings: its keywords, and what is there without being imported. */
import type { BlockStyle } from './scan';

const keywords: Readonly<Record<BlockStyle, ReadonlySet<string>>> = {
  indented: new Set(
    (
      'False None True and as assert async await break class continue def del elif else except finally for from ' +
      'global if import in is lambda nonlocal not or pass raise return try while with yield match case'
    ).split(' '),
  ),
  braced: new Set(
    (
      'abstract accessor any as asserts async await boolean break case catch class const constructor continue debugger declare ' +
      'default delete do else enum export extends false finally for from function get if implements import in ' +
      'infer instanceof interface is keyof let namespace never new null number object of override private protected public ' +
      'readonly return satisfies set static string super switch symbol this throw true try type typeof undefined ' +
      'unique unknown var void while with yield'
    ).split(' '),
  ),
};

const globals: Readonly<Record<BlockStyle, ReadonlySet<string>>> = {
  indented: new Set(
    (
      'abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex ' +
      'delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr hash ' +
      'help hex id input int isinstance issubclass iter len list locals map max memoryview min next object oct open ' +
      'ord pow print property quit range repr reversed round set setattr slice sorted staticmethod str sum super ' +
      'tuple type vars zip _ __import__ __name__ __file__ __doc__ __debug__ __class__ __package__ __spec__ NotImplemented Ellipsis ' +
      'ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError BufferError ' +
      'BytesWarning ChildProcessError ConnectionError ConnectionResetError DeprecationWarning EOFError EnvironmentError ' +
      'Exception ExceptionGroup FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ' +
      'ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError ' +
      'KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError NotADirectoryError NotImplementedError ' +
      'OSError OverflowError PermissionError ProcessLookupError RecursionError ReferenceError ResourceWarning ' +
      'RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SystemError SystemExit TabError ' +
      'TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UserWarning ' +
      'ValueError Warning ZeroDivisionError'
    ).split(' '),
  ),
  braced: new Set(
    (
      'AbortController AbortSignal AggregateError Array ArrayBuffer BigInt Blob Boolean Buffer DataView Date Error ' +
      'EvalError Event EventTarget File Float32Array Float64Array FormData Function Headers Infinity Int16Array ' +
      'Int32Array Int8Array Intl Iterator JSON Map Math NaN Node Number Object Promise Proxy RangeError ReadableStream ' +
      'ReferenceError Reflect RegExp Request Response Set String Symbol SyntaxError TextDecoder TextEncoder TypeError ' +
      'URL URLSearchParams Uint16Array Uint32Array Uint8Array WeakMap WeakRef WeakSet Window Element HTMLElement ' +
      'Partial Pick Omit Record Readonly Required Exclude Extract NonNullable ReturnType Parameters Awaited ' +
      'ReadonlyMap ReadonlySet ReadonlyArray ArrayLike ArrayBufferView PromiseLike Iterable AsyncIterable NodeJS ' +
      'EventSource CustomEvent MessageEvent KeyboardEvent MouseEvent HTMLInputElement HTMLButtonElement ' +
      'BigInt64Array BigUint64Array SharedArrayBuffer Atomics DOMException BufferEncoding setImmediate clearImmediate ' +
      'arguments atob btoa clearInterval clearTimeout console crypto decodeURIComponent document encodeURIComponent ' +
      'exports fetch global globalThis history isFinite isNaN localStorage location module navigator parseFloat parseInt ' +
      'performance process queueMicrotask require self sessionStorage setInterval setTimeout structuredClone window ' +
      '__dirname __filename React describe it test expect beforeEach afterEach jest vi'
    ).split(' '),
  ),
};

export const keywordsOf = (style: BlockStyle): ReadonlySet<string> => keywords[style];
export const globalsOf = (style: BlockStyle): ReadonlySet<string> => globals[style];
