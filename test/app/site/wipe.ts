/** A disaster: what was of an application is gone. */
import type {Living} from './living.ts';

/** Stops it and removes its database and all that a backup has to bring back. */
export async function wipe({host, postgres, database, paths, units}: Living): Promise<void> {
  await host.sh(`systemctl stop ${units.join(' ')}; rm -rf ${paths.map((path) => `'${path}'`).join(' ')}`);
  await host.sh('systemctl daemon-reload');
  await postgres.sql(`DROP DATABASE ${database} WITH (FORCE)`);
}
