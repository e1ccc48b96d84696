/** The site that is backed up is a living one: its application needs its files and its database, as real ones do. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {becomeWell, healthOf} from './health.ts';
import {AGE_KEY_FILE, noSite, SITE_VERSION, type Site, startSite} from './site.ts';

describe('a FastDeploy site of the tests', {skip: noSite}, () => {
  let site: Site;
  before(async () => {
    site = await startSite({services: 3, databaseMiB: 1});
  });

  const health = () => healthOf(site.host, site.healthUrl);

  test('has what the role backs up, and what it must not', async () => {
    const {host, paths, postgres} = site;
    for (const path of [...paths, AGE_KEY_FILE]) await host.sh(`test -e '${path}'`);
    assert.equal((await host.sh('ls /home/fastdeploy/site/services | wc -l')).trim(), '3');
    assert.equal(await postgres.sql('SELECT count(*) FROM services_service', 'fastdeploy'), '3');
    assert.equal(await postgres.sql('SELECT count(*) FROM pgbench_accounts', 'fastdeploy'), '100000');
    await host.sh('visudo -c');
  });

  test('tells its version by its own Python', async () => {
    const ask = `.venv/bin/python -c 'from importlib.metadata import version; print(version("fastDeploy"))'`;
    const said = await site.host.sh(`cd /home/fastdeploy/site; ${ask}`, {user: 'fastdeploy'});
    assert.equal(said.trim(), SITE_VERSION);
  });

  test('is not well without its database, and well when it is back', async () => {
    await site.host.sh('systemctl stop postgresql');
    assert.equal(await health(), 503);
    await site.host.sh('systemctl start postgresql');
    assert.equal(await health(), 200);
  });

  test('does not answer while it is stopped, and does not start without its settings', async () => {
    const {host} = site;
    const env = '/home/fastdeploy/site/.env';
    await host.sh(`systemctl stop fastdeploy; mv ${env} ${env}.away; systemctl start fastdeploy`);
    await host.sh('while [ "$(systemctl is-active fastdeploy)" != failed ]; do sleep 0.1; done');
    assert.equal(await health(), 0);
    await host.sh(`mv ${env}.away ${env}; systemctl start fastdeploy`);
    await becomeWell(host, site.healthUrl);
  });
});
