/**
 * The engine as a server lends it: the model is the server's own choice, so a client that asks for one
 * is told which it is, and none can name a folder of this machine.
 */
import { LacunaError } from '../../protocol/errors';
import { servedModel, type LoadParams, type ModelInfo } from '../../protocol/messages';
import { Engine, type LoadOptions } from '../engine';

export class ServedEngine extends Engine {
  /** Loads the model that is served from now on. */
  open(params: LoadParams, options: LoadOptions = {}): Promise<ModelInfo> {
    return super.load(params, options);
  }

  override async load(params: LoadParams): Promise<ModelInfo> {
    const served = this.served();
    if (params?.modelDir === servedModel) return served;
    throw new LacunaError('badUsage', {
      doing: 'Cannot load a model on the server',
      found: `it serves "${served.name}", which whoever runs it has chosen`,
      advice: 'Use that one, or unset the server to run models on this machine',
    });
  }

  /** What clients may know of the model. @throws LacunaError `noModel` while it loads. */
  served(): ModelInfo {
    const info = this.info();
    if (info !== undefined) return { ...info, dir: '' }; // a path of this machine
    throw new LacunaError('noModel', {
      doing: 'Cannot use the model',
      found: 'it is still being loaded',
      advice: 'Try again in a moment',
    });
  }
}
