/** The key that lets the source in: where it is, what it may do, and that nothing of it stays. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import type {FtaskError} from '../../../src/errors.ts';
import {sh} from '../../../src/host/command.ts';
import {HostKeyRejected, HostUnreachable} from '../../../src/host/failures.ts';
import {copyTree, type TreeCopy} from '../../../src/replica/trees/copy-tree.ts';
import {failureOf} from '../../host/failure-of.ts';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {differences} from './compare.ts';
import {hostPair, PAIR_FLEET, type Pair} from './pair.ts';

const SLOW = {
  ...PAIR_FLEET,
  links: [{between: ['eu-west-1', 'eu-central-1'], delay: '2ms', bandwidth: '16Mbit'}],
};
const KEYS = '/home/admin/.ssh/authorized_keys';

describe('the direct way', {skip: noHardware}, () => {
  let pair: Pair;
  let own: string;
  before(async () => {
    pair = await hostPair(SLOW);
    own = await keys();
  });
  const keys = () => pair.target.root(`cat ${KEYS}`);
  const plant = () => pair.source.root('head -c 6M /dev/urandom >/srv/ext4/large');
  /** Copies, and looks at it while bytes flow. */
  const copyWhile = async (look: (privateKey: string) => Promise<void>, more: Partial<TreeCopy> = {}) => {
    let looking: Promise<void> | undefined;
    let privateKey = '';
    const keyPair: Pair['tools']['keyPair'] = (comment) => {
      const made = pair.tools.keyPair(comment);
      privateKey = made.privateKey.reveal();
      return made;
    };
    await copyTree(
      {...pair.tools, keyPair},
      {
        source: pair.end('source', 'ext4'),
        target: pair.end('target', 'ext4'),
        way: 'direct',
        excludes: [],
        allowVanished: false,
        checksum: false,
        say: (text) => {
          if (/^copied [1-9]/.test(text)) looking ??= look(privateKey);
          // It is awaited when the copy is done.
          looking?.catch(() => {});
        },
        ...more,
      },
    );
    assert.ok(looking, 'it was over before anybody could look');
    await looking;
  };

  test('has its key on no disk and in no process list of the source', async () => {
    await plant();
    await copyWhile(async (privateKey) => {
      const part = privateKey.split('\n')[3] ?? '';
      assert.equal(part.length, 70);
      const search = async () => {
        const script =
          "sync; grep -rlaFf - /etc /home /root /run /tmp /var /srv /dev/shm $(findmnt -no SOURCE /) || true; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -cFf /dev/fd/3 3</run/key-part || true";
        await pair.source.host.run(sh`cat >/run/key-part`, {sudo: true, stdin: part});
        const {stdout} = await pair.source.host.run(sh`sh -c ${script}`, {sudo: true, stdin: part});
        return stdout;
      };
      // What the search is for is found: the one place that we have put it.
      assert.equal(await search(), '/run/key-part\n0\n');
      await pair.source.root('rm /run/key-part');
      assert.equal(await pair.source.root('pgrep -c ssh-agent'), '1\n');
    });
    assert.equal(
      await pair.source.root('ls -d /run/ftask* /tmp/ssh-* 2>/dev/null || true; pgrep ssh-agent || true'),
      '',
    );
  });

  test('is one line of authorized_keys that runs one command, for minutes, from the source alone', async () => {
    await plant();
    await copyWhile(async () => {
      const [line = '', ...rest] = (await keys()).split('\n');
      assert.deepEqual(rest.join('\n'), own);
      const [, limit = '', from = '', command = ''] =
        /^restrict,expiry-time="(\d{14})",from="([^"]*)",command="([^"]*)" ssh-ed25519 \S+ ftask-\S+$/.exec(
          line,
        ) ?? [];
      assert.ok(from.split(',').includes(pair.source.machine.address), from);
      assert.ok(!from.split(',').includes(pair.target.machine.address), from);
      assert.match(
        command,
        /^sudo -n env '?FTASK_COPY=ftask-[^ ']+'? rsync --server \S+ [^;&|<>]* \. \/srv\/ext4\/$/,
      );
      const [now, soon] = (
        await pair.target.root("date +%Y%m%d%H%M%S; date -d '6 minutes' +%Y%m%d%H%M%S")
      ).split('\n');
      assert.ok(limit > (now ?? '') && limit < (soon ?? ''), `${limit} at ${now}`);
      assert.equal(
        await pair.target.root('ls /root/.ssh 2>&1 || true'),
        "ls: cannot access '/root/.ssh': No such file or directory\n",
      );
    });
  });

  test('gives whoever has the key no shell, no other command, no forwarding, and nothing from elsewhere', async () => {
    await plant();
    await copyWhile(async (privateKey) => {
      const login = `ssh -F none -i /dev/shm/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
      const place = `admin@${pair.target.machine.address}`;
      for (const {root, host} of [pair.source, pair.target]) {
        await host.run(sh`umask 077; cat >/dev/shm/key`, {sudo: true, stdin: privateKey});
        const attempt = await root(`${login} ${place} 'id; echo in' </dev/null 2>&1 || echo failed`);
        const forward = await root(
          `timeout 3 ${login} -o ExitOnForwardFailure=yes -W localhost:22 ${place} </dev/null 2>&1 || echo failed`,
        );
        await root('rm /dev/shm/key');
        assert.ok(!/uid=|^in$|^SSH-/m.test(attempt + forward), attempt + forward);
        assert.match(attempt, /failed/);
        assert.match(forward, /failed/);
      }
    });
  });

  for (const [what, make] of [
    ['without a line break at its end', `printf '%s' "$(cat ${KEYS})" >${KEYS}`],
    [
      'with bytes that are no text, and options',
      `printf '# \\377\\376\\n\\nfrom="10.*" ssh-rsa AAAA a "b" c\\\\\\n' >>${KEYS}`,
    ],
    ['that nobody else may read', `chmod 400 ${KEYS}`],
    ['that is a link', `mv ${KEYS} /home/admin/keys; ln -s ../keys ${KEYS}`],
  ] as const) {
    test(`leaves authorized_keys as it was, to the byte: one ${what}`, async () => {
      const facts = () =>
        pair.target.root(
          `sha256sum <${KEYS}; stat -c '%a %U %F' ${KEYS}; stat -L -c '%a %U %F' ${KEYS}; ls -A /home/admin/.ssh`,
        );
      await pair.target.root(`cp -p ${KEYS} /root/keys; ${make}`);
      try {
        const before = await facts();
        await pair.copy('direct', 'ext4', 'ext4');
        assert.equal(await facts(), before);
      } finally {
        await pair.target.root(`rm -f ${KEYS} /home/admin/keys; mv /root/keys ${KEYS}`);
      }
    });
  }

  for (const [what, hide, show] of [
    ['file', `mv ${KEYS} /root/keys`, `mv /root/keys ${KEYS}`],
    ['folder', 'mv /home/admin/.ssh /root/hidden', 'mv /root/hidden /home/admin/.ssh'],
  ] as const) {
    test(`leaves no ${what} that was not there`, async () => {
      // Who is logged in stays in.
      await pair.target.root(hide);
      try {
        await pair.copy('direct', 'ext4', 'ext4');
        assert.equal(
          await pair.target.root('ls -A /home/admin/.ssh 2>/dev/null || echo none'),
          what === 'file' ? '' : 'none\n',
        );
      } finally {
        await pair.target.root(show);
      }
    });
  }

  test('removes lines of its own that are void, and no others', async () => {
    const line = (name: string) => `restrict,command="false" ssh-ed25519 AAAA ${name}`;
    const now = Math.floor(Date.now() / 1000);
    const [old, alive, like] = [
      line(`ftask-20261121T043012Z-7f3a9c-0a1b2c3d-${now - 60}`),
      line(`ftask-20261121T043012Z-7f3a9c-0a1b2c3e-${now + 600}`),
      line(`my ftask-20261121T043012Z`),
    ];
    await pair.target.root(`printf '%s\\n' '${old}' '${alive}' '${like}' >>${KEYS}`);
    await pair.copy('direct', 'ext4', 'ext4');
    assert.equal(await keys(), `${own}${alive}\n${like}\n`);
    await pair.target.host.run(sh`cat >${KEYS}`, {sudo: true, stdin: own});
  });

  test('two at once into one host do not take each other’s line away', async () => {
    const copies = (['ext4', 'xfs'] as const).map((type) => pair.copy('direct', type, type));
    await Promise.all(copies);
    assert.equal(await keys(), own);
    assert.deepEqual(await differences(pair, 'xfs', 'xfs'), []);
  });

  test('sends nothing to a host that has another host key', async () => {
    const {port, user} = pair.target.reach;
    // The source itself answers there: by the same name of a user, and with sudo.
    const target = {...pair.end('target', 'ext4'), reach: {port, user, address: pair.source.machine.address}};
    const error = await failureOf(pair.copy('direct', 'ext4', 'ext4', {target}));
    assert.ok(error instanceof HostKeyRejected, String(error));
    assert.match(error.message, /^what answers source at .* port 22 is not target: it has another host key/);
    assert.equal(await keys(), own);
  });

  test('tells that nobody answers, and what to do', async () => {
    const target = {...pair.end('target', 'ext4'), reach: {...pair.target.reach, port: 9}};
    const error = await failureOf(pair.copy('direct', 'ext4', 'ext4', {target}));
    assert.ok(error instanceof HostUnreachable, String(error));
    assert.match(error.message, /^source does not reach target at .* port 9: .*Connection refused/);
    assert.match(error.hint ?? '', /--through-controller/);
    assert.equal(await keys(), own);
  });

  test('tells that the user is not let in', async () => {
    const target = {...pair.end('target', 'ext4'), reach: {...pair.target.reach, user: 'backup'}};
    const error = (await failureOf(pair.copy('direct', 'ext4', 'ext4', {target}))) as FtaskError;
    assert.equal(error.code, 'LoginRefused');
    assert.match(error.message, /^target does not let source in at .* port 22: .*Permission denied/);
    assert.equal(await keys(), own);
  });

  test('tells that sudo asks for a password there, before anything is touched', async () => {
    const sudoers = '/etc/sudoers.d/90-cloud-init-users';
    const {host} = pair.target;
    await host.run(sh`cp -p ${sudoers} /run/sudoers`, {sudo: true});
    // sh alone, as far as ftask itself needs it.
    await host.run(sh`echo 'admin ALL=(ALL) NOPASSWD: /usr/bin/sh, /bin/sh' >${sudoers}`, {sudo: true});
    try {
      const error = (await failureOf(pair.copy('direct', 'ext4', 'ext4'))) as FtaskError;
      assert.equal(error.code, 'NoDirectWay');
      assert.match(error.message, /^target: no other host can be let in: sudo asks for a password there/);
      await pair.copy('through-controller', 'ext4', 'ext4');
    } finally {
      await host.run(sh`cp -p /run/sudoers ${sudoers}; rm /run/sudoers`, {sudo: true});
    }
    assert.equal(await keys(), own);
  });
});
