/** What a restore would do, in words. */

import {bytesText} from '../../words.ts';
import type {Application} from '../application.ts';
import type {Checked} from './check/check-all.ts';
import {serviceName} from './script/services.ts';

/** Tells it step by step. */
export function tellSteps(
  {services, afterRestore, health}: Application,
  {snapshot, steps, fit}: Checked,
  note: (text: string) => void,
): void {
  const {timestamp, version} = snapshot.metadata;
  const names = services.map(serviceName).join(', ');
  note(`would restore ${snapshot.source.shown} of ${timestamp}, version ${version}`);
  for (const {component, bytes} of steps.databases) {
    const {traits, bytes: now} = fit.standings.get(component.name) ?? {};
    const what = traits
      ? `replace the database ${component.database} (${bytesText(now ?? 0)})`
      : `make the database ${component.database}`;
    note(`would ${what} by a dump of ${bytesText(bytes)}`);
  }
  if (names !== '') note(`would stop and start ${names}`);
  for (const {component, entries, bytes} of steps.trees)
    note(`would make ${component.path} what it was: ${entries.length} entries, ${bytesText(bytes)}`);
  for (const {target} of steps.files) note(`would write ${target}`);
  for (const command of afterRestore) note(`would run ${command}`);
  if (health?.url !== undefined) note(`would wait for ${health.url} to answer`);
}
