/** The Django example of config/ftask.yaml. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

/** A configuration of its lines as they stand there, without what makes them comments. */
export function djangoExample(): string {
  const text = readFileSync(join(import.meta.dirname, '../../../config/ftask.yaml'), 'utf8');
  const [commented = ''] = /^# {3}shop:\n(?:# {5}.*\n)+/m.exec(text) ?? [];
  return `apps:\n${commented.replaceAll(/^# /gm, '')}`;
}
