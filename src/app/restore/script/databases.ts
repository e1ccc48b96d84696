/** What the script of a restore does with databases. A new one is loaded beside the living one, and takes its name. */
import {sh} from '../../../host/command.ts';
import {asUser} from '../../postgres/access.ts';
import {alterationsOf, creationOf, type Traits} from '../../postgres/traits.ts';
import type {DatabaseStep} from '../plan/steps.ts';

export interface DatabaseWords {
  readonly step: DatabaseStep;
  /** The folder of the snapshot. */
  readonly folder: string;
  /** The name that it has until it is the living one. */
  readonly fresh: string;
  /** The name that the living one gets then. */
  readonly old: string;
  /** Whether there is a living one. */
  readonly exists: boolean;
  readonly traits: Traits | undefined;
  /** The database that is connected to. */
  readonly maintenance: string;
  /** Which word of the passwords is its own, from 1; 0 when it needs none. */
  readonly passwordAt: number;
}

/** Shell functions `load`, `swap`, `unswap` and `drop_old`, for one database at a time. */
export const DATABASES = `
secret() { printf '%s\\n' "$passwords" | cut -d ' ' -f "$1" | base64 -d; }
sql() {
  text=$1
  shift
  printf '%s\\n' "$text" |
    become psql -XAtqw -v ON_ERROR_STOP=1 -v VERBOSITY=terse -v "live=$name" -v "fresh=$fresh" -v "old=$old" "$@" -f -
}
is_there() {
  found=$(sql "SELECT 1 FROM pg_database WHERE datname = :'name'" -v "name=$1") || exit 1
  [ "$found" ]
}
shut() {
  sql 'ALTER DATABASE :"name" ALLOW_CONNECTIONS false' -v "name=$1" || return
  tries=0
  until [ "$(sql "$END_SESSIONS" -v "name=$1")" = 0 ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || { echo "the database $1 stays in use" >&2; return 1; }
    sleep 0.5
  done
}
END_SESSIONS="SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :'name'"
# One that a server did not drop to its end, as when its disk was full, can be dropped and nothing else.
drop() {
  is_there "$1" || return 0
  [ "$(sql "$LIMIT" -v "name=$1")" = -2 ] || shut "$1" || return
  sql 'DROP DATABASE :"name"' -v "name=$1"
}
LIMIT="SELECT datconnlimit FROM pg_database WHERE datname = :'name'"
load() {
  phase load "$name" || return
  ! is_there "$fresh" || { echo "there is a database $fresh already" >&2; return 1; }
  sql "$creation" || return
  if [ "$format" = plain ]; then
    become env "PGOPTIONS=-c client_min_messages=warning$as_role" psql -Xqw -v ON_ERROR_STOP=1 -v VERBOSITY=terse \\
      -d "$fresh" -f - <"$dump" >/dev/null || return
  else
    become pg_restore --exit-on-error --no-password \${role:+--no-owner "--role=$role"} -d "$fresh" <"$dump" || return
  fi
  sql "$alterations" || return
  got=$(sql "$COUNT" -F ' ' -d "$fresh" -v "tables=$tables") || return
  if [ "$got" != "$rows" ]; then
    echo "the metadata tells of other rows than were loaded into $name:" $rows, not $got >&2
    return 1
  fi
  sql 'SET client_min_messages = error; ANALYZE' -d "$fresh"
}
COUNT="SELECT format('SELECT %L, count(*) FROM %s', name, to_regclass(name))
  FROM unnest(string_to_array(:'tables', E'\\n')) WITH ORDINALITY AS each (name, at)
  WHERE to_regclass(name) IS NOT NULL ORDER BY at \\gexec"
swap() {
  phase swap "$name" || return
  shut "$fresh" || return
  if [ "$exists" ]; then
    shut "$name" && sql "$SWAP"
  else
    sql 'ALTER DATABASE :"fresh" RENAME TO :"live"'
  fi && sql 'ALTER DATABASE :"live" ALLOW_CONNECTIONS true'
}
SWAP='BEGIN; ALTER DATABASE :"live" RENAME TO :"old"; ALTER DATABASE :"fresh" RENAME TO :"live"; COMMIT'
# What has its name after that may be somebody else's by then.
unswap() {
  ! has "unswapped $name" || return 0
  take_back && { say "unswapped $name" || true; }
}
take_back() {
  tries=0
  until sql 'SELECT'; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || return
    sleep 1
  done
  if is_there "$old"; then
    ! is_there "$name" || { shut "$name" && sql 'ALTER DATABASE :"live" RENAME TO :"fresh"'; } || return
    sql 'ALTER DATABASE :"old" RENAME TO :"live"' || return
  elif [ -z "$exists" ] && has "phase swap $name" && ! is_there "$fresh" && is_there "$name"; then
    shut "$name" && sql 'ALTER DATABASE :"live" RENAME TO :"fresh"' || return
  fi
  if [ "$exists" ] && has "phase swap $name"; then
    sql 'ALTER DATABASE :"live" ALLOW_CONNECTIONS true' || return
  fi
  drop "$fresh"
}
drop_old() { (drop "$old") || say "stuck the database $old"; }`;

/** The function `database_<at>`: it does what it is told with this database, in a shell of its own. */
export function databaseText(at: number, words: DatabaseWords): string {
  const {step, folder, fresh, old, exists, traits, maintenance, passwordAt} = words;
  const {component, dump, format, hasNoOwners, rows} = step;
  const {database, owner: configured, user, host, port, becomeUser} = component;
  const owner = traits?.owner ?? configured;
  const tables = Object.keys(rows);
  const role = hasNoOwners ? owner : '';
  const asRole = hasNoOwners ? ` -c role=${owner.replaceAll(/[\s\\]/g, '\\$&')}` : '';
  return [
    `database_${at}() { (`,
    sh`name=${database} fresh=${fresh} old=${old} exists=${exists ? 'yes' : ''}`.text,
    sh`dump=${`${folder}/${dump}`} format=${format} role=${role} as_role=${asRole}`.text,
    sh`creation=${creationOf(fresh, owner, traits)}`.text,
    sh`alterations=${traits ? alterationsOf(fresh, traits) : ''}`.text,
    sh`tables=${tables.join('\n')} rows=${tables.map((table) => `${table} ${rows[table]}`).join('\n')}`.text,
    sh`export PGDATABASE=${maintenance} PGUSER=${user} PGPORT=${port} PGAPPNAME=ftask PGCONNECT_TIMEOUT=15`
      .text,
    ...(host === undefined ? [] : [sh`export PGHOST=${host}`.text]),
    ...(passwordAt === 0 ? [] : [`PGPASSWORD=$(secret ${passwordAt}); export PGPASSWORD`]),
    `become() { ${asUser(becomeUser)}"$@"; }`,
    '"$1"',
    '); }',
  ].join('\n');
}
