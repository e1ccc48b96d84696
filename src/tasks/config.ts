/** `ftask config` */
import {z} from 'zod';
import type {Context} from '../context/context.ts';
import {defineTask} from '../runner/task.ts';

export const config = defineTask({
  summary: 'Show the configuration, and where each value comes from.',
  description: 'The merged result of all layers. Secrets are masked.',
  options: z.object({}),
  output: {
    id: (row: ConfigRow) => `${row.key}=${row.value}`,
    columns: ['key', 'value', 'from'],
  },
  run: async (_options, {loadedConfig}: Context): Promise<readonly ConfigRow[]> =>
    loadedConfig.entries().map(({key, value, origin}) => ({key, value: asText(value), from: origin.text})),
});

interface ConfigRow {
  readonly key: string;
  readonly value: string;
  readonly from: string;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
