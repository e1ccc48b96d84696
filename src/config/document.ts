/** A configuration file: YAML that remembers where everything stands. */
import {readFile} from 'node:fs/promises';
import {
  type Alias,
  type Document,
  type ErrorCode,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import {formatKey, type KeyPath} from './key.ts';
import type {Layer, LayerName, Place} from './layer.ts';
import {faultyLayer, layerOf} from './settings.ts';

/** Reads a file; one that does not exist is a layer that was not read. Never throws. */
export async function readLayer(name: LayerName, file: string): Promise<Layer> {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (error) {
    const isMissing =
      error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code));
    if (isMissing) return {...layerOf(name, []), file};
    return faultyLayer(name, file, `cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return parseLayer(name, file, source);
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
    text: textOf(code, document, start) ?? message,
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

/** Words for the faults that people make and whose own message is for programmers. */
function textOf(code: ErrorCode, document: Document.Parsed, offset: number): string | undefined {
  if (code === 'DUPLICATE_KEY') return `${keyStartingAt(document, offset)}: is set twice`;
  return code === 'MULTIPLE_DOCS' ? 'a second document starts here (---); only one is allowed' : undefined;
}

function keyStartingAt(document: Document.Parsed, offset: number): string {
  let found: KeyPath = [];
  visit(document, {
    Pair: (_, pair, ancestors) => {
      if (rangeStart(pair.key) !== offset) return undefined;
      found = [...ancestors, pair].filter((node) => isPair(node)).map(({key}) => String(key));
      return visit.BREAK;
    },
  });
  return formatKey(found);
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
