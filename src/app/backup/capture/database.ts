/** Dumping a database into a snapshot, with its rows counted at the moment of the dump. */
import {sh} from '../../../host/command.ts';
import type {Host} from '../../../host/host.ts';
import {dumpPath, type Postgres} from '../../application.ts';
import {asUser, postgresEnv} from '../../postgres/access.ts';
import {TRAITS, traitsOf} from '../../postgres/traits.ts';
import {AGE_SECRET_KEY, ageKeyIn} from '../age-key.ts';
import {inPartial, looking, type Site} from '../site.ts';
import type {Capture, Found} from './found.ts';

/** An exit code of ours. */
const HAS_KEY = 65;

/** How large it is; asking proves that it can be reached. What keeps psql from that is missing. */
export async function findDatabase(host: Host, component: Postgres): Promise<Found> {
  const {database, becomeUser, dumpProgram, format} = component;
  const programs = ['setpriv', 'psql', dumpProgram, ...(format === 'custom' ? ['pg_restore'] : [])];
  const script = `${sh`set -- ${programs}`.text}
for program; do
  command -v "$program" >/dev/null || { echo "there is no $program" >&2; exit 1; }
done
cd /
${asUser(becomeUser)}psql -XAtqw -c 'SELECT pg_database_size(current_database())'`;
  const from = `database ${database}`;
  const {code, stdout, stderr} = await host.run(
    looking(script, {env: postgresEnv(component), accept: 'any', shownAs: `look at the ${from}`}),
  );
  if (code === 0) return {bytes: Number(stdout.trim()), missing: [], from};
  const [why = ''] = stderr.trim().split('\n');
  return {missing: [why.replace(/^psql: error: /, '') || `psql ended with exit code ${code}`], from};
}

/**
 * Dumps it. One session holds the snapshot that the rows are counted in and that pg_dump reads, so that both are of one
 * moment. The file has its name when pg_dump itself has ended well and the dump is whole.
 * @throws CommandFailed with what pg_dump or psql said
 */
export async function captureDatabase(site: Site, component: Postgres): Promise<Capture> {
  const {database, becomeUser, format} = component;
  const script = `${sh`file=${dumpPath(component)} tables=${component.countTables.join('\n')}`.text}
mkdir -p database && : >"$file.partial" || exit 1
said=$(
  exec 3>>"$file.partial" && cd / || exit 1
  ${asUser(becomeUser)}psql -XAtqw -F ' ' -v ON_ERROR_STOP=1 -v "tables=$tables"
) || exit 1
code=\${said##*dump }
[ "\${code%%[!0-9]*}" = 0 ] || { echo "pg_dump ended with exit code $code" >&2; exit 1; }
${format === 'plain' ? IS_WHOLE : IS_READ} || { echo "pg_dump ended well, but the dump is not whole" >&2; exit 1; }
mv "$file.partial" "$file" || exit 1
printf '%s\\n' "$said"
stat -c 'bytes %s' "$file"`;
  const {stdout, code} = await site.host.run(
    inPartial(site, script, {
      accept: [0, HAS_KEY],
      env: postgresEnv(component),
      stdin: sessionOf(component),
      shownAs: `dump of the database ${database}`,
    }),
  );
  if (code === HAS_KEY) throw ageKeyIn(site.host, [`./${dumpPath(component)}`]);
  const [, moment = ''] = stdout.match(/^moment (\S+)$/m) ?? [];
  const [, bytes = '0'] = stdout.match(/^bytes (\d+)$/m) ?? [];
  const rows = [...stdout.matchAll(/^rows (\d+) (.+)$/gm)].map(([, count, table]) => [table, Number(count)]);
  const [, like = 'null'] = stdout.match(/^like (\{.*\})$/m) ?? [];
  const traits = traitsOf(JSON.parse(like));
  return {
    captured: {
      captured: true,
      files: 1,
      bytes: Number(bytes),
      moment,
      rows: Object.fromEntries(rows),
      ...(traits && {traits}),
    },
  };
}

/** pg_dump writes it last; newer ones put a line behind it. */
const IS_WHOLE = `tail -c 512 "$file.partial" | grep -qx -e '-- PostgreSQL database dump complete'`;
/** Its list is at the beginning, so all of it is read; what is compressed cannot be looked through later. */
const IS_READ = `
found=$({ pg_restore --file=- "$file.partial" || printf '\\npg_restore failed\\n'; } |
  grep -aiom 1 -E -e '${AGE_SECRET_KEY}' -e '^pg_restore failed$') || [ $? -eq 1 ] || exit 1
case $found in '') ;; pg_restore*) false ;; *) exit ${HAS_KEY} ;; esac`;

/** What psql runs. Limits of the server are not for it: it is idle while pg_dump, which does the same, runs. The exit code of `\!` is not psql's, so it is said. */
function sessionOf({dumpProgram, format, options}: Postgres): string {
  const words = [dumpProgram, `--format=${format}`, '--no-password', ...options];
  return String.raw`SET client_encoding = 'UTF8';
SELECT format('SET %I = 0', name) FROM pg_settings WHERE name IN
  ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout') \gexec
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT 'moment', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
SELECT 'like', ${TRAITS} FROM pg_database AS d WHERE d.datname = current_database();
SELECT pg_export_snapshot() AS exported \gset
\setenv FTASK_EXPORTED :exported
SELECT format('SELECT %L, count(*), %L FROM %s', 'rows', name, to_regclass(name))
  FROM unnest(string_to_array(:'tables', E'\n')) AS name WHERE to_regclass(name) IS NOT NULL \gexec
\! ${sh`${words}`.text} --snapshot="$FTASK_EXPORTED" </dev/null >&3; echo "dump $?"
COMMIT;
`;
}
