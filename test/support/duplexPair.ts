/** Two ends of a connection inside one process: what is written to one can be read from the other. */
import { Duplex } from 'node:stream';

export function duplexPair(): [Duplex, Duplex] {
  const ends: Duplex[] = [];
  const make = (other: number) =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        ends[other]!.push(chunk);
        done();
      },
      final(done) {
        ends[other]!.push(null);
        done();
      },
      destroy(error, done) {
        if (!ends[other]!.readableEnded) ends[other]!.push(null);
        done(error);
      },
    });
  ends.push(make(1), make(0));
  return [ends[0]!, ends[1]!];
}
