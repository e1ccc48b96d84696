/** Layers that are not files: single values, each from a place with a name. */
import {z} from 'zod';
import {allKeys, schemaAt} from './key.ts';
import type {Layer, LayerName, Problem} from './layer.ts';
import {fromLeaves, type Leaf} from './merge.ts';

/** A value for a key, and what set it: a variable, an option. */
export interface Setting extends Leaf {
  readonly text: string;
}

/** A layer of single settings; a later one of the same key wins. */
export function layerOf(
  name: LayerName,
  settings: readonly Setting[],
  problems: readonly Problem[] = [],
): Layer {
  return {
    name,
    read: settings.length > 0,
    raw: fromLeaves(settings),
    problems,
    locate: (path) => {
      const setting = settings.findLast((other) =>
        other.path.every((segment, index) => segment === path[index]),
      );
      return {text: setting?.text ?? name, offset: 0};
    },
  };
}

/** What holds when nothing is configured. */
export function defaultLayer(): Layer {
  const settings = allKeys().flatMap((path) => {
    const schema = schemaAt(path);
    return schema instanceof z.ZodPrefault ? [{path, value: schema.def.defaultValue, text: 'default'}] : [];
  });
  return layerOf('default', settings);
}

/** The layer of options: `{'aws.profile': 'x'}` is what `--profile x` sets. */
export function optionLayer(overrides: Readonly<Record<string, unknown>>): Layer {
  const settings = Object.entries(overrides)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({path: key.split('.'), value, text: `option --${optionName(key)}`}));
  return layerOf('option', settings);
}

function optionName(key: string): string {
  return key.replace(/^.*\./, '').replaceAll('_', '-');
}

/** A file that must not be used at all, and why. */
export function faultyLayer(name: LayerName, file: string, text: string): Layer {
  const place = {text: file, offset: 0};
  return {name, file, read: false, raw: {}, problems: [{place, text}], locate: () => place};
}
