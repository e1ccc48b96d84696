/** The lock of an application on its host: what writes there excludes everything else that does, whoever started it. */
import {asRoot} from '../../disk/as-root.ts';
import {FtaskError, RefusedError} from '../../errors.ts';
import {type Command, sh, shellText} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {readHeaded} from '../../host/transfer/script/headed.ts';
import type {Secret} from '../../secret.ts';
import {NO_LIMIT_MS} from '../limits.ts';
import {lastOf} from '../output.ts';

export interface HostLock {
  /** Who held it when their connection or their machine died; what they began may still lie there. */
  readonly stale?: string;
  /** Aborted when the lock is lost, as with the connection: nothing more may be written then. */
  readonly lost: AbortSignal;
  /** Starts the script of a restore, which holds the lock, too, and outlives us. Each database has its password. */
  startScript(mode: 'run' | 'recover', passwords: readonly (Secret | undefined)[]): void;
  /** Gives it back. May be called twice; never rejects: a lock that is lost is nobody's. */
  release(): Promise<void>;
}

/**
 * Takes the lock of the application whose snapshots are in `root`, and makes that folder, root's alone, where nobody else
 * can put another in its place or could have put anything into it. A process on
 * the host holds it with flock(2), for as long as we give a sign of life; the kernel releases it whatever happens.
 * @throws RefusedError `Locked`, which names the holder; FtaskError `LockFailed`; what `Host.stream` throws
 */
export async function lockOnHost(host: Host, root: string, owner: string): Promise<HostLock> {
  const running = await host.stream(lockScript(root, owner), {
    undoes: true,
    accept: 'any',
    timeoutMs: NO_LIMIT_MS,
    shownAs: `lock ${root}`,
  });
  const noise = lastOf(running.stderr);
  const headed = await readHeaded(running.stdout).catch(() => undefined);
  const [word = '', ...rest] = headed?.line.split(' ') ?? [];
  const text = rest.join(' ');
  if (word === 'busy') {
    throw new RefusedError('Locked', `${host.name}: ${root} is in use: ${text || 'by somebody unknown'}`, {
      hint: 'try again when that is done; nothing was changed',
    });
  }
  if (word !== 'held') {
    await running.result;
    throw new FtaskError(
      'LockFailed',
      `${host.name}: cannot lock ${root}: ${(await noise).trim() || 'no answer'}`,
    );
  }
  const lost = new AbortController();
  let isReleased = false;
  const over = running.result.then(
    () => {},
    () => {},
  );
  const beat = setInterval(() => running.stdin.write(ALIVE), BEAT_MS);
  running.stdin.on('error', () => {});
  void over.then(() => {
    clearInterval(beat);
    if (!isReleased) lost.abort(new FtaskError('LockLost', `${host.name}: the lock of ${root} is lost`));
  });
  return {
    ...(text && {stale: text}),
    lost: lost.signal,
    startScript: (mode, passwords) => {
      const words = passwords.map((one) => Buffer.from(one?.reveal() ?? '').toString('base64') || '-');
      running.stdin.write(`${RESTORE}${mode}\n${words.join(' ')}\n`);
    },
    release: async () => {
      isReleased = true;
      clearInterval(beat);
      if (!running.stdin.writableEnded) running.stdin.end(RELEASE);
      await over;
    },
  };
}

/** All are of the same length, so that one read takes one. */
const ALIVE = 'alive..\n';
const RELEASE = 'release\n';
const RESTORE = 'restore\n';
const SIGN_BYTES = RELEASE.length;
const BEAT_MS = 15_000;
/** A host does not learn that a network is gone; who sends no sign for so long does not hold the lock any more. */
const EXPIRY_SECONDS = 120;

/** The file tells who holds it; one that was given back is empty. It stays, since removing it would let two hold it. */
function lockScript(root: string, owner: string): Command {
  return asRoot(shellText(`${sh`root=${root} owner=${owner}`.text}${HOLD}`));
}

const HOLD = `
umask 077
command -v flock >/dev/null || { echo "there is no flock (util-linux)" >&2; exit 1; }
roots_alone() {
  at=$1
  until [ "$at" = / ]; do
    facts=$(stat -c '%u %g %A' -- "$at") || exit 1
    case $facts in
      "0 "*" l"* | "0 0 d"???????-? | "0 "*" d"????-??-?) ;;
      "0 "*" d"????????[tT]) [ "$at" != "$root" ] && [ "$at" != "$real" ] || facts= ;;
      *) facts= ;;
    esac
    [ "$facts" ] || {
      echo "$at may be changed by others than root, so a backup is not safe there: chown root: $at; chmod go-w $at" >&2
      exit 1
    }
    at=$(dirname -- "$at")
  done
}
real=
there=$root
until [ -e "$there" ] || [ -L "$there" ]; do there=$(dirname -- "$there"); done
roots_alone "$there"
mkdir -p "$root" && real=$(readlink -f -- "$root") || exit 1
roots_alone "$real"
chmod 0700 "$root" && chown 0:0 "$root" || exit 1
exec 9>>"$root/.lock" || exit 1
flock -n 9 || { read -r holder <"$root/.lock"; printf 'busy %s\\n' "$holder"; exit; }
holder=
read -r holder <"$root/.lock"
printf '%s\\n' "$owner" >"$root/.lock" || exit 1
printf 'held %s\\n' "$holder"
until [ "$word" = release ]; do
  word=$(timeout ${EXPIRY_SECONDS} dd bs=${SIGN_BYTES} count=1 2>/dev/null) && [ "$word" ] || exit
  [ "$word" = restore ] || continue
  read -r mode && read -r passwords || exit
  (printf '%s\\n' "$passwords" | setsid sh "$root/.restore/script" "$mode" >/dev/null 2>&1 &)
done
: >"$root/.lock"`;
