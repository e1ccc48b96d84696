/** The kinds of values that say what an application is, and what of it is backed up. */
import {z} from 'zod';
import {policy} from './retention.ts';
import {choice, duration, flag, httpUrl, positiveNumber, text, wholeNumber} from './values.ts';

/** The beginning of the names of snapshots; what is made before a restore has its own, which is never taken for the latest. */
export function prefix() {
  const expected = 'expected letters, digits, dots, dashes and underscores, and not pre-restore';
  return text(100).regex(/^(?!pre-restore$)[A-Za-z0-9][\w.-]*$/, expected);
}

/** A path on a host. */
export function absolutePath() {
  return text(4096)
    .regex(/^\/(?!.*(^|\/)\.\.(\/|$))/, 'expected a path that begins with / and has no ..')
    .overwrite((path) => path.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1'));
}

/** The public keys that an archive is encrypted to. */
export function recipients() {
  const expected = 'expected a public key of age, age1..., or of ssh';
  const key = text(2048).regex(/^(age1[\da-z]+|ssh-(ed25519|rsa) \S+.*)$/, expected);
  return z.array(key, 'expected a list of public keys of age such as [age1...]');
}

/** A list of texts. */
export function texts(example: string) {
  return z.array(text(4096), `expected a list such as ${example}`);
}

/** What goes into the metadata of a snapshot as it is. */
export function extra() {
  return z.record(z.string(), z.unknown(), {error: 'expected a map such as {ticket: OPS-7}'});
}

/** How much more space than estimated must be free. */
export function ratio() {
  return positiveNumber().max(100, 'expected a number of at most 100');
}

/** Archives as tar makes them. */
export function archiveFormat() {
  return choice('tar.gz', 'tar.zst');
}

/** Applications by name. */
export function applications() {
  const name = z
    .string()
    .regex(/^[a-z][\w-]{0,63}$/i, 'expected a name: a letter, then letters, digits and dashes');
  return z.record(name, application(), {error: 'expected a map of applications by name'});
}

function application() {
  return z.strictObject(
    {
      root: absolutePath()
        .optional()
        .describe('Folder of the snapshots on the host; /opt/backups/NAME by default.'),
      prefix: prefix()
        .optional()
        .describe('What their names begin with; the name of the application by default.'),
      version: text(65_536)
        .optional()
        .describe('A piece of shell that prints the version that is installed.'),
      components: z
        .record(componentName(), component(), {error: 'expected a map such as {sites: {tree: /data/sites}}'})
        .describe('What is captured, by name.'),
      create_archive: flag().prefault(true).describe('Make an archive beside the folder.'),
      archive_format: archiveFormat().prefault('tar.gz').describe('Its format.'),
      age_recipients: recipients().prefault([]).describe('Encrypt it to these public keys of age.'),
      fetch_local: flag().prefault(true).describe('Bring it to this machine.'),
      local_dir: text(4096).optional().describe('Folder on this machine; ~/backups/NAME by default.'),
      disk_overhead_ratio: ratio().prefault(1.5).describe('How many times the estimate must be free.'),
      keep: policy().optional().describe('Retention of the snapshots on the host; none by default.'),
      keep_local: policy().optional().describe('Retention of the archives on this machine; none by default.'),
      services: z
        .array(service(), 'expected a list of services')
        .prefault([])
        .describe('Stopped for a restore.'),
      after_restore: texts('[systemctl reload nginx]').prefault([]).describe('Run after a restore.'),
      health: health().optional().describe('How a restored application is known to work.'),
      check: text(65_536).optional().describe('A piece of shell that checks a restored copy.'),
      metadata_extra: extra().prefault({}).describe('Goes into the metadata of each snapshot.'),
    },
    'expected a map with components',
  );
}

function componentName() {
  return z
    .string()
    .regex(/^[a-z][\w-]{0,63}$/i, 'expected a name: a letter, then letters, digits and dashes');
}

/** A path in a snapshot. */
export function place() {
  return text(1024).regex(
    /^(?!\/)(?!(database\/|metadata\.yml$|contents\.jsonl$|manifest\.sha256$))(?!.*(^|\/)\.{0,2}(\/|$)).+$/,
    'expected a path below the snapshot, other than what ftask writes there',
  );
}

/** Kinds are told apart by their first key. */
function component() {
  const into = place();
  const required = flag().optional().describe('Without it there is no backup.');
  const postgres = z.strictObject({
    postgres: text(63).describe('The database.'),
    user: text(63).prefault('postgres').describe('The role that dumps it.'),
    become_user: text(32).prefault('postgres').describe('The user of the host that its programs run as.'),
    host: text().optional().describe('Where it is; the local socket by default.'),
    port: wholeNumber(1, 65_535).prefault(5432),
    password_file: text(4096)
      .optional()
      .describe('File on this machine with the password, for its owner only.'),
    format: choice('plain', 'custom').prefault('custom'),
    dump_options: texts('[--no-owner]').prefault([]),
    owner: text(63).optional().describe('The role that owns it; the one that dumps it by default.'),
    count_tables: texts('[public.orders]').prefault([]).describe('Tables whose rows are counted.'),
  });
  const tree = z.strictObject({
    tree: absolutePath().describe('A folder.'),
    into: into.optional(),
    excludes: texts('[cache/]').prefault([]).describe('Patterns of rsync.'),
    required,
  });
  const files = z.strictObject({files: texts('[/etc/shop/*.env]'), into: into.optional(), required});
  const journal = z.strictObject({journal: text(256).describe('A unit.'), into: into.optional(), required});
  const output = z.strictObject({
    output: text(65_536).describe('A piece of shell.'),
    user: text(32).optional(),
    into: into.optional(),
    required,
  });
  return z.union(
    [postgres, tree, files, journal, output],
    'expected a map with postgres, tree, files, journal or output, such as {tree: /data/sites}',
  );
}

function service() {
  const kinds = [
    z.strictObject({systemd: text(256)}),
    z.strictObject({compose: absolutePath(), service: text(256)}),
    z.strictObject({start: text(65_536), stop: text(65_536), is_active: text(65_536)}),
  ] as const;
  return z.union(
    kinds,
    'expected {systemd: UNIT}, {compose: FOLDER, service: NAME} or {start: ..., stop: ..., is_active: ...}',
  );
}

function health() {
  return z.strictObject(
    {
      url: httpUrl().optional().describe('Answers with 200, as seen from the host.'),
      retries: wholeNumber(0, 1000).prefault(5),
      delay: duration().prefault('2s'),
    },
    'expected a map such as {url: http://127.0.0.1:8000/health/}',
  );
}
