/** What runs on a host while something is fetched from it. */
import {type Command, sh, shellText} from '../../command.ts';
import {SHA256, TALK} from './shell-parts.ts';

export interface GetWords {
  /** Marks what the script says. */
  readonly id: string;
  readonly path: string;
}

/**
 * Writes a line `file <bytes> <mode> ...` or `folder ...` (what `stat` says), then the content: a folder as a tar
 * stream. Says `sha256 <digest>` when that is out and the file is as it was at the start.
 */
export function getScript({id, path}: GetWords): Command {
  return shellText(`${sh`id=${id} path=${path}`.text}${TALK}${SHA256}${READ}`);
}

/** The content is read once, for both of us: `/dev/fd/3` is the pipe to `sha256`, 4 is our stdout. */
const READ = `
ls -d "$path" >/dev/null || fail no-path
kind=
[ ! -f "$path" ] || kind=file
[ ! -d "$path" ] || kind=folder
[ -n "$kind" ] || fail no-kind
look() { stat -Lc "%s %a %y %z" "$path" 2>/dev/null || stat -Lf "%z %Lp %Fm %Fc" "$path"; }
before=$(look) || fail unread
size=\${before%% *}
send() {
  if [ "$kind" = file ]; then tee /dev/fd/3 <"$path" >&4 || say unread
  else { tar -C "$path" -cf - . || say unread; } | tee /dev/fd/3 >&4
  fi
}
[ "$kind" = file ] || size=1048576
echo "$kind $before"
{ digest=$(send 3>&1 | sha256); } 4>&1
[ -n "$digest" ] || fail no-sha256
[ "$kind" = folder ] || [ "$before" = "$(look)" ] || fail changed
say "sha256 $digest"`;
