/** `ftask app_backup` on a host where little is as one would expect it. */
import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {type Entry, parseContentsLine} from '../../../src/app/snapshot/contents.ts';
import {noHost, startHost, type TestHost} from '../../app/host/host.ts';
import type {HostsHome} from '../hosts/home.ts';
import {appHome} from './home.ts';

const CONFIG = `
apps:
  blanks: {components: {site: {tree: /srv/blanks}, conf: {files: [/srv/conf.d/*]}}}
  odd: {components: {site: {tree: /srv/odd}, void: {tree: /srv/void}}}
  quiet: {components: {conf: {files: [/srv/conf.d/site.conf]}, logs: {journal: no-such.service}}}
  silent: {components: {conf: {files: [/srv/conf.d/site.conf]}, logs: {journal: no-such.service, required: true}}}
  half: {components: {conf: {files: [/srv/conf.d/*, /srv/none/*.conf], required: false}}}
`;

describe('ftask app_backup on an odd host', {skip: noHost}, () => {
  let host: TestHost;
  let home: HostsHome;
  before(async () => {
    host = await startHost();
    home = await appHome([host], {'ftask.yaml': CONFIG});
    await host.sh(`
      echo 'domain users:x:4711:' >>/etc/group
      echo 'ann lee:x:4712:4711::/:/bin/sh' >>/etc/passwd
      install -d /srv/blanks /srv/odd /srv/void /srv/conf.d
      umask 077
      echo x >/srv/blanks/file
      echo y >"/srv/conf.d/$(printf 'gr\\374n\\n.conf')"
      echo z >/srv/conf.d/site.conf
      chmod 0640 /srv/blanks/file /srv/conf.d/*
      chown -R 4712:4711 /srv/blanks /srv/conf.d`);
  });

  const backUp = async (app: string, ...words: string[]) => {
    const {code, stdout, stderr} = await home.run(
      '-H',
      'web1',
      '--json',
      'app_backup',
      '--app',
      app,
      ...words,
    );
    const snapshot: string = JSON.parse(stdout).tasks?.[0]?.result?.[0]?.snapshot ?? '';
    return {code, stdout, stderr, snapshot};
  };
  const entriesIn = (snapshot: string): Entry[] =>
    readFileSync(join(host.file(snapshot), 'contents.jsonl'), 'latin1')
      .trimEnd()
      .split('\n')
      .flatMap((line) => parseContentsLine(line) ?? []);

  test('knows owners and modes of users and groups with blanks in their names', async () => {
    const {code, stderr, snapshot} = await backUp('blanks');
    assert.equal(code, 0, stderr);
    const entries = entriesIn(snapshot).filter(({path}) => /^(site|conf)\/./.test(path));
    assert.deepEqual(
      entries.map(({path, mode, uid, owner, gid, group, source}) => ({
        path,
        mode,
        uid,
        owner,
        gid,
        group,
        source,
      })),
      [
        ['conf/gr\xfcn\n.conf', '/srv/conf.d/gr\xfcn\n.conf'],
        ['conf/site.conf', '/srv/conf.d/site.conf'],
        ['site/file', undefined],
      ].map(([path, source]) => ({
        ...{path, mode: '0640', uid: 4712, owner: 'ann lee', gid: 4711, group: 'domain users', source},
      })),
    );
  });

  test('tells which of several files it did not find', async () => {
    const {code, stderr} = await backUp('half');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /conf: captured without some: there is no file \/srv\/none\/\*\.conf/);
  });

  test('keeps trees of odd things: empty, sparse, linked, endless names, neither file nor folder', async () => {
    await host.sh(`cd /srv/odd
      long=$(printf '%0255d' 0)
      touch -- "$long" -rf '*' "$(printf 'a\\nb')" "$(printf '\\377\\t\\r')" ' lead' 'trail ' '"' "'" '\\'
      truncate -s 50M sparse
      ln -- -rf hard
      ln -s / up
      mkdir -p "$long/$long" 2>/dev/null || mkdir -p "d$(printf '%0254d' 1)"
      deep=.
      for level in $(seq 15); do mkdir "$(printf '%0240d' 1)"; cd "$(printf '%0240d' 1)"; done
      echo deep >file
      cd /srv/odd
      mkfifo pipe
      python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
      mknod device c 1 5`);
    const {code, stderr, snapshot} = await backUp('odd');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /site: neither file nor folder, left out: device, pipe, sock/);
    const there =
      await host.sh(`cd /srv/odd; find . -mindepth 1 ! -name pipe ! -name sock ! -name device -printf '%P\\0' | sort -z | sha256sum
      cd ${snapshot}/site; find . -mindepth 1 -printf '%P\\0' | sort -z | sha256sum
      cd ..; sha256sum -c --quiet --strict manifest.sha256; ls -A void | wc -l`);
    const [source, copy, inVoid] = there.split('\n');
    assert.deepEqual([copy, inVoid], [source, '0']);
  });

  test('has no empty journal of a unit that nobody has heard of', async () => {
    const {code, stderr, snapshot} = await backUp('quiet');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /logs: nothing is captured: [\s\S]*the journal has nothing of no-such\.service/);
    assert.deepEqual((await host.sh(`ls ${snapshot}`)).trim().split('\n').sort(), [
      'conf',
      'contents.jsonl',
      'manifest.sha256',
      'metadata.yml',
    ]);
    const silent = await backUp('silent');
    assert.equal(silent.code, 1);
    assert.match(silent.stdout, /the journal has nothing of no-such\.service/);
  });

  test('is nothing else for users with an odd shell or an open umask, and nobody else can read any of it', async () => {
    await host.sh(`echo 'umask 000' >>/etc/profile; echo 'umask 000; echo noise; echo noise >&2' >/home/admin/.bashrc
      echo 'umask 000; echo noise' >/root/.bashrc; usermod -s /bin/bash admin; chown admin /home/admin/.bashrc`);
    const {code, stderr, snapshot} = await backUp('blanks');
    assert.equal(code, 0, stderr);
    if (existsSync('/usr/bin/fish')) {
      await host.sh('usermod -s /usr/bin/fish admin');
      const fished = await backUp('blanks');
      await host.sh('usermod -s /bin/bash admin');
      assert.equal(fished.code, 0, fished.stderr);
    }
    const modes = await host.sh(`find ${snapshot}* /opt/backups/blanks -printf '%y %m %U\\n' | sort -u`);
    assert.equal(modes, 'd 700 0\nf 600 0\n');
  });
});
