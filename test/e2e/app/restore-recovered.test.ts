/** Restores whose host loses its power: they are done or undone when it is back, by ftask itself or by whoever recovers them. */
import assert from 'node:assert/strict';
import {before, beforeEach, describe, test} from 'node:test';
import {markSite, marksOf, troubles} from '../../app/restore/marks.ts';
import {type Point, stallAt} from '../../app/restore/stall.ts';
import {noSite, type Site, startSite} from '../../app/site/site.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

const ROOT = '/opt/backups/fastdeploy';

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

  const restore = (...words: string[]) =>
    home.start('-H', 'web1', '--yes', '--json', 'fastdeploy_restore', ...words);
  /** Begins one, of which the host has no memory after this but what is on its disk. */
  const losePowerAt = async (point: Point, meanwhile: (kill: () => void) => void) => {
    const stall = await stallAt(site.host, point);
    const {process, ended} = restore();
    await stall.reached();
    meanwhile(() => process.kill('SIGKILL'));
    await site.host.reboot();
    await stall.release();
    return ended;
  };

  test('undoes all by itself when its host comes back that lost its power', async () => {
    const {code, stderr} = await losePowerAt('swap', () => {});
    assert.equal(code, 1, stderr);
    assert.match(stderr, /the restore was cut off on the host; taking it back/);
    assert.match(stderr, /all is as it was before, and its services run/);
    assert.equal(await marksOf(site), 'marked');
    assert.deepEqual(await troubles(site, ROOT), []);
  });

  for (const [point, result] of [
    ['files', 'taken back'],
    ['clean', 'restored'],
  ] as const) {
    test(`is ${result} by --recover when ftask and the host were gone at '${point}'`, async () => {
      await losePowerAt(point, (kill) => kill());
      const next = await home.run('-H', 'web1', 'fastdeploy_backup');
      assert.equal(next.code, 1);
      assert.match(
        next.stderr,
        /was cut off and is not taken back yet\n.*ftask -H web1 fastdeploy_restore --recover/,
      );
      const {code, stdout, stderr} = await restore('--recover').ended;
      assert.equal(code, 0, stderr);
      assert.equal(JSON.parse(stdout).tasks[0].result[0].result, result);
      assert.equal(await marksOf(site), result === 'restored' ? 'as backed up' : 'marked');
      assert.deepEqual(await troubles(site, ROOT), []);
    });
  }
});
