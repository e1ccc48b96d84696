/** `ftask fastdeploy_restore` over SSH: a site that was lost comes back as it was, whatever was odd about it. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {becomeWell} from '../../app/site/health.ts';
import {type Recording, record} from '../../app/site/record.ts';
import {noSite, type Site, startSite} from '../../app/site/site.ts';
import {wipe} from '../../app/site/wipe.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

describe('ftask fastdeploy_restore', {skip: noSite}, () => {
  let site: Site;
  let home: HostsHome;
  let recording: Recording;
  before(async () => {
    site = await startSite({databaseMiB: 10});
    home = await appHome([site.host]);
    const {code, stderr} = await home.run('-H', 'web1', 'fastdeploy_backup', '--include-workspace');
    assert.equal(code, 0, stderr);
    await site.host.sh('systemctl stop fastdeploy');
    recording = await record(site);
    await site.host.sh('systemctl start fastdeploy');
  });

  const restore = (...words: string[]) => home.run('-H', 'web1', '--yes', 'fastdeploy_restore', ...words);

  test('brings back data, files, owners and modes of a site that was wiped', async () => {
    await wipe(site);
    const {code, stderr} = await restore();
    assert.equal(code, 0, stderr);
    await becomeWell(site.host, site.healthUrl);
    assert.deepEqual(await recording.differences(), []);
  });
});
