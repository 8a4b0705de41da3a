/**
 * Entry of dist/cli.js, the command `lacuna`: the table of its commands, and how they end. Exit code
 * 0 on success, 1 when it failed, 2 for wrong usage, 130 after Ctrl+C; an error is one line on
 * standard error, with --verbose also its stack.
 */
import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { isAbort, LacunaError, toLacunaError } from '../protocol/errors';
import type { Console } from './commands/console';
import { convertCommand } from './commands/convert';
import { evalCommand } from './commands/evalInfilling';
import { fillCommand } from './commands/fill';
import { forwardCommand } from './commands/forward';
import { infoCommand } from './commands/info';
import { modelCommand } from './commands/model';
import { scoreCommand } from './commands/score';
import { serveCommand } from './commands/serve';
import { door } from './trace/door';

const exitCodes = { success: 0, failed: 1, wrongUsage: 2, interrupted: 130 } as const;

const mostArgumentCharacters = 16_000;

async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  // Once: the second Ctrl+C ends a process that does not listen.
  process.once('SIGINT', () => interrupt.abort());
  const { env } = process;
  const [out, err] = [door(process.stdout), door(process.stderr)];
  // Whoever reads our output may stop reading: `lacuna fill … | head`.
  out.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? exitCodes.success : exitCodes.failed);
  });
  err.on('error', () => {});
  try {
    checkLength(argv);
    await program({ out, err, env, signal: interrupt.signal }).parseAsync(argv);
    return exitCodes.success;
  } catch (thrown) {
    return report(thrown, argv.includes('--verbose'));
  }
}

/**
 * ONNX Runtime 1.30 looks through the command line of its process with a recursive pattern when it opens a
 * session: about 28,000 characters overflow the usual stack and end the process without a word.
 */
function checkLength(argv: readonly string[]): void {
  const length = argv.reduce((sum, argument) => sum + argument.length, 0);
  if (length <= mostArgumentCharacters) return;
  throw new LacunaError('badUsage', {
    doing: 'Cannot run the command',
    found: `its arguments have ${length} characters, more than ${mostArgumentCharacters}`,
    advice: 'Give it shorter texts',
  });
}

function program(console: Console): Command {
  const root = new Command('lacuna')
    .description('Fills gaps in code with a diffusion model')
    .version(version);
  const commands = [
    ...[fillCommand, scoreCommand, forwardCommand],
    ...[convertCommand, infoCommand, evalCommand, modelCommand, serveCommand],
  ];
  for (const command of commands) root.addCommand(command(console));
  for (const command of withSubcommands(root)) {
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      .configureOutput({
        writeOut: (text) => void console.out.write(text),
        writeErr: (text) => void console.err.write(text),
        outputError: (text, write) => write(`${onOneLine(text)}\n`),
      });
  }
  return root;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function report(thrown: unknown, isVerbose: boolean): number {
  if (thrown instanceof CommanderError) {
    return thrown.exitCode === 0 ? exitCodes.success : exitCodes.wrongUsage; // it has said why
  }
  if (isAbort(thrown)) return exitCodes.interrupted;
  const error = toLacunaError(thrown, 'Something went wrong');
  const err = door(process.stderr);
  err.write(`error: ${onOneLine(error.message)}\n`);
  if (isVerbose) err.write(`${stackOf(error)}\n`);
  return error.code === 'badUsage' ? exitCodes.wrongUsage : exitCodes.failed;
}

function onOneLine(text: string): string {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

function stackOf(error: LacunaError): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
  return `${error.stack}${cause}`;
}

// Not process.exit(): what is still in the pipe has to leave first.
void main(process.argv).then((code) => (process.exitCode = code));
