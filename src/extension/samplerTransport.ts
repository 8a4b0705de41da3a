/**
 * Which way leads to the sampler: one process for all windows, a private one where the setting says so
 * or the first cannot be made. Asked anew for each connection, so that a changed setting holds.
 */
import * as vscode from 'vscode';
import { FallbackTransport } from '../client/fallbackTransport';
import { SharedTransport } from '../client/sharedTransport';
import { StdioTransport } from '../client/stdioTransport';
import type { Transport } from '../client/transport';
import { readServerSettings } from './settings';

/** Port of the Node inspector in the sampler process; set by the launch configuration only. */
const inspectPort = process.env['LACUNA_INSPECT_SAMPLER'];

/** Whoever debugs the process holds it at a breakpoint for as long as he likes. */
export const isInspected = inspectPort !== undefined;

export function samplerTransport(extension: vscode.ExtensionContext): Transport {
  const serverFile = extension.asAbsolutePath('dist/server.js');
  const { version } = extension.extension.packageJSON as { readonly version: string };
  const own = new StdioTransport({
    serverFile,
    ...(inspectPort && { execArgv: [`--inspect=${inspectPort}`] }),
  });
  const shared = new FallbackTransport(new SharedTransport({ serverFile, version }), own);
  return {
    connect: (options) => {
      const { isShared } = readServerSettings();
      return (isShared && !isInspected ? shared : own).connect(options);
    },
  };
}
