/** What runs on a host while a snapshot becomes an archive: it is read, packed, hashed and sent in one pass. */

import {asRoot} from '../../../disk/as-root.ts';
import {type Command, sh, shellText} from '../../../host/command.ts';
import type {ArchiveWish} from '../../application.ts';
import {NO_LIMIT_MS} from '../../limits.ts';
import {partialName} from '../../snapshot/name.ts';
import type {Site} from '../site.ts';

export interface ArchiveWords {
  /** Marks what the script says on stderr. */
  readonly id: string;
  /** The name of the archive. */
  readonly archive: string;
  /** Whether the archive goes to stdout, too. */
  readonly send: boolean;
  /** Whether there must be room for the largest that it can become. */
  readonly needsRoom: boolean;
}

/** `tar.gz` is `shop-20261121T190256Z.tar.gz`, and `.age` behind it when it is encrypted. */
export function archiveName(name: string, {format, recipients}: ArchiveWish): string {
  return `${name}.${format}${recipients.length > 0 ? '.age' : ''}`;
}

/**
 * Says `archive <bytes> <sha256>` when the archive has its name, with its digest beside it. All programs of the pipe
 * must have ended well; how each did is kept in the folder for what is gone in the end, which a full disk spoils, too.
 */
export function archiveScript(
  {root, name, work, signal}: Site,
  {format, recipients}: ArchiveWish,
  {id, archive, send, needsRoom}: ArchiveWords,
): Command {
  const words = sh`id=${id} root=${root} name=${name} work=${work} archive=${archive} partial=${partialName(archive)}`;
  const keys = recipients.flatMap((key) => ['-r', key]);
  const members = [
    'ended tar tar --format=posix --pax-option=delete=atime,delete=ctime -cf - -- "$name"',
    format === 'tar.gz' ? 'ended gzip compress' : 'ended zstd zstd -q -T0 -c',
    ...(keys.length > 0 ? [sh`ended age age ${keys}`.text] : []),
    `ended tee tee "$partial" ${send ? '/dev/fd/3 >&4' : '>&3'}`,
  ];
  const text = `${words.text}${TALK}${needsRoom ? ROOM : ''}
send() { ${members.join(' | ')}; }
{ digest=$(send 3>&1 | sha256); } 4>&1
${keep(members.length)}`;
  return asRoot(shellText(text), {umask: 0o077, timeoutMs: NO_LIMIT_MS, signal, shownAs: `make ${archive}`});
}

const TALK = `
say() { echo "$id $1" >&2; }
cd "$root" && mkdir -p "$work" || exit 1
codes=$work/codes
: >"$codes" || exit 1
ended() {
  program=$1
  shift
  "$@"
  code=$?
  echo "$code $program" >>"$codes"
  [ "$code" -eq 0 ] || echo "$program ended with exit code $code" >&2
}
compress() { if command -v pigz >/dev/null; then pigz -c; else gzip -c; fi; }
sha256() {
  if command -v openssl >/dev/null; then openssl dgst -sha256 -r; else sha256sum; fi | cut -d ' ' -f 1
}`;

/** By now it is known how much it is; every member of an archive takes a few blocks of 512 bytes beside its content. */
const ROOM = `
most=$(find "$name" -printf '%s\\n' | awk '{sum += $1 + 2560} END {printf "%.0f", sum + 20480}')
free=$(df -B1 --output=avail . | tail -n 1)
[ "$free" -ge "$most" ] || {
  echo "it may need $((most >> 20)) MiB, and there are $((free >> 20)) MiB free" >&2
  exit 1
}`;

/** The digest is there before the archive: none is ever without it. */
function keep(members: number): string {
  return `
well=$(grep -c '^0 ' "$codes")
[ "$well" -eq ${members} ] && [ \${#digest} -eq 64 ] || exit 1
bytes=$(stat -c %s "$partial") || exit 1
sync "$partial" || exit 1
sum=.$archive.sha256.partial
printf '%s  %s\\n' "$digest" "$archive" >"$sum" && sync "$sum" || exit 1
mv -T -- "$sum" "$archive.sha256" && mv -T -- "$partial" "$archive" && sync . || exit 1
say "archive $bytes $digest"`;
}
