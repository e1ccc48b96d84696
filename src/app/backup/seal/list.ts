/** What is said on the host of the files of a snapshot. */
import {sh} from '../../../host/command.ts';
import type {Tree} from '../../application.ts';
import {CONTENTS} from '../../snapshot/contents.ts';
import {MANIFEST} from '../../snapshot/manifest.ts';
import {inPartial, type Site} from '../site.ts';

/** Files from here on are hashed one by one, by what is fast; smaller ones many at a time, by what starts fast. */
const LARGE_KIB = 1024;

/** Hashes all files, on all processors; the digests are kept on the host for `recordsOf`. @throws CommandFailed */
export async function hashFiles(site: Site): Promise<void> {
  await site.host.run(
    inPartial(site, `${sh`work=${site.work}`.text}${HASH}`, {shownAs: `hash the files of ${site.name}`}),
  );
}

/** openssl takes what the processor itself can do for SHA-256; coreutils often do not. */
const HASH = `
cpus=$(nproc) has_openssl=
! command -v openssl >/dev/null || has_openssl=yes
export has_openssl
find . -type f -size +${LARGE_KIB}k -print0 | xargs -0 -r -n 1 -P "$cpus" sh -c '
  if [ "$has_openssl" ]; then digest=$(openssl dgst -sha256 -r <"$1"); else digest=$(sha256sum <"$1"); fi
  digest=\${digest%% *}
  [ \${#digest} -eq 64 ] && printf "h %s - - - - %s\\0" "$digest" "\${1#./}" >>"$0/hashes.$$"' "$work" || exit 1
find . -type f ! -size +${LARGE_KIB}k -print0 | xargs -0 -r -n 200 -P "$cpus" sh -c '
  sha256sum -z -- "$@" >"$0/lines.$$" &&
  sed -z "s|^\\(.\\{64\\}\\)  \\./|h \\1 - - - - |" "$0/lines.$$" >>"$0/hashes.$$" &&
  rm "$0/lines.$$"' "$work" || exit 1`;

/** Where links lead, by their path; one character a byte. */
export async function linksOf(site: Site): Promise<Map<string, string>> {
  const links = new Map<string, string>();
  let path: string | undefined;
  for await (const text of wordsOf(site, "find . -type l -printf '%P\\0%l\\0'", 'list links')) {
    if (path === undefined) path = text;
    else {
      links.set(path, text);
      path = undefined;
    }
  }
  return links;
}

/** The records for `entriesOf`: of all but the lists themselves, and of the originals of these trees as they are now. */
export function recordsOf(site: Site, trees: readonly Pick<Tree, 'path' | 'into'>[]): AsyncGenerator<string> {
  const originals = trees.map(({path, into}) => {
    const printed = (rest: string) => `o %m %U %G %u %g ${into.replaceAll(/[%\\]/g, '$&$&')}${rest}\\0`;
    const top = sh`find ${`${path}/`} -maxdepth 0 -printf ${printed('')}`.text;
    const below = sh`find ${`${path}/`} -mindepth 1 -printf ${printed('/%P')}`.text;
    return `${top}\n${below}`;
  });
  const script = `${sh`work=${site.work}`.text}
{
  find . -mindepth 1 ! -path ./${CONTENTS} ! -path ./${MANIFEST} -printf 'f %y %s %T@ - - %P\\0'
  cat "$work"/hashes.* 2>/dev/null
  ${originals.join('\n')}
} | LC_ALL=C sort -z -t ' ' -k 7 -T "$work"`;
  return wordsOf(site, script, 'list files');
}

/** What ends with a NUL byte each. */
async function* wordsOf(site: Site, script: string, shownAs: string): AsyncGenerator<string> {
  const running = await site.host.stream(inPartial(site, script, {shownAs}));
  running.stderr.resume();
  let rest = '';
  for await (const chunk of running.stdout.setEncoding('latin1')) {
    const words = `${rest}${chunk}`.split('\0');
    rest = words.pop() ?? '';
    yield* words;
  }
  await running.result;
}
