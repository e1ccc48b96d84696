/** `ftask app_backup`: a Django application by configuration alone, while it is written to. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {type Django, noDjango, startDjango} from '../../app/site/django.ts';
import {emptyFolder} from '../ftask.ts';
import {type HostsHome, homeWith} from '../hosts/home.ts';

const CONFIG = `
apps:
  shop:
    components:
      database: {postgres: shop, count_tables: [sites_site, jobs_job], dump_options: [--no-owner]}
      sites: {tree: /data/app/sites-data}
      settings: {files: [/srv/shop/.env, /srv/shop/*.yml], required: false}
      logs: {tree: /data/app/logs, required: false}
      uploads: {tree: /data/app/uploads, required: false}
      packages: {output: 'printf "django 5\\n"'}
    version: echo 2.7
    archive_format: tar.zst
`;

describe('ftask app_backup', {skip: noDjango}, () => {
  let site: Django;
  let home: HostsHome;
  before(async () => {
    site = await startDjango({without: ['pigz', 'age', 'openssl']});
    const config = join(await emptyFolder(), 'ssh_config');
    writeFileSync(config, `${site.host.sshConfig()}\n`, {mode: 0o600});
    home = await homeWith(config, {'ftask.yaml': CONFIG});
  });

  test('takes what the configuration describes, of one moment, and prints where it is', async () => {
    const {code, stdout, stderr} = await home.run('-H', 'web1', 'app_backup', '--app', 'shop');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /uploads: nothing is captured: there is no folder \/data\/app\/uploads/);
    const file = stdout.trim();
    assert.ok(file.startsWith(join(home.folder, 'backups/shop/shop-')) && file.endsWith('.tar.zst'), file);
    const unpacked = await emptyFolder();
    execFileSync('tar', ['--zstd', '-xf', file, '-C', unpacked]);
    const [name = ''] = readdirSync(unpacked);
    const snapshot = join(unpacked, name);
    execFileSync('sha256sum', ['-c', '--quiet', 'manifest.sha256'], {cwd: snapshot});
    const folders = ['database', 'logs', 'packages.txt', 'settings', 'sites'];
    const own = ['contents.jsonl', 'manifest.sha256', 'metadata.yml'];
    assert.deepEqual(readdirSync(snapshot).sort(), [...folders, ...own].sort());
    assert.deepEqual(readdirSync(join(snapshot, 'settings')), ['.env', 'compose.yml']);
    const table = ['--data-only', '--table=jobs_job', '-f-', join(snapshot, 'database/shop.dump')];
    const dumped = execFileSync('pg_restore', table, {encoding: 'utf8'}).match(/^\d+\t\w+\t/gm)?.length;
    const metadata = execFileSync('cat', [join(snapshot, 'metadata.yml')], {encoding: 'utf8'});
    assert.ok(Number(dumped) > 0);
    assert.match(metadata, new RegExp(`^ +jobs_job: ${dumped}$`, 'm'));
    assert.match(metadata, /^shop_version: "?2\.7"?$/m);
  });

  test('says before anything is written that the host cannot encrypt', async () => {
    const yaml = `${CONFIG}    age_recipients: [age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p]\n`;
    writeFileSync(join(home.folder, 'sealed.yaml'), yaml);
    const before = await site.host.sh('ls -A /opt/backups/shop');
    const {code, stderr} = await home.run(
      '--config',
      'sealed.yaml',
      '-H',
      'web1',
      'app_backup',
      '--app',
      'shop',
    );
    assert.equal(code, 1);
    assert.match(stderr, /shop cannot be backed up: there is no age on the host/);
    assert.equal(await site.host.sh('ls -A /opt/backups/shop'), before);
  });

  test('knows which applications there are', async () => {
    const {code, stderr} = await home.run('-H', 'web1', 'app_backup', '--app', 'shp');
    assert.equal(code, 2);
    assert.match(stderr, /there is no application shp; did you mean shop\?/);
  });
});
