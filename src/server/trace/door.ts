/**
 * The door of a terminal: whatever a command writes, control characters that are not ours become pictures, so that
 * no name, model or server moves the cursor, sets a title or fills the clipboard. What goes to a pipe or a file stays
 * byte for byte. Who draws frames asks for the stream itself and cleans what it draws.
 */
import { printable } from './terminal';

const behind = new WeakMap<NodeJS.WriteStream, NodeJS.WriteStream>();

/** Colours, as painterFor makes them. */
const colour = /(\x1b\[[\d;]{0,20}m)/;

/** The same stream where it is no terminal. */
export function door(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  if (stream.isTTY !== true) return stream;
  const write = (chunk: string | Uint8Array, ...rest: []) =>
    stream.write(
      cleaned(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)),
      ...rest,
    );
  const guarded = new Proxy(stream, {
    get(target, key) {
      if (key === 'write') return write;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  behind.set(guarded, stream);
  return guarded;
}

/** For who moves the cursor: frames and progress bars. */
export function streamBehind(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return behind.get(stream) ?? stream;
}

export function cleaned(text: string): string {
  const pieces = text.split(colour);
  return pieces.map((piece, i) => (i % 2 === 1 ? piece : printable(lines(piece), '\n\t'))).join('');
}

/** A lone carriage return goes back over the line; before a line feed it does nothing. */
function lines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
