/**
 * The page of "Sampler Status" as Markdown: which process it is, whom it serves, what it holds. Pure;
 * holds no code and no folder of a workspace.
 */
import type { ProcessStatus } from '../../protocol/processMessages';
import { t } from '../l10n';

export function samplerStatusText(status: ProcessStatus): string {
  const { pid, version, isShared, uptimeMs, clients, requests, models, unloadAfterMinutes } =
    status;
  const held = megabytes(status.memoryBytes);
  const limit = megabytes(status.memoryLimitBytes);
  const facts = [
    [t('Process'), `${pid}, Lacuna ${version}`],
    [t('Kind'), isShared ? t('shared by all windows') : t('of this window alone')],
    [t('Runs for'), duration(uptimeMs)],
    [t('Connections'), clients.map(plain).join(', ')],
    [t('Requests'), String(requests)],
    [t('Memory'), t('{0} of at most {1}', held, limit)],
    [
      t('Idle models'),
      unloadAfterMinutes > 0
        ? t('leave the memory after {0} minutes', unloadAfterMinutes)
        : t('stay in memory'),
    ],
  ];
  const table = facts.map(([name, value]) => `| ${name} | ${value} |`).join('\n');
  return `# ${t('Lacuna Sampler')}\n\n| | |\n| --- | --- |\n${table}\n\n${modelTable(models)}\n`;
}

function modelTable(models: ProcessStatus['models']): string {
  if (models.length === 0) return t('No model is loaded.');
  const head = [t('Model'), t('Device'), t('Weights'), t('Windows'), t('State')];
  const rows = models.map(({ name, device, weights, users, inMemory, idleMs }) => [
    plain(name),
    device,
    weights,
    String(users),
    inMemory ? t('in memory, idle for {0}', duration(idleMs)) : t('out of memory until asked'),
  ]);
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Names come from outside and must not become markup. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~\n-]/g, (sign) => (sign === '\n' ? ' ' : `\\${sign}`));
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return t('{0} s', seconds);
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? t('{0} min', minutes) : t('{0} h', Math.round(minutes / 60));
}
