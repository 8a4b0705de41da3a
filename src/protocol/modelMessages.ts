/**
 * What the two processes say to each other about getting a model: which there are, what one would
 * cost, add, check and remove it. Only `inspect` and `add` touch the network, and only when asked.
 * Knows nothing of hubs, files and the network.
 */
import { ProgressType, RequestType } from 'vscode-jsonrpc';
import type { DeviceWish, ErrorData, WeightFormat } from './messages';

/** How the network is reached; what is absent is taken from the environment of the process. */
export interface NetworkWish {
  /** Base address of a hub or of a mirror of it; absent: HF_ENDPOINT, else Hugging Face's. */
  readonly endpoint?: string;
  /** Address of a proxy for all requests; absent: HTTPS_PROXY, HTTP_PROXY. */
  readonly proxy?: string;
  /** Hosts that are reached without the proxy; absent: NO_PROXY. */
  readonly noProxy?: readonly string[];
  /** False accepts any certificate, as VS Code's `http.proxyStrictSSL` does. */
  readonly strictTls?: boolean;
  /** Access token for gated models, sent to the endpoint alone; absent: HF_TOKEN. */
  readonly token?: string;
}

/** What a choice of model is judged by. */
export interface FitWish {
  /** Canvas, tokens; absent: the model's own, 2048 at most. */
  readonly window?: number;
  /** Absent: q8. */
  readonly weights?: WeightFormat;
}

export interface Fit {
  readonly verdict: 'fits' | 'smaller-window' | 'does-not-fit';
  /** Canvas that it was found for, tokens; where nothing fits, the smallest one tried. */
  readonly window: number;
  /** Weights, activations and caches at that window, and the process around them. */
  readonly needBytes: number;
  readonly availableBytes: number;
  /** The same weights and caches against the free memory of the GPU, where there is one. */
  readonly fitsGpu?: boolean;
  /** One full forward at that window on this machine; absent before a bench. */
  readonly forwardMs?: number;
}

export interface GpuFacts {
  readonly name: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
}
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly totalBytes: number;
  readonly availableBytes: number;
  readonly gpu?: GpuFacts;
}
/** What a bench found: multiply-adds that 8-bit matrix products of a big model do in a second. */
export interface MachineSpeed {
  readonly macsPerSecond: number;
  readonly device: string;
  readonly cpu: string;
  /** ISO 8601. */
  readonly measuredAt: string;
}

export interface InstalledModel {
  /** `organisation/name` as on the hub, or a folder's name. */
  readonly name: string;
  readonly dir: string;
  /** Of all its files. */
  readonly bytes: number;
  readonly parameters?: number;
  readonly architecture?: string;
  readonly maxTokens?: number;
  readonly weights?: WeightFormat;
  readonly licence?: string;
  /** Where it came from: an address or a folder. */
  readonly origin?: string;
  readonly fit?: Fit;
  /** Why it cannot be loaded, if so. */
  readonly problem?: string;
}
/** A download that was stopped; adding the same model goes on with it. */
export interface UnfinishedModel {
  readonly name: string;
  readonly bytes: number;
}
export interface CatalogueModel {
  readonly id: string;
  readonly family: string;
  readonly parameters: number;
  /** Longest canvas it was trained for, tokens. */
  readonly context: number;
  readonly licence: string;
  readonly tuning: 'base' | 'instruct';
  readonly downloadBytes: number;
  /** What is known of its quality, with the source. */
  readonly quality: string;
  /** Why this release cannot run it, if so. */
  readonly refusal?: string;
  readonly fit: Fit;
}
export interface ListModelsParams extends FitWish {
  /** Where models are kept. */
  readonly modelsDir: string;
}
export interface ModelList {
  readonly machine: MachineFacts;
  readonly speed?: MachineSpeed;
  readonly installed: readonly InstalledModel[];
  readonly unfinished: readonly UnfinishedModel[];
  readonly catalogue: readonly CatalogueModel[];
}
/** Reads the models folder and the machine; no network. */
export const listModelsRequest = new RequestType<ListModelsParams, ModelList, ErrorData>(
  'lacuna/models/list',
);

export interface ModelSource extends FitWish {
  readonly modelsDir: string;
  /** `organisation/name`, an address that ends so, or a folder. */
  readonly source: string;
  /** Branch, tag or commit; absent: the newest. */
  readonly revision?: string;
  readonly network?: NetworkWish;
  /** Instead of what the checkpoint's files tell. */
  readonly maskId?: number;
  readonly shift?: boolean;
}
/** What adding a model would mean; nothing but its small text files was read. */
export interface ModelOffer {
  readonly name: string;
  readonly origin: string;
  /** Commit that everything is taken from; absent for folders. */
  readonly revision?: string;
  /** As its card names it; `not stated` where it does not. */
  readonly licence: string;
  /** Where the licence, or else the model's card, can be read. */
  readonly licenceUrl?: string;
  /** False for folders: what is on the disk already is the user's own affair. */
  readonly mustAccept: boolean;
  readonly parameters: number;
  /** Still to be fetched. */
  readonly downloadBytes: number;
  /** Bytes that an earlier, unfinished download has. */
  readonly presentBytes: number;
  readonly freeDiskBytes: number;
  /** At most this much of the disk is used while it is added. */
  readonly neededDiskBytes: number;
  readonly fit: Fit;
  /** Set where it is there already. */
  readonly installedDir?: string;
}
/** Looks a model up and refuses one that cannot work, before any weight is fetched. */
export const inspectModelRequest = new RequestType<ModelSource, ModelOffer, ErrorData>(
  'lacuna/models/inspect',
);

export interface AddModelParams extends ModelSource {
  /** The licence that a person accepted, as `inspect` named it. Absent for folders. */
  readonly acceptedLicence?: string;
  readonly progressToken?: string;
}
export interface AddProgress {
  readonly stage: 'listing' | 'downloading' | 'converting' | 'checking';
  /** 0..1 of the stage. */
  readonly fraction: number;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
  /** What is being waited for: `the server is busy, next try in 4 s`. */
  readonly note?: string;
}
/**
 * Fetches, converts, checks and shelves a model. Cancelled or killed, it leaves nothing that could be
 * taken for a model, and the next one goes on where it stopped.
 */
export const addModelRequest = new RequestType<AddModelParams, InstalledModel, ErrorData>(
  'lacuna/models/add',
);
export const addModelProgress = new ProgressType<AddProgress>();

export interface NamedModel {
  readonly modelsDir: string;
  readonly name: string;
}
/** Deletes a model, or an unfinished download, from the models folder. */
export const removeModelRequest = new RequestType<NamedModel, { freedBytes: number }, ErrorData>(
  'lacuna/models/remove',
);

export interface VerifiedFile {
  readonly name: string;
  readonly state: 'same' | 'changed' | 'missing';
}
/** Compares each file of a model with the sha256 that it had when it was added. */
export const verifyModelRequest = new RequestType<NamedModel, VerifiedFile[], ErrorData>(
  'lacuna/models/verify',
);

export interface BenchParams {
  readonly modelsDir: string;
  readonly device: DeviceWish;
  /** At most this long, seconds; 10 by default. */
  readonly seconds?: number;
}
/** Measures matrix products with random weights; the result is kept in the models folder. */
export const benchRequest = new RequestType<BenchParams, MachineSpeed, ErrorData>(
  'lacuna/models/bench',
);
