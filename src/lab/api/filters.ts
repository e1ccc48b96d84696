/** EC2's filters: name and values, any of which may hold wildcards. */
import type {Filter} from '@aws-sdk/client-ec2';
import type {Tags} from '../state/entities.ts';
import {ApiError} from '../wire/api-error.ts';

const MAX_FILTERS = 50;
const MAX_VALUES = 200;

type Value = string | number | boolean | undefined;

/** What each filter of an action compares with; a list matches when one of its members does. */
export type FilterTable<T> = Readonly<Record<string, (item: T) => Value | readonly Value[]>>;

/**
 * A test that an item passes when it matches every filter. Tags are filtered by every action.
 * @throws ApiError InvalidParameterValue for an unknown filter, FilterLimitExceeded for too many.
 */
export function compileFilters<T extends {readonly tags: Tags}>(
  filters: readonly Filter[] | undefined,
  table: FilterTable<T>,
): (item: T) => boolean {
  if (filters && filters.length > MAX_FILTERS) throw limitExceeded('filters', MAX_FILTERS);
  const tests = (filters ?? []).map((filter) => compileFilter(filter, table));
  return (item) => tests.every((test) => test(item));
}

/** The items that pass a test, one at a time: a page may not need all of them. */
export function* where<T>(items: Iterable<T>, test: (item: T) => boolean): Generator<T> {
  for (const item of items) if (test(item)) yield item;
}

function compileFilter<T extends {readonly tags: Tags}>(
  {Name: name = '', Values: values = []}: Filter,
  table: FilterTable<T>,
): (item: T) => boolean {
  const read = reader(name, table);
  if (!read) throw new ApiError('InvalidParameterValue', `The filter '${name || 'null'}' is invalid`);
  if (values.length === 0) {
    throw new ApiError('InvalidParameterValue', `The filter '${name}' must have at least one value`);
  }
  if (values.length > MAX_VALUES) throw limitExceeded('filter values', MAX_VALUES);
  const matches = compileValues(values);
  return (item) => {
    const found = read(item);
    if (typeof found !== 'object') return found !== undefined && matches(String(found));
    return found.some((one) => one !== undefined && matches(String(one)));
  };
}

function reader<T extends {readonly tags: Tags}>(
  name: string,
  table: FilterTable<T>,
): FilterTable<T>[string] | undefined {
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return ({tags}) => (Object.hasOwn(tags, key) ? tags[key] : undefined);
  }
  if (name === 'tag-key') return ({tags}) => Object.keys(tags);
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function compileValues(values: readonly string[]): (text: string) => boolean {
  const exact = new Set(values.filter((value) => !/[*?\\]/.test(value)));
  const patterns = values.filter((value) => !exact.has(value)).map(wildcard);
  return (text) => exact.has(text) || patterns.some((pattern) => pattern.test(text));
}

/** `*` is any text, `?` one character, a backslash takes the next as it is. */
function wildcard(value: string): RegExp {
  const source = value.replace(/\\(.)|([*?])|([\s\S])/gu, (_all, escaped, wild, plain) => {
    if (wild) return wild === '*' ? '[\\s\\S]*' : '[\\s\\S]';
    return (escaped ?? plain).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 'u');
}

function limitExceeded(what: string, limit: number): ApiError {
  return new ApiError('FilterLimitExceeded', `The maximum number of ${what} is ${limit}`);
}
