/**
 * What is said about the sampler process itself, which may serve several windows: whether it answers,
 * how it is, how much it may take, and that it ends. Knows no model and no fill.
 */
import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { Device, ErrorData, WeightFormat } from './messages';

export interface PingResult {
  /** The longest that it could not answer so far, milliseconds: one forward, or a model being opened. */
  readonly longestSilenceMs: number;
}
/** Answered as soon as the process can, whatever else it has to do. */
export const pingRequest = new RequestType<void, PingResult, ErrorData>('lacuna/ping');

/** Told to every connection before something that may keep the process from answering, and after. */
export interface SilenceNotice {
  /** How long it may take, milliseconds; 0 when it is over. */
  readonly forMs: number;
}
export const silenceNotification = new NotificationType<SilenceNotice>('lacuna/silence');

/** How much the process may take. Those of the connection that said it last are valid. */
export interface ProcessLimits {
  /** Minutes without a request after which a model's weights leave the memory; 0: never. */
  readonly unloadAfterMinutes?: number;
  /** Megabytes of memory beyond which idle models go and new work is refused; 0: most of the machine's. */
  readonly memoryMegabytes?: number;
}
export const limitsRequest = new RequestType<ProcessLimits, void, ErrorData>('lacuna/limits');

export interface ModelState {
  readonly name: string;
  readonly dir: string;
  readonly device: Device;
  readonly weights: WeightFormat;
  /** Connections that have it loaded. */
  readonly users: number;
  /** False: its weights have left the memory and come back with the next request. */
  readonly inMemory: boolean;
  readonly idleMs: number;
}
export interface ProcessStatus {
  readonly pid: number;
  readonly version: string;
  readonly isShared: boolean;
  readonly uptimeMs: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  /** 0: never. */
  readonly unloadAfterMinutes: number;
  /** The names by which they greeted, oldest first. */
  readonly clients: readonly string[];
  /** Requests that run or wait. */
  readonly requests: number;
  readonly models: readonly ModelState[];
}
export const processStatusRequest = new RequestType<void, ProcessStatus, ErrorData>(
  'lacuna/processStatus',
);

export interface ShutdownParams {
  /** The others are not to start it again by themselves. */
  readonly stop?: boolean;
}
/** Ends the sampler process after its answer; the other connections hear why. */
export const shutdownRequest = new RequestType<ShutdownParams | undefined, void, ErrorData>(
  'lacuna/shutdown',
);

/** The process is about to end on purpose. */
export interface Goodbye {
  /** For people. */
  readonly reason: string;
  /** Stay away until somebody asks for it; else connect again. */
  readonly stop: boolean;
}
export const goodbyeNotification = new NotificationType<Goodbye>('lacuna/goodbye');
