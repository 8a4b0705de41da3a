/**
 * Whether a value is what the manifest says a setting takes. Knows the few words of JSON Schema that the manifest
 * uses, and no editor.
 */
export interface SettingSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: SettingSchema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SettingSchema>>;
}

export function fits(value: unknown, schema: SettingSchema): boolean {
  const { type, minimum = -Infinity, maximum = Infinity, items, required = [] } = schema;
  const types = type === undefined ? undefined : [type].flat();
  if (types && !types.some((name) => isOf(value, name as string))) return false;
  if (schema.enum && !schema.enum.includes(value)) return false;
  if (typeof value === 'number') return value >= minimum && value <= maximum;
  if (Array.isArray(value)) return items === undefined || value.every((each) => fits(each, items));
  if (typeof value !== 'object' || value === null) return true;
  const fields = value as Readonly<Record<string, unknown>>;
  const known = Object.entries(schema.properties ?? {});
  return (
    required.every((name) => Object.hasOwn(fields, name)) &&
    known.every(([name, each]) => !Object.hasOwn(fields, name) || fits(fields[name], each))
  );
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
