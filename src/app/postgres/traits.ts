/** What a database is like beside what is in it: pg_dump leaves that out, and one that is made anew has to have it. */

export interface Traits {
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** Of its collation, as pg_database has it: `c` is libc, `i` ICU, `b` PostgreSQL itself; null before PostgreSQL 15. */
  readonly provider: string | null;
  /** Of a provider that is not libc. */
  readonly locale: string | null;
  readonly rules: string | null;
  readonly tablespace: string;
  readonly connectionLimit: number;
  readonly comment: string | null;
  /** Null: nobody ever changed who may do what. A grantee of null is everybody. */
  readonly grants: readonly Grant[] | null;
  /** `name=value`; a role of null is every role. */
  readonly settings: readonly {readonly role: string | null; readonly setting: string}[];
}

interface Grant {
  readonly grantee: string | null;
  readonly privilege: string;
  readonly grantable: boolean;
}

/** An SQL expression: JSON of the traits of the row `d` of pg_database. Columns of newer versions are null in older ones. */
export const TRAITS = `jsonb_build_object(
  'owner', pg_get_userbyid(d.datdba), 'encoding', pg_encoding_to_char(d.encoding),
  'collate', d.datcollate, 'ctype', d.datctype, 'provider', to_jsonb(d)->>'datlocprovider',
  'locale', coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale'), 'rules', to_jsonb(d)->>'daticurules',
  'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = d.dattablespace),
  'connectionLimit', d.datconnlimit, 'comment', shobj_description(d.oid, 'pg_database'),
  'grants', CASE WHEN d.datacl IS NOT NULL THEN (SELECT coalesce(jsonb_agg(jsonb_build_object(
    'grantee', CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END,
    'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]') FROM aclexplode(d.datacl) AS a) END,
  'settings', (SELECT coalesce(jsonb_agg(jsonb_build_object(
    'role', CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END, 'setting', one)), '[]')
    FROM pg_db_role_setting AS s, unnest(s.setconfig) AS one WHERE s.setdatabase = d.oid))`;

/** What was made with `TRAITS`, or read back; undefined when it is none. */
export function traitsOf(value: unknown): Traits | undefined {
  const raw = mapOf(value);
  const texts = ['owner', 'encoding', 'collate', 'ctype', 'tablespace'].map((name) => textIn(raw, name));
  if (texts.includes(null) || !Number.isInteger(raw['connectionLimit'])) return undefined;
  const [owner = '', encoding = '', collate = '', ctype = '', tablespace = ''] = texts.map(String);
  return {
    owner,
    encoding,
    collate,
    ctype,
    provider: textIn(raw, 'provider'),
    locale: textIn(raw, 'locale'),
    rules: textIn(raw, 'rules'),
    tablespace,
    connectionLimit: Number(raw['connectionLimit']),
    comment: textIn(raw, 'comment'),
    grants: Array.isArray(raw['grants']) ? raw['grants'].flatMap(grantOf) : null,
    settings: Array.isArray(raw['settings']) ? raw['settings'].flatMap(settingOf) : [],
  };
}

function grantOf(value: unknown): Grant[] {
  const raw = mapOf(value);
  const privilege = textIn(raw, 'privilege') ?? '';
  if (!/^[A-Z ]+$/.test(privilege)) return [];
  return [{grantee: textIn(raw, 'grantee'), privilege, grantable: raw['grantable'] === true}];
}

function settingOf(value: unknown): Traits['settings'][number][] {
  const raw = mapOf(value);
  const setting = textIn(raw, 'setting') ?? '';
  return /^[\w.]+=/.test(setting) ? [{role: textIn(raw, 'role'), setting}] : [];
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? {...value} : {};
}

function textIn(raw: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = raw[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Roles that must be there to make it anew. */
export function rolesOf({owner, grants, settings}: Traits): string[] {
  const named = [...(grants ?? []).map(({grantee}) => grantee), ...settings.map(({role}) => role)];
  return [...new Set([owner, ...named.flatMap((role) => role ?? [])])];
}

/** SQL that makes an empty database like it; without traits, one as the server makes them. */
export function creationOf(name: string, owner: string, traits: Traits | undefined): string {
  const made = `CREATE DATABASE ${identifier(name)} OWNER ${identifier(owner)} TEMPLATE template0`;
  if (!traits) return `${made};`;
  const {encoding, collate, ctype, provider, locale, rules, tablespace} = traits;
  return [
    made,
    `ENCODING ${literal(encoding)}`,
    `LC_COLLATE ${literal(collate)}`,
    `LC_CTYPE ${literal(ctype)}`,
    ...(provider === 'c' ? ['LOCALE_PROVIDER libc'] : []),
    ...(provider === 'i' && locale !== null ? [`LOCALE_PROVIDER icu ICU_LOCALE ${literal(locale)}`] : []),
    ...(provider === 'i' && rules !== null ? [`ICU_RULES ${literal(rules)}`] : []),
    ...(provider === 'b' && locale !== null
      ? [`LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(locale)}`]
      : []),
    `TABLESPACE ${identifier(tablespace)};`,
  ].join(' ');
}

/** SQL that gives a database what its traits say beside its making. After its content: a setting may change how that is read. */
export function alterationsOf(
  name: string,
  {owner, connectionLimit, comment, grants, settings}: Traits,
): string {
  const database = `DATABASE ${identifier(name)}`;
  return [
    `ALTER ${database} CONNECTION LIMIT ${connectionLimit};`,
    ...(comment === null ? [] : [`COMMENT ON ${database} IS ${literal(comment)};`]),
    ...(grants === null ? [] : [`REVOKE ALL ON ${database} FROM PUBLIC, ${identifier(owner)};`]),
    ...(grants ?? []).map(({grantee, privilege, grantable}) => {
      const whom = grantee === null ? 'PUBLIC' : identifier(grantee);
      return `GRANT ${privilege} ON ${database} TO ${whom}${grantable ? ' WITH GRANT OPTION' : ''};`;
    }),
    ...settings.map(({role, setting}) => {
      const [parameter = ''] = setting.split('=', 1);
      const what = role === null ? `ALTER ${database}` : `ALTER ROLE ${identifier(role)} IN ${database}`;
      return `${what} SET ${parameter} TO ${settingText(parameter, setting.slice(parameter.length + 1))};`;
    }),
  ].join('\n');
}

/** Parameters whose values are kept as lists of quoted names, as pg_dump's variable_is_guc_list_quote knows them. */
const LISTS: ReadonlySet<string> = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

function settingText(parameter: string, value: string): string {
  if (!LISTS.has(parameter.toLowerCase())) return literal(value);
  const items = value.match(/"(?:[^"]|"")*"|[^\s,"]+/g) ?? [''];
  return items
    .map((item) => literal(item.startsWith('"') ? item.slice(1, -1).replaceAll('""', '"') : item))
    .join(', ');
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}
