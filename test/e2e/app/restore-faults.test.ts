/** Restores to which something happens: they are done or undone, and never say one when it is the other. */
import assert from 'node:assert/strict';
import {before, beforeEach, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {crashPostgres} from '../../app/host/accidents.ts';
import {markSite, marksOf, troubles} from '../../app/restore/marks.ts';
import {type Point, stallAt} from '../../app/restore/stall.ts';
import {noSite, type Site, startSite} from '../../app/site/site.ts';
import type {Started} from '../ftask.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

const ROOT = '/opt/backups/fastdeploy';
const STATE = `${ROOT}/.restore/state`;

describe('ftask fastdeploy_restore', {skip: noSite}, () => {
  let site: Site;
  let home: HostsHome;
  before(async () => {
    site = await startSite();
    home = await appHome([site.host], {}, ['ServerAliveInterval 2', 'ServerAliveCountMax 2']);
    const {code, stderr} = await home.run('-H', 'web1', 'fastdeploy_backup', '--no-create-archive');
    assert.equal(code, 0, stderr);
  });
  beforeEach(() => markSite(site));

  const begin = (...words: string[]) => home.start('-H', 'web1', '--yes', 'fastdeploy_restore', ...words);
  const processes = async () =>
    (await site.host.sh(`sed -n 's/^process \\([0-9]*\\) .*/\\1/p' ${STATE}`)).trim().split('\n');
  const kill = (...pids: (string | undefined)[]) => site.host.sh(`kill -KILL ${pids.join(' ')}`);
  const scriptEnded = () => site.host.sh(`while ! flock -n ${ROOT}/.lock true; do sleep 0.1; done`);

  /** What happens at a point; `ftask` says how the run may end then. */
  const faults: Readonly<Record<string, (started: Started) => Promise<unknown>>> = {
    'its steps are killed': async () => kill((await processes())[1]),
    'its guard is killed': async () => kill((await processes())[0]),
    'its guard and its steps are killed': async () => kill(...(await processes())),
    'ftask is killed': async ({process}) => process.kill('SIGKILL'),
    'ftask is interrupted': async ({process}) => process.kill('SIGINT'),
    'PostgreSQL crashes': () => crashPostgres(site.host),
    'the network is gone for a while': async () => {
      await site.host.cut();
      await delay(8000);
      await site.host.mend();
    },
  };

  const cases: readonly (readonly [Point, keyof typeof faults])[] = (
    ['load', 'look', 'stop', 'keep', 'swap', 'files', 'start', 'health', 'clean'] as const
  ).flatMap((point) => Object.keys(faults).map((fault) => [point, fault] as const));

  for (const [point, fault] of cases) {
    test(`is done or undone when ${fault} at '${point}'`, async () => {
      const stall = await stallAt(site.host, point);
      const started = begin();
      await stall.reached();
      await faults[fault]?.(started);
      await stall.release();
      const {code, signal, stderr} = await started.ended;
      await scriptEnded();
      const marks = await marksOf(site);
      const told = `${code} ${signal} ${stderr}`;
      // Who was interrupted may have been too late.
      const isUndone = code !== 0 && / failed: /.test(stderr);
      if (signal === null) assert.equal(marks, isUndone ? 'marked' : 'as backed up', told);
      else assert.ok(['marked', 'as backed up'].includes(marks), `${marks} ${told}`);
      if (signal !== null) {
        const next = await home.run('-H', 'web1', 'fastdeploy_restore', '--recover');
        assert.equal(next.code, 0, next.stderr);
      }
      assert.deepEqual(await troubles(site, ROOT), [], told);
    });
  }
});
