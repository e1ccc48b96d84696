/** Writes to an application's database while something else happens: pgbench, whose sums show a copy of two moments. */
import type {Living} from './living.ts';

export interface Load {
  /** How many transactions were committed so far. */
  count(): Promise<number>;
  end(): Promise<void>;
}

/** Lets pgbench write to its tables until the end; it comes back when the server does. */
export async function startLoad({host, postgres, database, owner}: Living): Promise<Load> {
  const command = `/usr/bin/pgbench --client=2 --time=100000 --no-vacuum ${database}`;
  const service = `[Service]\nUser=${owner}\nExecStart=${command}\nRestart=always\nRestartSec=1\n`;
  await host.write('/run/systemd/system/load.service', `[Unit]\nStartLimitIntervalSec=0\n${service}`);
  await host.sh('systemctl daemon-reload; systemctl start load');
  return {
    count: async () => Number(await postgres.sql('SELECT count(*) FROM pgbench_history', database)),
    end: async () => void (await host.sh('systemctl stop load; systemctl reset-failed load || true')),
  };
}

/** Whether all that pgbench has booked adds up, as it does at every single moment and in no mix of two. */
export async function isOfOneMoment({postgres}: Living, database: string): Promise<boolean> {
  const sums = await postgres.sql(SUMS, database);
  return new Set(sums.split('|')).size === 1;
}

const SUMS = `SELECT (SELECT sum(abalance) FROM pgbench_accounts), (SELECT sum(tbalance) FROM pgbench_tellers),
  (SELECT sum(bbalance) FROM pgbench_branches), (SELECT coalesce(sum(delta), 0) FROM pgbench_history)`;
