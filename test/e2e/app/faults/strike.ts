/** Lets an accident happen to a run that is under way, and makes good what would not come right by itself. */
import {setTimeout as delay} from 'node:timers/promises';
import {crashPostgres, fillUp, killAll} from '../../../app/host/accidents.ts';
import type {TestHost} from '../../../app/host/host.ts';
import type {Ended, Started} from '../../ftask.ts';
import type {Accident, Struck} from './accidents.ts';
import {holdAt, type Waiting} from './stand-ins.ts';

export interface Met {
  readonly ended: Ended;
  /** At which program it happened; undefined when the run was over before. */
  readonly at?: string;
}

interface Moment {
  readonly host: TestHost;
  readonly root: string;
  readonly started: Started;
  readonly accident: Accident;
  readonly waiting: Waiting;
}

/** Starts the run, strikes at its `call`th call of a program, and waits for its end. */
export async function strike(
  {host, root}: Pick<Moment, 'host' | 'root'>,
  accident: Accident & {readonly kind: Struck},
  call: number,
  start: () => Started,
): Promise<Met> {
  const hold = await holdAt(host, call);
  const started = start();
  const over = new AbortController();
  void started.ended.then(() => over.abort());
  const waiting = await hold.reached(over.signal);
  if (!waiting) {
    await hold.release();
    return {ended: await started.ended};
  }
  if (!accident.isHeld) {
    await hold.release();
    await delay(accident.delayMs);
  }
  await EFFECTS[accident.kind]({host, root, started, accident, waiting});
  await hold.release();
  const ended = await started.ended;
  await makeGood(host, accident);
  return {ended, at: waiting.program};
}

const EFFECTS: Readonly<Record<Struck, (moment: Moment) => Promise<unknown>>> = {
  'ftask killed': async ({started}) => void started.process.kill('SIGKILL'),
  'ftask interrupted': async ({started}) => void started.process.kill('SIGINT'),
  'script killed': async ({host, root, waiting, accident: {victim}}) => {
    const state = `${root}/.restore/state`;
    const [guard, steps] = (
      await host.sh(`sed -n 's/^process \\([0-9]*\\) .*/\\1/p' ${state} 2>/dev/null || true`)
    )
      .trim()
      .split('\n');
    const own = {caller: [waiting.caller], guard: [guard], steps: [steps], both: [guard, steps]}[victim];
    const victims = guard && steps ? own : [waiting.caller];
    await host.sh(`kill -KILL ${victims.join(' ')} 2>/dev/null || true`);
  },
  'link down': async ({host, accident: {lastsMs}}) => {
    await host.cut();
    await delay(lastsMs);
    await host.mend();
  },
  'disk full': async ({host, accident: {place}}) => fillUp(host, place, 0),
  'program killed': async ({host, waiting, accident: {isHeld}}) => {
    if (isHeld) await host.sh(`kill -KILL ${waiting.pid}`);
    else
      for (const program of ['psql', 'pg_dump', 'pg_restore', 'rsync', 'tar']) await killAll(host, program);
  },
  'PostgreSQL restarted': async ({host}) => void (await host.sh('systemctl restart postgresql')),
  'PostgreSQL crashed': async ({host}) => crashPostgres(host),
};

/** A server whose disk was full does not come back by itself. */
async function makeGood(host: TestHost, {place}: Accident): Promise<void> {
  await host.sh(`/usr/bin/rm -f ${place}/.filler
    systemctl is-active --quiet postgresql || {
      systemctl reset-failed postgresql || true
      systemctl start postgresql
    }`);
}
