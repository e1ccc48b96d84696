/** One line in the destination's authorized_keys, for as long as one rsync runs. */
import {UsageError} from '../../../errors.ts';
import {type Command, sh} from '../../../host/command.ts';
import type {Host} from '../../../host/host.ts';
import type {Undo} from '../../../runner/undo.ts';
import type {CopyTools} from '../channel.ts';
import {noDirectWay} from './no-direct-way.ts';

export interface AdmissionRequest {
  /** `ssh-ed25519 AAAA...`, without a comment. */
  readonly publicKey: string;
  /** Whose line it is, in letters, digits and dashes; no two are alike. */
  readonly name: string;
  /** Addresses that the source may come from. */
  readonly from: readonly string[];
  /** The only command that the key may run, as root. */
  readonly command: Command;
}

/** In the environment of what the key has started. */
const MARK = 'FTASK_COPY';

/** Time to log in; who is in stays in. */
const VALID_SECONDS = 300;
const NO_SUDO = 97;

/**
 * Lets the source in, for one command: a line of the user that ftask logs in as, sshd(8) AUTHORIZED_KEYS FILE FORMAT.
 * Lines that are left of runs that were killed go with it. Its way back ends what the key has started, too, should that
 * not know yet that its source is gone. @throws FtaskError `NoDirectWay`
 */
export async function admit({run}: CopyTools, target: Host, request: AdmissionRequest): Promise<Undo> {
  const {name} = request;
  const undo = run.undo.push(`the key ${name} in authorized_keys of ${target.name}`, () =>
    dismiss(target, name),
  );
  const {code} = await target.run(admissionScript(request), {
    accept: [0, NO_SUDO],
    shownAs: `let ${name} in by authorized_keys`,
  });
  if (code === 0) return undo;
  throw noDirectWay(target, 'sudo asks for a password there, and nobody could answer');
}

async function dismiss(target: Host, name: string): Promise<void> {
  const script = sh`${EDIT}
edit ${name} '' || exit
left=$(sudo -n grep -lszx ${`${MARK}=${name}`} /proc/[0-9]*/environ | cut -d / -f 3)
[ -z "$left" ] || sudo -n kill $left 2>/dev/null
exit 0`;
  await target.run(script, {undoes: true, shownAs: `remove ${name} from authorized_keys`});
}

function admissionScript({publicKey, name, from, command}: AdmissionRequest): Command {
  const forced = sh`sudo -n env ${`${MARK}=${name}`} ${command}`.text;
  if (/[\r\n]/.test(forced))
    throw new UsageError('BadPath', `a path may not have a line break: ${JSON.stringify(forced)}`);
  return sh`${EDIT}
sudo -n true 2>/dev/null || exit ${NO_SUDO}
until=$(($(date +%s) + ${VALID_SECONDS}))
# An sshd older than 7.7 refuses the option, and with it the line. The time is that of its zone, not of the user's.
case $(ssh -V 2>&1) in
  OpenSSH_[1-6].*|OpenSSH_7.[0-6]*) limit= ;;
  *) limit=,expiry-time='"'$(unset TZ; date -d "@$until" +%Y%m%d%H%M%S)'"' || exit ;;
esac
options=restrict$limit,from=${`"${from.join(',')}"`},command=${`"${forced.replaceAll('"', '\\"')}"`}
edit ${name} "$options "${publicKey}" "${name}"-$until"`;
}

/**
 * `edit NAME LINE`: takes the line of that name out, with those of ours that are void by now, and puts a line in front.
 * All others stay as they are, to the byte. A line tells by its end whether the file was made for it, or the folder, too.
 */
const EDIT = sh`umask 077
LC_ALL=C; export LC_ALL
edit() (
  made=
  [ -n "$2" ] || [ -e .ssh/authorized_keys ] || exit 0
  [ -d .ssh ] || { mkdir .ssh && made=-folder; } || exit
  file=$(readlink -f .ssh/authorized_keys) || exit
  # Two runs must not undo each other's edit; what one left that was killed is nobody's.
  exec 8<.ssh
  if command -v flock >/dev/null; then flock -w 30 8 && rm -f "$file".ftask-* || exit; fi
  if [ ! -e "$file" ]; then made=$made-file; : >"$file" || exit; fi
  ours=$(awk -v name="$1" -v now="$(date +%s)" '
    $NF ~ /^ftask-[0-9A-Za-z-]*-[0-9]+(-folder)?(-file)?$/ {
      end = $NF; sub(/(-folder)?(-file)?$/, "", end)
      until = end; sub(/.*-/, "", until)
      if (until + 0 < now + 0 || index(end, name "-") == 1) print $NF
    }' "$file")
  new=$file.ftask-$$
  trap 'rm -f "$new"' EXIT
  mode=$(stat -c %a "$file") && cp -p "$file" "$new" && chmod u+w "$new" &&
  { [ -z "$2" ] || printf '%s\n' "$2$made"; sed "$(for one in $ours; do echo "/ $one\$/d"; done)" "$file"; } >"$new" &&
  chmod "$mode" "$new" && mv "$new" "$file" || exit
  case $ours in *-file*) [ -s "$file" ] || rm "$file" ;; esac
  case $ours in *-folder*) [ -e "$file" ] || rmdir .ssh ;; esac
  exit 0
)`;
