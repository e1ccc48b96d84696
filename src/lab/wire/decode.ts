/** A form-encoded EC2 Query request becomes the typed input of its action. */
import {ApiError} from './api-error.ts';
import type {Field, Scalar, Shape, Structure} from './schema.ts';

type Value = string | number | boolean | Date | Uint8Array | Value[] | {[name: string]: Value};
type Struct = {[name: string]: Value};

/**
 * Decodes every parameter but `Action` and `Version`.
 * @throws ApiError UnknownParameter, MissingParameter or InvalidParameterValue, as AWS.
 */
export function decodeInput(input: Structure, parameters: Iterable<[string, string]>): object {
  const root: Struct = {};
  for (const [key, text] of parameters) {
    if (key === 'Action' || key === 'Version') continue;
    put(root, input, key, text);
  }
  return checked(root, input, '');
}

function put(root: Struct, input: Structure, key: string, text: string): void {
  const path = key.split('.');
  let holder: Struct | Value[] = root;
  let slot: string | number = '';
  let shape: Shape = input;
  for (const [depth, segment] of path.entries()) {
    const step: {slot: string | number; shape: Shape} | undefined = stepInto(shape, segment);
    if (!step) throw unknownParameter(key);
    ({slot, shape} = step);
    if (depth === path.length - 1) break;
    holder = child(holder, slot, shape, key);
  }
  if (shape.kind === 'structure' || shape.kind === 'list') throw unknownParameter(key);
  assign(holder, slot, scalar(shape.kind, text, key));
}

function stepInto(shape: Shape, segment: string): {slot: string | number; shape: Shape} | undefined {
  if (shape.kind === 'structure') {
    const field = shape.byQueryName.get(segment);
    return field && {slot: field.name, shape: field.shape};
  }
  if (shape.kind !== 'list' || !/^[1-9]\d{0,4}$/.test(segment)) return undefined;
  return {slot: Number(segment) - 1, shape: shape.item};
}

function child(holder: Struct | Value[], slot: string | number, shape: Shape, key: string): Struct | Value[] {
  const existing = read(holder, slot);
  if (existing !== undefined) return existing as Struct | Value[];
  if (shape.kind !== 'structure' && shape.kind !== 'list') throw unknownParameter(key);
  const fresh: Struct | Value[] = shape.kind === 'list' ? [] : {};
  assign(holder, slot, fresh);
  return fresh;
}

function read(holder: Struct | Value[], slot: string | number): Value | undefined {
  return Array.isArray(holder) ? holder[Number(slot)] : holder[slot];
}

function assign(holder: Struct | Value[], slot: string | number, value: Value): void {
  if (Array.isArray(holder)) holder[Number(slot)] = value;
  else holder[slot] = value;
}

function scalar(kind: Scalar, text: string, key: string): Value {
  if (kind === 'string') return text;
  if (kind === 'blob') return Buffer.from(text, 'base64');
  if (kind === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (kind === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === 'timestamp' && !Number.isNaN(Date.parse(text))) return new Date(text);
  throw new ApiError('InvalidParameterValue', `Invalid value '${text}' for ${key}. Expected a ${kind}.`);
}

/** Numbers in a request may leave gaps (`Filter.1`, `Filter.7`); the list the action sees has none. */
function checked(value: Value, shape: Shape, path: string): Struct {
  if (shape.kind === 'list' && Array.isArray(value)) {
    const dense = value.filter((item) => item !== undefined);
    value.splice(0, value.length, ...dense);
    for (const [index, item] of value.entries()) checked(item, shape.item, `${path}.${index + 1}`);
  }
  if (shape.kind !== 'structure') return {};
  const struct = value as Struct;
  for (const field of shape.required) {
    if (struct[field.name] === undefined) throw missingParameter(join(path, field));
  }
  for (const [name, member] of Object.entries(struct)) {
    const field = shape.byName.get(name);
    if (field) checked(member, field.shape, join(path, field));
  }
  return struct;
}

function join(path: string, field: Field): string {
  return path ? `${path}.${field.queryName}` : field.queryName;
}

function missingParameter(key: string): ApiError {
  return new ApiError('MissingParameter', `The request must contain the parameter ${key}`);
}

function unknownParameter(key: string): ApiError {
  return new ApiError('UnknownParameter', `The parameter ${key} is not recognized`);
}
