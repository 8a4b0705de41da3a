/**
 * A setting as the manifest describes it. A settings file may hold anything, and any workspace brings one: what is
 * of another type or out of range counts as not set there, so that the next place is asked, and is said once.
 */
import * as vscode from 'vscode';
import { fits, type SettingSchema } from './settingSchema';

const section = 'lacuna';
const extensionId = 'lacuna.lacuna';
/** What was said already. */
const said = new Set<string>();
let schemas: Readonly<Record<string, SettingSchema>> | undefined;

/** From the most particular place to the most general one, as VS Code merges them. */
const places = [
  ...(['workspaceFolderLanguageValue', 'workspaceFolderValue'] as const),
  ...(['workspaceLanguageValue', 'workspaceValue'] as const),
  ...(['globalLanguageValue', 'globalValue'] as const),
  ...(['defaultLanguageValue', 'defaultValue'] as const),
];

/** @param name without the section. @param fallback where nothing that fits is set anywhere. */
export function checked<T>(settings: vscode.WorkspaceConfiguration, name: string, fallback: T): T {
  const value = settings.get<unknown>(name);
  const schema = schemaOf(name);
  if (value === undefined) return fallback;
  if (!schema || fits(value, schema)) return value as T;
  sayOnce(name, value);
  const found = settings.inspect<unknown>(name);
  const set = places.map((place) => found?.[place]);
  return (
    (set.find((each) => each !== undefined && fits(each, schema)) as T | undefined) ?? fallback
  );
}

/**
 * The same for a list of strings whose entries each stand for themselves: a single string is a list of one, and
 * what is no string is left out. For lists that keep something unread, which must not be lost by a slip.
 */
export function checkedStrings(
  settings: vscode.WorkspaceConfiguration,
  name: string,
): readonly string[] {
  const value = settings.get<unknown>(name);
  if (value === undefined) return [];
  const entries = [value].flat();
  const strings = entries.filter((entry) => typeof entry === 'string');
  if (!Array.isArray(value) || strings.length < entries.length) sayOnce(name, value);
  return strings;
}

function schemaOf(name: string): SettingSchema | undefined {
  schemas ??= Object.assign(
    {},
    ...[
      (vscode.extensions.getExtension(extensionId)?.packageJSON as Manifest | undefined)
        ?.contributes.configuration ?? [],
    ]
      .flat()
      .map(({ properties }) => properties),
  ) as Readonly<Record<string, SettingSchema>>;
  const full = `${section}.${name}`;
  return Object.hasOwn(schemas, full) ? schemas[full] : undefined;
}

interface Manifest {
  readonly contributes: {
    readonly configuration: Configuration | readonly Configuration[];
  };
}
interface Configuration {
  readonly properties: Readonly<Record<string, SettingSchema>>;
}

function sayOnce(name: string, value: unknown): void {
  const shown = JSON.stringify(value)?.slice(0, 60) ?? String(value);
  const key = `${name}=${shown}`;
  if (said.has(key)) return;
  said.add(key);
  const open = vscode.l10n.t('Open Settings');
  const text = vscode.l10n.t(
    'Lacuna: the setting "{0}" cannot be {1}, so it counts as not set.',
    `${section}.${name}`,
    shown,
  );
  void vscode.window.showWarningMessage(text, open).then((choice) => {
    if (choice !== open) return;
    void vscode.commands.executeCommand('workbench.action.openSettings', `${section}.${name}`);
  });
}
