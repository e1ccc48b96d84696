/** Archives that arrive in a folder where others put things, too. */
import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {receivedFile} from '../../../src/app/backup/archive/received-file.ts';
import {atEnd} from '../../ssh/at-end.ts';

const NAME = 'manual-20261121T190256Z.tar.gz';

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ftask-received-'));
  atEnd(async () => rmSync(folder, {recursive: true}));
  return folder;
}

async function* pieces(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

describe('an archive that arrives', () => {
  const begun = async (folder: string) => {
    const file = await receivedFile(folder, NAME);
    assert.ok(file);
    return file;
  };

  test('takes away what runs that died have left of theirs, and nothing else', async () => {
    const folder = emptyFolder();
    const [dead, living, other] = [
      '.manual-20261120T010203Z.tar.zst.age.partial',
      `.x-${NAME}.partial`,
      '.a.partial',
    ];
    for (const name of [dead, living, other]) writeFileSync(join(folder, name), 'half');
    const longAgo = Date.now() / 1000 - 49 * 3600;
    for (const name of [dead, other]) utimesSync(join(folder, name), longAgo, longAgo);
    const file = await begun(folder);
    await file.discard();
    assert.deepEqual(readdirSync(folder).sort(), [other, living].sort());
  });

  test("has a digest beside it that is written through no link of somebody else's", async () => {
    const folder = emptyFolder();
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'mine');
    symlinkSync(victim, join(folder, `${NAME}.sha256`));
    const file = await begun(folder);
    await file.write(pieces('whole'));
    const receipt = {application: 'shop', host: 'web1', snapshot: NAME.slice(0, -7), sha256: '0'.repeat(64)};
    await file.keep(receipt);
    assert.equal(readFileSync(victim, 'utf8'), 'mine');
    assert.equal(readFileSync(`${file.path}.sha256`, 'utf8'), `${'0'.repeat(64)}  ${NAME}\n`);
    assert.deepEqual(JSON.parse(readFileSync(`${file.path}.json`, 'utf8')), {...receipt, archive: NAME});
  });

  test('is refused where nothing can be written, in words', async () => {
    const taken = join(emptyFolder(), 'file');
    writeFileSync(taken, '');
    await assert.rejects(receivedFile(join(taken, 'x'), NAME), {
      code: 'TransferFailed',
      message: /cannot write .* here: a part of the path is no folder$/,
    });
  });
});
