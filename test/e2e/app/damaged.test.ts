/** Archives that are not what they were: none is restored, whatever is wrong with it, and nothing is touched. */
import assert from 'node:assert/strict';
import {copyFile, truncate} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {before, beforeEach, describe, test} from 'node:test';
import {addMember, flipBit, MEMBERS, type Member, signAnew} from '../../app/damage.ts';
import {type Recording, record} from '../../app/site/record.ts';
import {noSite, type Site, startSite} from '../../app/site/site.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

const ROOT = '/opt/backups/fastdeploy';

describe('ftask fastdeploy_restore of an archive', {skip: noSite}, () => {
  let site: Site;
  let home: HostsHome;
  let recording: Recording;
  let whole: string;
  let file: string;
  let names: string;
  before(async () => {
    site = await startSite();
    home = await appHome([site.host]);
    const {code, stdout, stderr} = await home.run('-H', 'web1', 'fastdeploy_backup');
    assert.equal(code, 0, stderr);
    whole = stdout.trim();
    file = join(home.folder, basename(whole));
    names = await site.host.sh(`ls -A ${ROOT}`);
    await site.host.sh('systemctl stop fastdeploy');
    recording = await record(site);
    await site.host.sh('systemctl start fastdeploy');
  });
  beforeEach(async () => {
    await copyFile(whole, file);
    await copyFile(`${whole}.sha256`, `${file}.sha256`);
  });

  const isRefused = async (message: RegExp) => {
    const {code, stderr} = await home.run('-H', 'web1', '--yes', 'fastdeploy_restore', '--from', file);
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
    assert.equal(await site.host.sh(`ls -A ${ROOT}`), names);
    assert.deepEqual(await recording.differences(), []);
    await site.host.sh('systemctl is-active fastdeploy; ! test -e /tmp/evil; ! test -e /evil');
  };

  const reasons: Readonly<Record<Member, RegExp>> = {
    'an extra file': /services\/added: it is not in contents\.jsonl/,
    'a file under ..': /evil: its name leads out of the archive/,
    'a file of an absolute name': /\/tmp\/evil: its name leads out of the archive/,
    'a symlink out of the tree': /services\/added: it is not in contents\.jsonl/,
    'a file behind a symlink': /added\/evil: it lies behind \S+added, which is no folder/,
    'a hard link out of the tree': /services\/added: it is a hard link/,
    'a device node': /services\/added: it is neither file, nor folder, nor link/,
    'a fifo': /services\/added: it is neither file, nor folder, nor link/,
    'a setuid program': /services\/added: it has a setuid, setgid or sticky bit/,
  };
  for (const member of Object.keys(MEMBERS) as Member[]) {
    test(`that has ${member} is refused, and nothing is touched`, async () => {
      await addMember(file, member);
      await isRefused(reasons[member]);
    });
  }

  test('of which a bit was turned over is refused', async () => {
    await flipBit(file, 5000);
    await isRefused(/its SHA-256 differs/);
  });

  test('of which a bit was turned over before it was signed is refused', async () => {
    await flipBit(file, 5000);
    await signAnew(file);
    await isRefused(/is not what it was when it was made: it cannot be (read|unpacked)/);
  });

  for (const bytes of [0, 1, 10_000]) {
    test(`that was cut off after ${bytes} bytes is refused, signed or not`, async () => {
      await truncate(file, bytes);
      await isRefused(/its SHA-256 differs/);
      await signAnew(file);
      await isRefused(/is not what it was when it was made: (it cannot be read|nothing is in it)/);
    });
  }

  test('on the host that is not what its digest says is refused', async () => {
    const archive = `${ROOT}/${basename(whole)}`;
    await site.host.sh(`cp -a ${archive} /var/tmp/whole; truncate -s -1 ${archive}`);
    const {code, stderr} = await home.run(
      '-H',
      'web1',
      '--yes',
      'fastdeploy_restore',
      '--from',
      basename(whole),
    );
    assert.equal(code, 1);
    assert.match(stderr, /its SHA-256 differs/);
    await site.host.sh(`mv /var/tmp/whole ${archive}`);
  });
});
