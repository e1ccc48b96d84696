/** A configuration file: YAML that remembers where everything stands. */
import {readFile} from 'node:fs/promises';
import {
  type Alias,
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type {KeyPath} from './key.ts';
import type {Layer, LayerName, Place} from './layer.ts';
import {faultyLayer, layerOf} from './settings.ts';

/** Reads a file; one that does not exist is a layer that was not read. Never throws. */
export async function readLayer(name: LayerName, file: string): Promise<Layer> {
  try {
    return parseLayer(name, file, await readFile(file, 'utf8'));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) return {...layerOf(name, []), file};
    return faultyLayer(name, file, `cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function parseLayer(name: LayerName, file: string, source: string): Layer {
  const lines = new LineCounter();
  const document = parseDocument(source, {lineCounter: lines, prettyErrors: false, logLevel: 'error'});
  const placeOf = (offset: number): Place => {
    const {line, col} = lines.linePos(offset);
    return {text: `${file}:${line}:${col}`, offset};
  };
  const faults = [...document.errors, ...document.warnings].map(({code, message, pos: [start]}) => ({
    place: placeOf(start),
    text: code === 'DUPLICATE_KEY' ? `${wordAt(source, start)}: is set twice` : message,
  }));
  const aliases = aliasesIn(document).map(({range}) => ({
    place: placeOf(range?.[0] ?? 0),
    text: 'aliases (*name) are not supported; write the value out',
  }));
  const isUsable = aliases.length === 0 && document.errors.every(({code}) => code === 'DUPLICATE_KEY');
  return {
    name,
    file,
    read: true,
    raw: isUsable ? (document.toJS() ?? {}) : {},
    problems: [...faults, ...aliases],
    locate: (path, part) => placeOf(offsetOf(document, path, part)),
  };
}

function aliasesIn(document: Document.Parsed): Alias[] {
  const aliases: Alias[] = [];
  visit(document, {
    Alias: (_, alias) => {
      aliases.push(alias);
    },
  });
  return aliases;
}

function wordAt(source: string, offset: number): string {
  return /^[\w.-]*/.exec(source.slice(offset))?.[0] ?? '';
}

function offsetOf(document: Document.Parsed, path: KeyPath, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const segment of path) {
    const found = step(node, segment);
    if (found === undefined) return offset;
    offset = (part === 'value' && rangeStart(found.value)) || found.start;
    node = found.value;
  }
  return offset;
}

function step(node: unknown, segment: string | number): {start: number; value: unknown} | undefined {
  if (isSeq(node)) {
    const value = node.items[Number(segment)];
    return value === undefined ? undefined : {start: rangeStart(value) ?? 0, value};
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({key}) => String(isScalar(key) ? key.value : key) === segment);
  return pair && {start: rangeStart(pair.key) ?? 0, value: pair.value};
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
