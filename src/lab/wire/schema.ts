/** The shapes of every EC2 action, as the SDK's own schemas describe them, made quick to walk. */
import type {NormalizedSchema} from '@smithy/core/schema';

/** One member of a structure: its name in code, in a request and in an answer. */
export interface Field {
  readonly name: string;
  readonly queryName: string;
  readonly xmlName: string;
  readonly isRequired: boolean;
  readonly shape: Shape;
}

export interface Structure {
  readonly kind: 'structure';
  readonly byName: ReadonlyMap<string, Field>;
  readonly byQueryName: ReadonlyMap<string, Field>;
  readonly required: readonly Field[];
}

export interface List {
  readonly kind: 'list';
  readonly xmlName: string;
  readonly item: Shape;
}

export type Scalar = 'string' | 'number' | 'boolean' | 'timestamp' | 'blob';

export type Shape = Structure | List | {readonly kind: Scalar};

export interface Operation {
  readonly action: string;
  readonly input: Structure;
  readonly output: Structure;
}

/** Finds an action's shapes by name; undefined when EC2 has no such action. */
export type FindOperation = (action: string) => Operation | undefined;

/** Loads the SDK (about 250 ms the first time in a process). */
export async function loadOperations(): Promise<FindOperation> {
  const [sdk, {NormalizedSchema: schemas}] = await Promise.all([importSdk(), import('@smithy/core/schema')]);
  const shapes = new Map<unknown, Shape>();
  const operations = new Map<string, Operation>();
  return (action) => {
    const known = operations.get(action);
    if (known) return known;
    const raw = sdk[`${action}$`];
    if (!Array.isArray(raw) || raw[0] !== OPERATION) return undefined;
    const toStructure = (reference: () => never): Structure => {
      const schema = schemas.of(reference);
      return schema.isStructSchema() ? structureOf(schema, shapes) : EMPTY;
    };
    const operation = {action, input: toStructure(raw[4]), output: toStructure(raw[5])};
    operations.set(action, operation);
    return operation;
  };
}

const OPERATION = 9;

const EMPTY: Structure = {kind: 'structure', byName: new Map(), byQueryName: new Map(), required: []};

/** The SDK warns on old Node versions when it is loaded; that is no business of the lab's user. */
async function importSdk(): Promise<Record<string, unknown>> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return await import('@aws-sdk/client-ec2');
}

function shapeOf(schema: NormalizedSchema, shapes: Map<unknown, Shape>): Shape {
  if (schema.isStructSchema()) return structureOf(schema, shapes);
  if (schema.isListSchema()) return listOf(schema, shapes);
  if (schema.isBooleanSchema()) return BOOLEAN;
  if (schema.isNumericSchema() || schema.isBigIntegerSchema()) return NUMBER;
  if (schema.isTimestampSchema()) return TIMESTAMP;
  if (schema.isBlobSchema()) return BLOB;
  return STRING;
}

const STRING = {kind: 'string'} as const;
const NUMBER = {kind: 'number'} as const;
const BOOLEAN = {kind: 'boolean'} as const;
const TIMESTAMP = {kind: 'timestamp'} as const;
const BLOB = {kind: 'blob'} as const;

function structureOf(schema: NormalizedSchema, shapes: Map<unknown, Shape>): Structure {
  const raw = schema.getSchema();
  const known = shapes.get(raw);
  if (known?.kind === 'structure') return known;
  const byName = new Map<string, Field>();
  const byQueryName = new Map<string, Field>();
  const required: Field[] = [];
  // Known before its members are walked, because structures may hold themselves.
  const structure: Structure = {kind: 'structure', byName, byQueryName, required};
  shapes.set(raw, structure);
  const requiredCount = Array.isArray(raw) ? Number(raw[6] ?? 0) : 0;
  for (const [name, member] of schema.structIterator()) {
    const traits: {xmlName?: string; ec2QueryName?: string} = member.getMergedTraits();
    const {xmlName, ec2QueryName} = traits;
    const field: Field = {
      name,
      queryName: ec2QueryName ?? capitalise(xmlName ?? name),
      xmlName: xmlName ?? name,
      isRequired: byName.size < requiredCount,
      shape: shapeOf(member, shapes),
    };
    byName.set(name, field);
    byQueryName.set(field.queryName, field);
    if (field.isRequired) required.push(field);
  }
  return structure;
}

function listOf(schema: NormalizedSchema, shapes: Map<unknown, Shape>): List {
  const item = schema.getValueSchema();
  return {kind: 'list', xmlName: item.getMergedTraits().xmlName ?? 'item', item: shapeOf(item, shapes)};
}

function capitalise(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
