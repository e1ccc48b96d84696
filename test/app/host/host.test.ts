/** The hosts that applications are backed up on are real where it counts: systemd, journal, sudo, sshd, a wire. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {emptyFolder} from '../../e2e/ftask.ts';
import {noHost, openHost, startHost, type TestHost} from './host.ts';

const run = promisify(execFile);

const UNIT = `[Service]
ExecStart=/bin/sh -c 'echo "it says $0"; exec sleep 1000' hello
User=app
[Install]
WantedBy=multi-user.target
`;

describe('a host of the tests', {skip: noHost}, () => {
  let host: TestHost;
  before(async () => {
    host = await startHost({without: ['rsync']});
  });

  const ssh = async (user: string, ...words: string[]): Promise<string> => {
    const config = join(await emptyFolder(), 'config');
    await writeFile(config, host.sshConfig(user));
    const running = run('ssh', ['-F', config, '-o', 'ConnectTimeout=2', host.name, ...words]);
    running.child.stdin?.end();
    return (await running).stdout.trim();
  };

  test('lets admin in over SSH, who may become anybody, and root', async () => {
    assert.equal(await ssh('admin', 'id -un; hostname; sudo -n -u postgres id -un'), 'admin\nweb1\npostgres');
    assert.equal(await ssh('root', 'id -un'), 'root');
  });

  test('starts, stops and tells of units, and keeps what they say', async () => {
    await host.write('/etc/systemd/system/hello.service', UNIT);
    await host.sh('systemctl daemon-reload; systemctl enable --now hello 2>/dev/null');
    assert.equal((await host.sh('systemctl is-active hello; ps -o user= -C sleep')).trim(), 'active\napp');
    await host.sh('systemctl stop hello; ! systemctl is-active --quiet hello; ! pgrep -x sleep');
    assert.match(await host.sh('journalctl -q --sync; journalctl -u hello -o cat'), /^it says hello$/m);
  });

  test('lacks the programs that it is made without', async () => {
    await assert.rejects(host.sh('rsync --version'), /not found/);
    assert.ok(existsSync('/usr/bin/rsync'));
  });

  test('has files of its own, which are seen from here', async () => {
    await host.sh('echo written >/opt/file; chown app: /opt/file; echo stand-in >/usr/local/bin/program');
    assert.equal((await run('cat', [host.file('/opt/file')])).stdout, 'written\n');
    assert.ok(!existsSync('/opt/file') && !existsSync('/usr/local/bin/program'));
  });

  test('has a wire that can be cut', async () => {
    await host.cut();
    await assert.rejects(ssh('root', 'true'), /timed out|No route/i);
    await host.mend();
    assert.equal(await ssh('root', 'echo back'), 'back');
  });

  test('comes back at its address with what was on its disk when its power fails', async () => {
    const {pid, address} = host;
    await host.sh('echo kept >/opt/kept; sync; touch /run/lost');
    await host.reboot();
    assert.equal(host.address, address);
    assert.ok(host.pid !== pid && !existsSync(`/proc/${pid}`));
    assert.equal(await ssh('root', 'cat /opt/kept; test -e /run/lost || echo new'), 'kept\nnew');
  });

  test('goes without a trace, and others live on', async () => {
    const other = await openHost({name: 'web2'});
    assert.notEqual(other.address, host.address);
    assert.equal((await other.sh('hostname')).trim(), 'web2');
    await other.remove();
    assert.ok(!existsSync(`/proc/${other.pid}`) && !existsSync(other.identity));
    assert.equal(await host.sh('echo here'), 'here\n');
  });
});
