/** What is said on the host of the files of a snapshot. */
import {sh} from '../../../host/command.ts';
import type {Tree} from '../../application.ts';
import {wordsOf} from '../../output.ts';
import {CONTENTS} from '../../snapshot/contents.ts';
import {MANIFEST} from '../../snapshot/manifest.ts';
import {inPartial, type Site} from '../site.ts';

/** Hashes all files, on all processors; the digests are kept on the host for `recordsOf`. @throws CommandFailed */
export async function hashFiles(site: Site): Promise<void> {
  await site.host.run(
    inPartial(site, `${sh`work=${site.work}`.text}${HASH}`, {shownAs: `hash the files of ${site.name}`}),
  );
}

/**
 * openssl takes what the processor itself can do for SHA-256; coreutils often do not. It writes a line a file, so names
 * with line ends, and those with backslashes, which newer ones escape, are left to coreutils.
 */
const HASH = `
find . -type f -print0 | xargs -0 -r -n 64 -P "$(nproc)" sh -c '
  case $* in
    *\\\\* | *"
"*) plain= ;;
    *) plain=$(command -v openssl) ;;
  esac
  lines=$0/lines.$$
  if [ "$plain" ]; then openssl dgst -sha256 -r "$@" | tr "\\n" "\\0" >"$lines"
  else sha256sum -z -- "$@" >"$lines"; fi &&
  sed -z "s|^\\(.\\{64\\}\\) [ *]\\./|h\\t\\1\\t-\\t-\\t-\\t-\\t|" "$lines" >>"$0/hashes.$$" && rm "$lines"' "$work"`;

/** Where links lead, by their path; one character a byte. */
export async function linksOf(site: Site): Promise<Map<string, string>> {
  const links = new Map<string, string>();
  let path: string | undefined;
  for await (const text of wordsIn(site, "find . -type l -printf '%P\\0%l\\0'", 'list links')) {
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
    const printed = (rest: string) =>
      `o\\t%m\\t%U\\t%G\\t%u\\t%g\\t${into.replaceAll(/[%\\]/g, '$&$&')}${rest}\\0`;
    const top = sh`find ${`${path}/`} -maxdepth 0 -printf ${printed('')}`.text;
    const below = sh`find ${`${path}/`} -mindepth 1 -printf ${printed('/%P')}`.text;
    // What is gone by now is told by 1; one that was killed has told of nothing behind it.
    return `${top} || [ $? -eq 1 ] || exit\n${below} || [ $? -eq 1 ] || exit`;
  });
  const script = `${sh`work=${site.work}`.text}
{
  find . -mindepth 1 ! -path ./${CONTENTS} ! -path ./${MANIFEST} -printf 'f\\t%y\\t%s\\t%T@\\t-\\t-\\t%P\\0' || exit
  cat "$work"/hashes.* 2>/dev/null
  ${originals.join('\n')}
  : >"$work/listed"
} | LC_ALL=C sort -z -t "$(printf '\\t')" -k 7 -T "$work" && [ -e "$work/listed" ]`;
  return wordsIn(site, script, 'list files');
}

function wordsIn(site: Site, script: string, shownAs: string): AsyncGenerator<string> {
  return wordsOf(site.host, inPartial(site, script, {shownAs}), '\0');
}
